import { describe, expect, it } from 'vitest';
import { answerFirst, createAnswerer } from './answer-asks.ts';
import type { Ask } from './asks.ts';

const answer = createAnswerer();

function examine(schema: unknown, examples: unknown[] = []): string[] {
  const problems = answer({ kind: 'examine', schema: JSON.stringify(schema), examples: JSON.stringify(examples) });
  return (problems ?? expect.fail('no answer')).map(({ field, message }) => `${field}: ${message}`);
}

let made = 0;
function check(schema: unknown, payload: unknown): string[] {
  made++;
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const problems = answer({ kind: 'check', id: `s${made}`, schema: JSON.stringify(schema), payload: bytes });
  return (problems ?? expect.fail('no answer')).map(({ field, message }) => `${field}: ${message}`);
}

const SEVEN = 'http://json-schema.org/draft-07/schema#';
const TWENTY = 'https://json-schema.org/draft/2020-12/schema';

describe('a schema', () => {
  it.each([
    [true],
    [{}],
    [{ type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }],
    [{ $schema: TWENTY, $id: 'https://example.com/invoice', type: 'string', 'x-note': 1, format: 'made-up' }],
    [{ $schema: SEVEN, definitions: { a: { type: 'string' } }, properties: { a: { $ref: '#/definitions/a' } } }],
    [{ $defs: { node: { properties: { next: { $ref: '#/$defs/node' } } } }, $ref: '#/$defs/node' }],
    [{ $defs: { n: { $anchor: 'node', type: 'string' } }, items: { $ref: '#node' } }],
    [{ pattern: '^(a+)+$', patternProperties: { '^x-[a-z]{1,20}$': true } }],
  ])('can be used: %j', (schema) => {
    expect(examine(schema)).toEqual([]);
  });

  it.each([
    [{ type: 'objectt' }, 'schema/type: must be equal to one of the allowed values'],
    [{ properties: { a: { minLength: -1 } } }, 'schema/properties/a/minLength: must be >= 0'],
    [{ $schema: SEVEN, items: 3 }, 'schema/items: must be object,boolean'],
    [{ $schema: 'https://json-schema.org/draft/2019-09/schema' }, 'schema/$schema: must be draft 2020-12 or draft-07'],
    [{ $ref: 'https://example.com/x' }, 'schema/$ref: must lead to a place in this schema: #/…'],
    [{ allOf: [{ $ref: 'other.json' }] }, 'schema/allOf/0/$ref: must lead to a place in this schema: #/…'],
    [{ $ref: '#/nowhere' }, "schema: cannot be used: can't resolve reference #/nowhere from id #"],
    [{ $ref: '#' }, 'schema: refers to itself without end'],
    [{ anyOf: [{ type: 'string' }, { $ref: '#' }] }, 'schema: refers to itself without end'],
    [{ properties: { a: { $id: 'x' } } }, 'schema/properties/a/$id: must be at the top only'],
    [{ $async: true }, 'schema/$async: is not supported'],
    [{ items: { $dynamicRef: '#x' } }, 'schema/items/$dynamicRef: is not supported'],
    [{ pattern: '(?=a)b' }, 'schema/pattern: must be a regular expression without look-around and back-references'],
    [{ pattern: '(a)\\1' }, 'schema/pattern: must be a regular expression without look-around and back-references'],
    [{ pattern: '(' }, expect.stringContaining('schema/pattern: ')],
    [{ pattern: 'a'.repeat(501) }, 'schema/pattern: must have at most 500 characters'],
    [
      { patternProperties: { '(?!a)': true } },
      'schema/patternProperties: must be a regular expression without look-around and back-references',
    ],
    [
      { pattern: `(${'a'.repeat(400)}){100}` },
      'schema/pattern: repeats too much, together with the patterns before it',
    ],
    [
      { allOf: Array.from({ length: 30 }, (_, n) => ({ pattern: `[a-${'cdef'[n % 4]}]{1000}` })) },
      'schema/allOf/19/pattern: repeats too much, together with the patterns before it',
    ],
    [{ allOf: Array(200).fill({}) }, 'schema: must be made of at most 200 schemas; these are 201'],
    [{ description: 'x'.repeat(32 * 1024) }, 'schema: must have at most 32768 bytes'],
  ])('cannot be used: %j', (schema, problem) => {
    expect(examine(schema)[0]).toEqual(problem);
  });

  it('has many problems told, but not all', () => {
    const schema = { properties: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [n, { $ref: 'x' }])) };
    expect(examine(schema)).toHaveLength(10);
  });

  it('has examples that fit', () => {
    const schema = { type: 'object', required: ['n'], properties: { n: { type: 'number' } } };
    expect(examine(schema, [{ n: 1 }, { n: 'x' }, {}])).toEqual([
      'examples/1/n: must be number',
      "examples/2: must have required property 'n'",
    ]);
  });
});

