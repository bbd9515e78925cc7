import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonReader, skipBlank, TOO_DEEP } from './json-text.ts';

const bytesOf = (text: string | Uint8Array) => Buffer.from(text as string);

/** True when the bytes are one JSON text. */
function accepts(text: string | Uint8Array, maxDepth = 1000): boolean {
  const bytes = bytesOf(text);
  return skipBlank(bytes, new JsonReader(bytes, maxDepth).skipValue(0)) === bytes.length;
}

/** The judge: an independent decoder and an independent parser. */
function oracleAccepts(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return isUtf8(bytes);
  } catch {
    return false;
  }
}

describe('JSON texts', () => {
  it.each([
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1.5e+10',
    '1E400',
    '123456789012345678901234567890',
    '0.00000000000000000001',
    '""',
    '"\\u0000\\ud800\\" \\\\ \\/ \\b\\f\\n\\r\\t"',
    '"\x7f"',
    '"é 耐 🙂 \u2028"',
    '[]',
    '{}',
    ' \t\r\n[ \n]\t',
    '{"a":1,"a":2,"":{}}',
    '{"a" : [ 1 , { "b" : null } ] , "c" : "d" }',
    '[[[]],[{}],{"a":[]}]',
  ])('%j is one', (text) => {
    expect(oracleAccepts(bytesOf(text))).toBe(true);
    expect(accepts(text)).toBe(true);
  });

  it.each([
    '',
    ' ',
    'nul',
    'nulll',
    'True',
    'undefined',
    'NaN',
    'Infinity',
    '+1',
    '01',
    '-01',
    '-',
    '1.',
    '.5',
    '1.e5',
    '1e',
    '1e+',
    '1e+-1',
    '0x10',
    '1 2',
    '"',
    '"a',
    "'a'",
    '"\\"',
    '"\\x41"',
    '"\\v"',
    '"\\a"',
    '"\\0"',
    '"\\u12g4"',
    '"\\u123',
    '"\\U0041"',
    '"\t"',
    '"\n"',
    '"\0"',
    '"\x1f"',
    '[',
    ']',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1}',
    '[1',
    '{',
    '}',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{"a":1]',
    '{a:1}',
    '{1:1}',
    '{"a":1 "b":2}',
    '{"a" 1}',
    '{"a"::1}',
    '[]]',
    '{}{}',
    '[1,[2,{"a":3]]',
    '// x\n1',
    '1/**/',
    '\uFEFF{}',
    '\u00a01',
    '\v1',
    'é',
    '"a"é',
  ])('%j is none', (text) => {
    expect(oracleAccepts(bytesOf(text))).toBe(false);
    expect(accepts(text)).toBe(false);
  });
});

describe('UTF-8 in strings', () => {
  const quoted = (...bytes: number[]) => Buffer.from([0x22, ...bytes, 0x22]);

  it('agrees with Node on every first and second byte, with up to two more', () => {
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
    const ends = [[], [0x80], [0xbf], [0x7f], [0xc0], [0x80, 0x80], [0xbf, 0xbf], [0x80, 0x7f], [0x80, 0xc0]];
    const all = range(0x80, 0x100).flatMap((first) =>
      range(0x70, 0xd0).flatMap((second) => ends.map((end) => quoted(first, second, ...end))),
    );
    const judgedOtherwise = all.filter((bytes) => accepts(bytes) !== isUtf8(bytes));
    expect(judgedOtherwise.map((bytes) => bytes.toString('hex'))).toEqual([]);
  });

  it.each([
    ['a lone continuation', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong slash of three bytes', [0xe0, 0x80, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a character cut short', [0xe2, 0x82]],
    ['a byte of no character', [0xff]],
  ])('refuses %s', (_, bytes) => expect(accepts(quoted(...bytes))).toBe(false));

  it('refuses a text that ends within a character', () => {
    expect(accepts(Buffer.from([0x22, 0xe2, 0x82]))).toBe(false);
  });
});

