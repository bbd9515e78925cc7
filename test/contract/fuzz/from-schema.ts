import fc from 'fast-check';
import type { JsonSchema } from '../described.ts';
import { resolved } from '../described.ts';
import { HOSTILE_TEXTS, hostileJson } from './hostile.ts';

/** JSON that fits a schema of the document, but for one place in ten, where anything may stand. */
export function mostlyFitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: fitting(resolved(schema)) }, { weight: 1, arbitrary: hostileJson });
}

function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { const: constant, enum: values, anyOf, oneOf, type } = schema as Shape;
  if (constant !== undefined) return fc.constant(constant);
  if (values !== undefined) return fc.constantFrom(...values);
  const either = anyOf ?? oneOf;
  if (either !== undefined) return fc.oneof(...either.map(mostlyFitting));
  const [one, ...others] = [type ?? []].flat();
  if (others.length > 0) return fc.oneof(...[one, ...others].map((each) => fitting({ ...schema, type: each })));
  const make = one === undefined ? undefined : KINDS[one];
  return make === undefined ? fc.jsonValue({ maxDepth: 3 }) : make(schema);
}

interface Shape {
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  type?: string | string[];
}

const KINDS: Readonly<Record<string, (schema: JsonSchema) => fc.Arbitrary<unknown>>> = {
  null: () => fc.constant(null),
  boolean: () => fc.boolean(),
  integer: ({ minimum = -1000, maximum = 100_000 }) => fc.integer({ min: Number(minimum), max: Number(maximum) }),
  number: ({ minimum = -1000, maximum = 100_000 }) => fc.double({ min: Number(minimum), max: Number(maximum) }),
  string: textOf,
  array: listOf,
  object: objectOf,
};

function textOf({ format, pattern, minLength = 0, maxLength = 60 }: JsonSchema): fc.Arbitrary<string> {
  const bounds = { minLength: Number(minLength), maxLength: Math.min(Number(maxLength), 200) };
  if (format === 'date-time') return moments;
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  return fc.oneof(fc.string(bounds), fc.string({ ...bounds, unit: 'binary' }), fc.constantFrom(...URLS));
}

/** Some texts are addresses, which no schema says: without these none would get past the guard. */
const URLS = ['https://example.com/', 'https://example.org:8443/a?b=c', 'http://127.0.0.1:9/', 'https://[::1]/', '//x'];

const moments = fc
  .date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

function listOf({ items = {}, minItems = 0, maxItems = 4 }: JsonSchema): fc.Arbitrary<unknown> {
  const maxLength = Math.max(Number(minItems), Math.min(Number(maxItems), 4));
  return fc.array(mostlyFitting(items as JsonSchema), { minLength: Number(minItems), maxLength });
}

/** Fields that must be there are now and then left out, and some that nobody knows put in. */
function objectOf({ properties = {}, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties as Record<string, JsonSchema>);
  const demanded = new Set(required as string[]);
  const parts = fields.map(([name, schema]) => {
    const kept = demanded.has(name) ? { weight: 30, of: 31 } : { weight: 1, of: 3 };
    const value = mostlyFitting(schema).map((given) => ({ [name]: given }));
    return fc.oneof(
      { weight: kept.weight, arbitrary: value },
      { weight: kept.of - kept.weight, arbitrary: fc.constant({}) },
    );
  });
  const extra = fc.oneof(
    { weight: 30, arbitrary: additionalOf(additionalProperties) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...HOSTILE_TEXTS), hostileJson, { maxKeys: 2 }) },
  );
  return fc.tuple(fc.tuple(...parts), extra).map(([own, added]) => Object.assign({}, ...own, added));
}

function additionalOf(additional: unknown): fc.Arbitrary<Record<string, unknown>> {
  if (typeof additional !== 'object' || additional === null) return fc.constant({});
  const names = fc.oneof(fc.stringMatching(/^[a-z][a-z-]{0,12}$/), fc.string({ maxLength: 12 }));
  return fc.dictionary(names, mostlyFitting(additional as JsonSchema), { maxKeys: 3, noNullPrototype: true });
}
