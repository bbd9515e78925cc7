import fc from 'fast-check';

/** What has broken parsers, stores and templates before. */
export const HOSTILE_TEXTS = [
  '',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff x',
  '\ufeff',
  '__proto__',
  'constructor',
  'toString',
  "'; DROP TABLE orgs; --",
  '%00',
  '%ff',
  '%2e%2e',
  '..',
  '../../healthz',
  '\\',
  '\r\nx-injected: 1',
  'null',
  'NaN',
  '-1',
  '1e400',
  '９',
  'x'.repeat(300),
  '{"a":1}',
  '*',
  '.',
  'wh_zzzzzzzzzzzzzzzzzzzzzzzzzz',
  'evt_00000000000000000000000000',
] as const;

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, 0, -0, -1, 0.5, 2 ** 53, 1e308, [], {}, [[]], { a: null }),
  fc.double(),
  fc.integer().map((depth) => nested(Math.abs(depth) % 60)),
  fc.jsonValue({ maxDepth: 4 }),
);

/** Bodies that are no JSON object at all. */
export const hostileBody: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .constantFrom('', '{', '}', '[]', 'null', '1', '"', '{"a":1,"a":2}', '{"__proto__":{"x":1}}', '\ufeff{}')
    .map(Buffer.from),
  fc.constantFrom(5_000, 100_000).map((depth) => Buffer.from(`{"payload":${'['.repeat(depth)}`)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
