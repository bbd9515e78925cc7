import type { JsonSchema } from '@hooklane/engine';

export interface Subschema {
  schema: JsonSchema;
  /** JSON Pointer; empty for the whole. */
  pointer: string;
}

/** Name → schema. */
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];
/** A list of schemas, or one. */
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];
const SINGLES = [
  'not',
  'if',
  'then',
  'else',
  'additionalProperties',
  'additionalItems',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
];

/** A schema and all that it is made of, where the two dialects have schemas. What is no schema there is passed over. */
export function* subschemasOf(schema: JsonSchema, pointer = ''): Generator<Subschema, void> {
  yield { schema, pointer };
  if (typeof schema === 'boolean') return;
  for (const [child, at] of childrenOf(schema)) {
    if (isSchema(child)) yield* subschemasOf(child, pointer + at);
  }
}

function* childrenOf(schema: Readonly<Record<string, unknown>>): Generator<[child: unknown, pointer: string], void> {
  for (const keyword of [...MAPS, ...LISTS, ...SINGLES]) {
    const value = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined;
    if (MAPS.includes(keyword) || (LISTS.includes(keyword) && Array.isArray(value))) {
      for (const [name, child] of Object.entries(value ?? {})) yield [child, `/${keyword}/${escaped(name)}`];
    } else {
      yield [value, `/${keyword}`];
    }
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
