import type { JsonSchema } from '../schema-book.ts';
import type { Html } from './html.ts';
import { html, inline } from './html.ts';

const REFERENCE = '#/components/schemas/';

/** The fields of an object as a table; anything else in a line. */
export function schemaHtml(schema: JsonSchema): Html {
  const { properties, required = [] } = schema as { properties?: Record<string, JsonSchema>; required?: string[] };
  if (properties === undefined) return html`<p>${typeHtml(schema)}</p>`;
  const rows = Object.entries(properties).map(([name, field]) => {
    return html`<tr><th><code>${name}</code>${required.includes(name) ? html`<b title="required">*</b>` : null}</th>
<td>${typeHtml(field)}</td><td>${remarks(field)}</td></tr>`;
  });
  return html`<table>${rows}</table>`;
}

/** What a value may be: `text`, `list of Delivery`, … */
export function typeHtml(schema: JsonSchema): Html {
  const { $ref, anyOf, oneOf, enum: values, items } = schema as Shape;
  if ($ref !== undefined) return referenceHtml($ref);
  if (schema['const'] !== undefined) return html`<code>${JSON.stringify(schema['const'])}</code>`;
  if (values !== undefined) return joined(values.map((value) => html`<code>${String(value)}</code>`));
  const either = anyOf ?? oneOf;
  if (either !== undefined) return joined(either.map(typeHtml));
  if (items !== undefined) return html`list of ${typeHtml(items)}`;
  return objectHtml(schema) ?? html`${plainType(schema)}`;
}

interface Shape {
  $ref?: string;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  items?: JsonSchema;
}

function referenceHtml(reference: string): Html {
  const name = reference.slice(REFERENCE.length);
  return html`<a href="#schema-${name}">${name}</a>`;
}

function objectHtml(schema: JsonSchema): Html | null {
  const { properties, additionalProperties } = schema as {
    properties?: Record<string, JsonSchema>;
    additionalProperties?: JsonSchema | boolean;
  };
  if (properties !== undefined) return schemaHtml(schema);
  if (typeof additionalProperties !== 'object') return null;
  return html`map of ${typeHtml(additionalProperties)}`;
}

function plainType({ type, format }: JsonSchema): string {
  if (type === undefined) return 'any JSON';
  const types = [type].flat().map(String);
  return format === undefined ? types.join(' or ') : `${types.join(' or ')} (${format})`;
}

const BOUNDS: readonly (readonly [string, string])[] = [
  ['minimum', '≥'],
  ['maximum', '≤'],
  ['minLength', 'characters ≥'],
  ['maxLength', 'characters ≤'],
  ['minItems', 'items ≥'],
  ['maxItems', 'items ≤'],
  ['pattern', 'matches'],
  ['default', 'default'],
];

function remarks(schema: JsonSchema): Html {
  const { description } = schema as { description?: string };
  const bounds = BOUNDS.filter(([key]) => schema[key] !== undefined).map(([key, words]) => {
    return html` <small>${words} <code>${String(schema[key])}</code></small>`;
  });
  return html`${description === undefined ? null : inline(description)}${bounds}`;
}

function joined(parts: readonly Html[]): Html {
  return html`${parts.map((part, at) => (at === 0 ? part : html` | ${part}`))}`;
}
