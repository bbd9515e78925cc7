import type { Send } from './http.ts';
import type { Query } from './paths.ts';

/** One page of a list. */
export interface Page<T> {
  data: T[];
  /** Hand it back as `cursor` to get the next page; null on the last one. */
  next_cursor: string | null;
}

export type PageQuery = {
  /** At most 100. */
  limit?: number;
  cursor?: string;
};

export interface Listing<T, Q> {
  /** One page. */
  list(query?: Q): Promise<Page<T>>;
  /** Every item of every page; a page is asked for when the last item of the one before was taken. */
  all(query?: Q): AsyncGenerator<T, void>;
}

export function listing<T, Q extends Query>(send: Send, path: string): Listing<T, Q> {
  const fetchPage = (query?: Query) => send<Page<T>>({ method: 'GET', path, query, repeat: 'always' });
  return {
    list: fetchPage,
    async *all(query) {
      let page = await fetchPage(query);
      yield* page.data;
      while (page.next_cursor) {
        page = await fetchPage({ ...query, cursor: page.next_cursor });
        yield* page.data;
      }
    },
  };
}