describe('a payload', () => {
  const schema = {
    type: 'object',
    properties: {
      amount: { type: 'number', minimum: 0 },
      lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string', pattern: '^[A-Z]+$' } } } },
      'a/b': { type: 'null' },
    },
    required: ['amount'],
    additionalProperties: { type: 'string', maxLength: 3 },
  };

  it.each([
    [{ amount: 1 }, []],
    [{ amount: -1 }, ['payload/amount: must be >= 0']],
    [{}, ["payload: must have required property 'amount'"]],
    [[], ['payload: must be object']],
    [{ amount: 1, lines: [{ sku: 'A' }, { sku: 'a' }] }, ['payload/lines/1/sku: must match pattern "^[A-Z]+$"']],
    [{ amount: 1, 'a/b': 1 }, ['payload/a~1b: must be null']],
  ])('%j has %j', (payload, problems) => {
    expect(check(schema, payload)).toEqual(problems);
  });

  it('is never repeated, its own names neither', () => {
    const payload = { amount: 1, 'ada@example.com': 'SECRET-4242' };
    expect(check(schema, payload)).toEqual(['payload/*: must NOT have more than 3 characters']);
    const strict = { additionalProperties: false, propertyNames: { maxLength: 3 } };
    const told = check(strict, { 'ada@example.com': 'SECRET-4242' }).join();
    expect(told).not.toMatch(/ada|SECRET/);
    expect(check({ enum: ['x'] }, '"SECRET"')).toEqual(['payload: must be equal to one of the allowed values']);
    expect(check({ const: 'x' }, '"SECRET"')).toEqual(['payload: must be equal to constant']);
  });

  it.each([
    [TWENTY, { prefixItems: [{ type: 'string' }], items: false }],
    [SEVEN, { items: [{ type: 'string' }], additionalItems: false }],
  ])('is checked by the rules of the dialect %s', ($schema, rules) => {
    expect(check({ $schema, ...rules }, ['a'])).toEqual([]);
    expect(check({ $schema, ...rules }, ['a', 1])).toHaveLength(1);
  });

  it('may repeat nothing where items are unique, be they equal in another order', () => {
    const unique = { uniqueItems: true };
    expect(check(unique, [1, '1', [1], { a: 1 }, { a: 2 }])).toEqual([]);
    expect(check(unique, '[{"a":1,"b":[2]},{"b":[2.0],"a":1}]')).toEqual(['payload: must NOT have duplicate items']);
    expect(check({ uniqueItems: false }, [1, 1])).toEqual([]);
  });

  it.each([
    ['date-time', '2026-01-02T03:04:05Z', '2026-13-02T03:04:05Z'],
    ['date', '2024-02-29', '2026-02-29'],
    ['email', 'ada@example.com', 'ada'],
    ['uri', 'https://example.com/a?b', 'not a uri'],
    ['uuid', '01900000-0000-7000-8000-000000000001', 'x'],
    ['ipv4', '192.0.2.1', '192.0.2.256'],
    ['ipv6', '2001:db8::1', '2001:db8::g'],
    ['hostname', 'a.example', '-a.example'],
  ])('has texts of format %s: %s, not %s', (format, good, bad) => {
    expect(check({ format }, `"${good}"`)).toEqual([]);
    expect(check({ format }, `"${bad}"`)).toEqual([`payload: must match format "${format}"`]);
  });

  it('may have any text where the format is unknown, and none that is overlong where it is known', () => {
    expect(check({ format: 'made-up' }, '"x"')).toEqual([]);
    expect(check({ format: 'email' }, `"${'a'.repeat(100_000)}@example.com"`)).toHaveLength(1);
  });
});