describe('depth', () => {
  const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);

  it('counts objects and arrays, not scalars', () => {
    expect(accepts('1', 0)).toBe(true);
    expect(accepts('[]', 0)).toBe(false);
    expect(accepts('[]', 1)).toBe(true);
    expect(accepts('[{"a":1}]', 1)).toBe(false);
    expect(accepts('[{"a":1}]', 2)).toBe(true);
    expect(accepts('[[],[],{"a":[]}]', 3)).toBe(true);
    expect(accepts(nested(64), 64)).toBe(true);
    expect(accepts(nested(65), 64)).toBe(false);
    expect(accepts(nested(65, '{"a":', '}').replace('{"a":}', '{}'), 64)).toBe(false);
  });

  it('beyond the limit is told as such, at once and without recursion', () => {
    const bytes = bytesOf('['.repeat(2_000_000));
    expect(new JsonReader(bytes, 64).skipValue(0)).toBe(TOO_DEEP);
    expect(accepts(nested(1_000_000), 1_000_000)).toBe(true);
  });
});

it('can go on with another value after one that failed', () => {
  const reader = new JsonReader(bytesOf('[[[x [[]]'), 3);
  expect(reader.skipValue(0)).toBe(~3);
  expect(reader.skipValue(5)).toBe(9);
});

describe('the position of an error', () => {
  it.each([
    ['[1,]', 3],
    ['{"a" 1}', 5],
    ['{"a":tru}', 8],
    ['"ab\\x"', 3],
    ['[1', 2],
    ['01', 1],
    ['"\\u12x4"', 5],
  ])('in %s is %i', (text, position) => {
    const bytes = bytesOf(text);
    const end = skipBlank(bytes, new JsonReader(bytes, 64).skipValue(0));
    expect(end < 0 ? ~end : end).toBe(position);
  });
});

describe('any text', () => {
  const spaces = fc.constantFrom('', '', ' ', '\n', '\t', '  ');
  const json = fc
    .tuple(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }), spaces)
    .map(([value, space]) => JSON.stringify(value, null, space));
  const escaped = json.map((text) =>
    text.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
  const telling = fc.constantFrom(
    ...Buffer.from('{}[]:,"\\/ \t\n\r\0u0123-+.eEtfn\x1f\x7f'),
    0x80,
    0xbf,
    0xc3,
    0xed,
    0xf0,
    0xff,
  );
  const change = fc.record({
    at: fc.nat(),
    byte: telling,
    kind: fc.constantFrom('replace', 'insert', 'delete', 'cut', 'double'),
  });

  it('that was written as JSON is accepted', () => {
    fc.assert(
      fc.property(fc.oneof(json, escaped), (text) => {
        expect(accepts(text)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is accepted exactly when Node decodes and parses it', () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(json, escaped), fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        const bytes = changes.reduce(mutate, bytesOf(text));
        const expected = oracleAccepts(bytes);
        if (expected) accepted++;
        else refused++;
        expect(accepts(bytes)).toBe(expected);
      }),
      { numRuns: 10_000 },
    );
    // Else the property would have said little.
    expect(Math.min(accepted, refused)).toBeGreaterThan(500);
  });

  it('made of the bytes of JSON alone is judged as by Node too', () => {
    const soup = fc.array(telling, { maxLength: 12 }).map((bytes) => Buffer.from(bytes));
    const tokens = fc
      .array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"', '\\', '1', '-', '.', 'e', 'null', ' '), {
        maxLength: 10,
      })
      .map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(soup, tokens), (bytes) => {
        expect(accepts(bytes)).toBe(oracleAccepts(bytes));
      }),
      { numRuns: 10_000 },
    );
  });
});

function mutate(bytes: Buffer, change: { at: number; byte: number; kind: string }): Buffer {
  const at = change.at % (bytes.length + 1);
  const [before, after, byte] = [bytes.subarray(0, at), bytes.subarray(at), Buffer.from([change.byte])];
  switch (change.kind) {
    case 'insert':
      return Buffer.concat([before, byte, after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(1)]);
    case 'cut':
      return before;
    case 'double':
      return Buffer.concat([before, after.subarray(0, 3), after]);
    default:
      return Buffer.concat([before, byte, after.subarray(1)]);
  }
}
