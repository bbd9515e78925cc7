import type { Route } from '../contract/route.ts';
import { openApiDocument } from './document.ts';
import { docsPage } from './page/docs-page.ts';

/** The document as it is served. */
export interface Docs {
  readonly json: string;
  readonly page: string;
}

/** Both are made when they are first asked for: most processes never are. */
export function docsOf(routes: readonly Route[]): Docs {
  let json: string | undefined;
  let page: string | undefined;
  return {
    get json() {
      json ??= JSON.stringify(openApiDocument(routes));
      return json;
    },
    get page() {
      page ??= docsPage(openApiDocument(routes));
      return page;
    },
  };
}