describe('patterns that would backtrack for years', () => {
  it.each(['^(a+)+$', '^(a|aa)+$', '(x+x+)+y', '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}$'])(
    'take no longer than others: %s',
    (pattern) => {
      const startedMs = performance.now();
      expect(check({ pattern }, `"${'a'.repeat(50_000)}!"`)).toHaveLength(1);
      expect(performance.now() - startedMs).toBeLessThan(5_000);
    },
  );

  it('find what the usual engine finds', () => {
    const patterns = [
      '^[\\w.-]+@\\S+$',
      '\\d{2,4}',
      '^\\p{L}+$',
      'a|b',
      '^$',
      '\\u00e9',
      '[^\\s@]',
      '^(?:x-)?[a-z]+$',
      '\\/',
    ];
    for (const pattern of patterns) {
      for (const text of ['', 'ada@example.com', '12', 'éa', 'x-abc', 'b', '/', ' @', 'Ω']) {
        const fits = check({ pattern }, JSON.stringify(text)).length === 0;
        expect([pattern, text, fits]).toEqual([pattern, text, new RegExp(pattern, 'u').test(text)]);
      }
    }
  });
});

describe('what is kept', () => {
  it('needs its schema only once', () => {
    const one = createAnswerer();
    const ask = { kind: 'check', id: 'x', payload: Buffer.from('1') } as const;
    expect(one(ask)).toBeNull();
    expect(one({ ...ask, schema: '{"type":"string"}' })).toHaveLength(1);
    expect(one(ask)).toHaveLength(1);
  });

  it('is bounded: what was used last stays', () => {
    const one = createAnswerer();
    const ask = (id: string, schema?: string) =>
      one({ kind: 'check', id, payload: Buffer.from('1'), ...(schema !== undefined && { schema }) });
    const large = JSON.stringify({ description: 'x'.repeat(1024 * 1024) });
    for (const id of ['a', 'b', 'c']) ask(id, large);
    ask('a');
    ask('d', large);
    expect(['a', 'b', 'c', 'd'].map((id) => ask(id) !== null)).toEqual([true, false, true, true]);
  });
});

describe('what is asked together', () => {
  const asks = Array.from({ length: 5 }, (_, n): Ask => ({ kind: 'check', id: `s${n}`, payload: Buffer.from('1') }));

  it.each([
    { what: 'all of it where it is quick', taking: [1, 1, 1, 1, 1], answered: 5, lastMs: 1 },
    { what: 'what began within a short time where it is not', taking: [5, 30, 1, 1, 1], answered: 2, lastMs: 30 },
    { what: 'one at least', taking: [4_000, 1, 1, 1, 1], answered: 1, lastMs: 4_000 },
    { what: 'what fills the time where it is much', taking: [15, 15, 15, 1, 1], answered: 2, lastMs: 15 },
  ])('is answered: $what', ({ taking, answered, lastMs }) => {
    let nowMs = 0;
    const answering = (ask: Ask) => {
      nowMs += taking[asks.indexOf(ask)] ?? 0;
      return [];
    };
    expect(answerFirst(asks, answering, () => nowMs)).toEqual({ answers: Array(answered).fill([]), lastMs });
  });
});
