import { createHash } from 'node:crypto';
import type { OpenApiDocument } from '../openapi-types.ts';
import type { JsonSchema } from '../schema-book.ts';
import { Html, html, prose } from './html.ts';
import { operationHtml } from './operation-html.ts';
import { schemaHtml } from './schema-html.ts';
import { STYLE } from './style.ts';

/** The document for people: one page that loads nothing and runs nothing. */
export function docsPage(document: OpenApiDocument): string {
  const { info, tags, components } = document;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${info.title} API</title>${STYLE_ELEMENT}</head><body>
<h1>${info.title} API</h1><p><small>The same for machines: <a href="/openapi.json">openapi.json</a></small></p>
${prose(info.description)}
${refusedHtml(components.responses)}
<nav>${[...tags.map(({ name }) => name), 'Schemas'].map((name) => html`<a href="#${anchorOf(name)}">${name}</a>`)}</nav>
${tags.map(({ name, description }) => chapterHtml(document, name, description))}
<h2 id="schemas">Schemas</h2>
${Object.entries(components.schemas).map(([name, schema]) => namedSchemaHtml(name, schema))}
</body></html>`;
  return page.text;
}

const STYLE_ELEMENT = html`<style>${new Html(STYLE)}</style>`;

/** Only our own style may act, known by its hash. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

function chapterHtml({ paths, components }: OpenApiDocument, tag: string, description: string): Html {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => operationHtml({ method, path, operation, shared: components.responses })),
  );
  return html`<h2 id="${anchorOf(tag)}">${tag}</h2>${prose(description)}${operations}`;
}

/** What is not repeated with each operation. */
function refusedHtml({ Refused }: OpenApiDocument['components']['responses']): Html | null {
  if (Refused === undefined) return null;
  return html`<details><summary>Refusals that do not depend on the route</summary>${prose(Refused.description)}</details>`;
}

function namedSchemaHtml(name: string, schema: JsonSchema): Html {
  const { description } = schema as { description?: string };
  return html`<details id="schema-${name}"><summary><code>${name}</code></summary>
${description === undefined ? null : prose(description)}${schemaHtml(schema)}</details>`;
}

function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}
