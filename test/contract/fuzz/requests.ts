import fc from 'fast-check';
import type { Described, JsonSchema } from '../described.ts';
import { bodyExample, OPERATIONS, paramsOf, resolved } from '../described.ts';
import { mostlyFitting } from './from-schema.ts';
import { hostileBody, hostileText } from './hostile.ts';

/** A request as it is drawn: what it names is looked up when it is made. */
export interface Drawn {
  described: Described;
  /** Whose key; `none` and `odd` are no keys. */
  caller: 'org' | 'operator' | 'stranger' | 'none' | 'odd';
  /** By parameter. */
  params: Record<string, DrawnParam>;
  query: [name: string, value: string][];
  headers: Record<string, string>;
  body: Buffer | null;
}

/** A thing there is (which of them), an id of nothing, or a text. */
export type DrawnParam = { there: number } | 'nothing' | { text: string };

/** Any operation, with everything about it mostly as the document wants it. */
export function drawnRequests(): fc.Arbitrary<Drawn> {
  return fc.oneof(...OPERATIONS.map(drawnFor));
}

function drawnFor(described: Described): fc.Arbitrary<Drawn> {
  const { parameters = [], requestBody } = described.operation;
  const [body] = Object.values(requestBody?.content ?? {});
  return fc.record({
    described: fc.constant(described),
    caller: caller(described),
    params: fc.record(Object.fromEntries([...paramsOf(described), { name: 'org' }].map(({ name }) => [name, param]))),
    query: queryOf(parameters.filter((parameter) => parameter.in === 'query')),
    headers: headersOf(parameters.filter((parameter) => parameter.in === 'header')),
    body: bodyOf(described, body?.schema as JsonSchema | undefined),
  });
}

/** Mostly somebody who may: what is refused at the door finds no defects behind it. */
function caller({ definition: { access } }: Described): fc.Arbitrary<Drawn['caller']> {
  const rightful = access === 'operator' ? 'operator' : 'org';
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant(rightful) },
    { weight: 1, arbitrary: fc.constantFrom('org', 'operator', 'stranger', 'none', 'odd') },
  );
}

const param: fc.Arbitrary<DrawnParam> = fc.oneof(
  // The first of its kind belongs to the first of every other: a request that names several is to find them together.
  { weight: 8, arbitrary: fc.constant({ there: 0 }) },
  { weight: 8, arbitrary: fc.record({ there: fc.nat({ max: 50 }) }) },
  { weight: 2, arbitrary: fc.constant('nothing' as const) },
  { weight: 1, arbitrary: fc.record({ text: hostileText }) },
);

type Parameters = NonNullable<Described['operation']['parameters']>;

function queryOf(parameters: Parameters): fc.Arbitrary<Drawn['query']> {
  const given = parameters.map(({ name, schema }) => {
    return fc.oneof(
      { weight: 3, arbitrary: fc.constant<Drawn['query']>([]) },
      { weight: 1, arbitrary: valuesOf(name, schema) },
    );
  });
  const odd = fc.array(fc.tuple(hostileText, hostileText), { maxLength: 2 });
  const extra = fc.oneof({ weight: 30, arbitrary: fc.constant<Drawn['query']>([]) }, { weight: 1, arbitrary: odd });
  return fc.tuple(...given, extra).map((parts) => parts.flat());
}

function valuesOf(name: string, schema: JsonSchema): fc.Arbitrary<Drawn['query']> {
  // A call that waits takes as long as its receiver.
  if (name === 'wait') return fc.constantFrom('false', 'no', '').map((value) => [[name, value]]);
  return mostlyFitting(schema).map((value) => [value].flat().map((one) => [name, String(one)]));
}

function headersOf(parameters: Parameters): fc.Arbitrary<Record<string, string>> {
  const given = parameters.map(({ name, schema }) => {
    const value = mostlyFitting(schema).map((one) => ({ [name]: visible(String(one)) }));
    return fc.oneof(fc.constant({}), value);
  });
  const odd = fc.constantFrom<Record<string, string>>(
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/json; charset=utf-16' },
    { 'content-type': 'application/json;' },
    { 'content-encoding': 'gzip' },
    { accept: 'application/xml' },
    { 'if-match': '"x", W/"y"' },
    { 'x-forwarded-for': '1.2.3.4' },
  );
  const extra = fc.oneof({ weight: 30, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: odd });
  return fc.tuple(...given, extra).map((parts) => Object.assign({}, ...parts));
}

/** What else a client cannot put into a header at all. */
function visible(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\x80-\xff]/g, '?').trim();
}

function bodyOf(described: Described, schema: JsonSchema | undefined): fc.Arbitrary<Buffer | null> {
  if (schema === undefined) {
    return fc.oneof({ weight: 20, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: hostileBody });
  }
  return fc.oneof(
    { weight: 20, arbitrary: mostlyFitting(schema).map(bytesOf) },
    { weight: 10, arbitrary: varied(bodyExample(described), schema).map(bytesOf) },
    { weight: 2, arbitrary: hostileBody },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

/** What the document shows, with one field as its schema wants it: a body of many drawn fields seldom has none amiss. */
function varied(example: unknown, schema: JsonSchema): fc.Arbitrary<unknown> {
  const fields = Object.entries((resolved(schema)['properties'] ?? {}) as Record<string, JsonSchema>);
  const changes = fields.map(([name, field]) => mostlyFitting(field).map((value) => ({ [name]: value })));
  return fc.oneof(fc.constant({}), ...changes).map((change) => Object.assign({}, example, change));
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
