import type { Problem } from '@hooklane/domain';
import type { JsonSchema } from '@hooklane/engine';
import type { ErrorObject, Options } from 'ajv';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { FORMATS } from './formats.ts';
import { SHOWN_PROBLEMS } from './limits.ts';
import { linearPattern } from './linear-pattern.ts';
import { subschemasOf } from './subschemas.ts';

/** What is wrong with a value, where; `field` begins with `name`. Nothing of the value is repeated. */
export type Validator = (value: unknown, name: string) => Problem[];

export interface Compiled {
  validate: Validator;
  /** About what it takes in memory, in characters of a schema without patterns. */
  weight: number;
}

/** A step of a pattern takes as much as so many characters of the schema. */
const STEP_WEIGHT = 10;

/**
 * Makes a validator of a schema that was found to be one. Throws what Ajv throws: a reference leads nowhere, say. A
 * validator throws a RangeError for a schema that refers to itself without end.
 */
export function compileSchema(schema: JsonSchema): Compiled {
  let weight = JSON.stringify(schema).length;
  const regExp = (text: string) => {
    const pattern = linearPattern(text);
    weight += STEP_WEIGHT * pattern.steps;
    return pattern;
  };
  // An instance for each schema: what is shared would be kept for good.
  const ajv = new (dialectOf(schema))({
    ...OPTIONS,
    code: { regExp: Object.assign(regExp, { code: 'linearPattern' }) },
  });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword(UNIQUE_ITEMS);
  for (const [name, format] of Object.entries(FORMATS)) ajv.addFormat(name, format);
  const validate = ajv.compile(unnamed(schema));
  const names = propertyNames(schema);
  return {
    validate: (value, name) => (validate(value) ? [] : problemsOf(validate.errors ?? [], { name, names })),
    weight,
  };
}

/** What makes it no schema of its dialect, with the place. */
export function schemaProblems(schema: JsonSchema): Problem[] {
  const ajv = metaOf(schema);
  if (ajv.validateSchema(unnamed(schema)) === true) return [];
  const told = (ajv.errors ?? []).map(({ instancePath, message = 'is wrong' }) => ({
    field: `schema${instancePath}`,
    message,
  }));
  return told.slice(0, SHOWN_PROBLEMS);
}

const OPTIONS: Options = {
  // Unknown keywords are notes, as JSON Schema has it.
  strict: false,
  logger: false,
  // The schema was held against its dialect before.
  meta: false,
  validateSchema: false,
  // Copying what is referred to would make a large function of a small schema.
  inlineRefs: false,
};

const META = { strict: false, logger: false } as const;
const metas = new Map<typeof Ajv | typeof Ajv2020, Ajv | Ajv2020>();

/** Kept: to compile a dialect takes a tenth of a second. */
function metaOf(schema: JsonSchema): Ajv | Ajv2020 {
  const dialect = dialectOf(schema);
  const known = metas.get(dialect) ?? new dialect(META);
  metas.set(dialect, known);
  return known;
}

function dialectOf(schema: JsonSchema): typeof Ajv | typeof Ajv2020 {
  return typeof schema === 'object' && String(schema['$schema']).includes('draft-07') ? Ajv : Ajv2020;
}

/** Its name would be looked up, and clash with others of that name. */
function unnamed(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const { $id: _id, $schema: _schema, ...rest } = schema;
  return rest;
}

/** Ajv's own compares each item with each other: a payload of a few thousand takes seconds. */
const UNIQUE_ITEMS = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  validate: (wanted: boolean, items: unknown[]) => !wanted || new Set(items.map(canonical)).size === items.length,
  error: { message: 'must NOT have duplicate items' },
} as const;

/** The same text for what JSON Schema calls equal. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function propertyNames(schema: JsonSchema): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { schema: part } of subschemasOf(schema)) {
    if (typeof part === 'object') for (const name of Object.keys(Object(part['properties']))) names.add(name);
  }
  return names;
}

function problemsOf(
  errors: readonly ErrorObject[],
  { name, names }: { name: string; names: ReadonlySet<string> },
): Problem[] {
  return errors.slice(0, SHOWN_PROBLEMS).map(({ instancePath, message = 'does not fit' }) => ({
    field: `${name}${shownPath(instancePath, names)}`,
    message,
  }));
}

/** Names that are not the schema's own are the payload's: somebody's address may be a key. */
function shownPath(pointer: string, names: ReadonlySet<string>): string {
  const [first = '', ...segments] = pointer.split('/');
  const shown = segments.map((segment) => {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    return /^\d{1,6}$/.test(name) || names.has(name) ? segment : '*';
  });
  return [first, ...shown].join('/');
}
