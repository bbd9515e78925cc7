import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanBatchBody, scanJson, scanPublishBody } from './json-span.ts';

const LIMITS = { maxDepth: 64, maxBytes: 256 * 1024 };

const scan = (text: string, limits = LIMITS) => scanPublishBody(Buffer.from(text), limits);

/** The payload as text, and the envelope; fails the test for a body that is refused. */
function taken(text: string) {
  const bytes = Buffer.from(text);
  const result = scanPublishBody(bytes, LIMITS);
  if (!result.ok) return expect.fail(`${result.code}: ${result.message}`);
  const { payload, envelope } = result;
  return { payload: payload && bytes.subarray(payload.start, payload.end).toString(), envelope };
}

describe('the payload of a publish request', () => {
  it.each([
    ['{"payload":{}}', '{}', '{"payload":null}'],
    ['{"type":"a.b","payload":{"x": 1.0},"id":"e"}', '{"x": 1.0}', '{"type":"a.b","payload":null,"id":"e"}'],
    [' { "payload" :\n [ 1 , 2 ]\t, "type":"a" } ', '[ 1 , 2 ]', ' { "payload" :\n null\t, "type":"a" } '],
    ['{"payload":"é🙂","type":"ü"}', '"é🙂"', '{"payload":null,"type":"ü"}'],
    ['{"payload":-1.50e+3}', '-1.50e+3', '{"payload":null}'],
    ['{"payload":null}', 'null', '{"payload":null}'],
    ['{"payl\\u006fad":7}', '7', '{"payl\\u006fad":null}'],
    [
      '{"\\u0070\\u0061\\u0079\\u006c\\u006F\\u0061\\u0064":7}',
      '7',
      '{"\\u0070\\u0061\\u0079\\u006c\\u006F\\u0061\\u0064":null}',
    ],
    ['{"a":{"payload":1},"payload":{"payload":2}}', '{"payload":2}', '{"a":{"payload":1},"payload":null}'],
    ['{"payload":{"a":1,"a":2,"s":"\\u0000\\ud800"}}', '{"a":1,"a":2,"s":"\\u0000\\ud800"}', '{"payload":null}'],
    ['{"payload":"\\"payload\\": }{"}', '"\\"payload\\": }{"', '{"payload":null}'],
  ])('of %s is %s', (text, payload, envelope) => expect(taken(text)).toEqual({ payload, envelope }));

  it.each([
    '{}',
    ' { } ',
    '{"type":"a"}',
    '{"Payload":1}',
    '{"payloads":1}',
    '{"payloa":1}',
    '{"p\\u0041yload":1}',
    '{"x":{"payload":1}}',
    '{"payl\\\\u006fad":1}',
    '{"päyload":1,"payload ":2}',
  ])('of %s is missing', (text) => expect(taken(text)).toEqual({ payload: null, envelope: text }));

  it.each([
    '{"payload":1,"payload":1}',
    '{"payload":1,"x":2,"payload":3}',
    '{"payload":1,"payl\\u006fad":2}',
    '{"p\\u0061yload":1,"payload":2}',
    '{"payload":1,"payload":2,"payload":3}',
  ])('is refused when it is given twice: %s', (text) => {
    expect(scan(text)).toMatchObject({
      ok: false,
      code: 'malformed_json',
      message: '"payload" is given more than once.',
    });
  });

  it('may have as many bytes as the limit says, the rest of the body not counted', () => {
    const limits = { maxDepth: 64, maxBytes: 12 };
    const rest = '"id":"a rather long id that does not count"';
    expect(scan(`{"payload":  "0123456789"  ,${rest}}`, limits)).toMatchObject({ ok: true });
    expect(scan(`{"payload":"0123456789a",${rest}}`, limits)).toMatchObject({ ok: false, code: 'payload_too_large' });
    expect(scan(`{"payload":"éééééé",${rest}}`, limits)).toMatchObject({ ok: false, code: 'payload_too_large' });
  });

  it('may be nested as deeply as the limit says, and so may every other member', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(scan(`{"payload":${nested(64)}}`)).toMatchObject({ ok: true });
    expect(scan(`{"payload":${nested(65)}}`)).toMatchObject({ ok: false, code: 'payload_too_deep' });
    expect(scan(`{"attributes":${nested(65)},"payload":1}`)).toMatchObject({ ok: false, code: 'payload_too_deep' });
    expect(scan(`{"payload":${'['.repeat(1_000_000)}`)).toMatchObject({ ok: false, code: 'payload_too_deep' });
  });
});

describe('a body that is no JSON object', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['[]', 0],
    ['"payload"', 0],
    ['null', 0],
    ['{', 1],
    ['{"payload"', 10],
    ['{"payload":', 11],
    ['{"payload":}', 11],
    ['{"payload":{"a":01}}', 17],
    ['{"payload":1,}', 13],
    ['{"payload":1;}', 12],
    ['{"payload":1}}', 13],
    ['{"payload":1} {}', 14],
    ['{payload:1}', 1],
    ['\uFEFF{}', 0],
    ['{"payload":"\n"}', 12],
  ])('is refused, with the byte that is wrong: %j at %i', (text, position) => {
    expect(scan(text)).toEqual({
      ok: false,
      code: 'malformed_json',
      message: expect.stringMatching(` ${position}\\.$`),
    });
  });

  it('is refused when it is not UTF-8, in the payload and elsewhere', () => {
    expect(scanPublishBody(Buffer.from('{"payload":"é"}', 'latin1'), LIMITS)).toMatchObject({ code: 'malformed_json' });
    expect(scanPublishBody(Buffer.from('{"é":1,"payload":1}', 'latin1'), LIMITS)).toMatchObject({
      code: 'malformed_json',
    });
  });

  it('is told without its content', () => {
    expect(JSON.stringify(scan('{"payload":"canary", canary}'))).not.toContain('canary');
  });
});

describe('any body', () => {
  const value = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' });
  const name = fc.oneof(fc.constantFrom('type', 'id', 'Payload', '__proto__', 'payload2'), fc.string());
  const members = fc.array(fc.tuple(name, value), { maxLength: 2 });
  const blank = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
  const body = fc.record({ before: members, payload: value, after: members, blank, indent: fc.nat(2) }).map((parts) => {
    const [space, text] = [parts.blank, JSON.stringify(parts.payload, null, parts.indent)];
    const others = (list: [string, unknown][]) =>
      list
        .filter(([key]) => key !== 'payload')
        .map(([key, other]) => `${JSON.stringify(key)}:${space}${JSON.stringify(other)}`);
    const written = [...others(parts.before), `"payload"${space}:${space}${text}`, ...others(parts.after)];
    return { text: `${space}{${written.join(`${space},${space}`)}${space}}${space}`, payload: text };
  });

  it('gives its payload byte for byte, and an envelope that is the same without it', () => {
    fc.assert(
      fc.property(body, ({ text, payload }) => {
        const scanned = taken(text);
        expect(scanned.payload).toBe(payload);
        const whole = JSON.parse(text);
        expect(JSON.stringify(JSON.parse(scanned.payload ?? ''))).toBe(JSON.stringify(whole.payload));
        whole.payload = null;
        expect(JSON.stringify(JSON.parse(scanned.envelope))).toBe(JSON.stringify(whole));
      }),
      { numRuns: 1500 },
    );
  });

  it('that lost or gained a byte is taken exactly when it is still an object to Node', () => {
    const byte = fc.constantFrom(...'{}[]:,"\\ 0-.eunp');
    fc.assert(
      fc.property(body, fc.nat(), fc.option(byte), ({ text }, position, added) => {
        const at = position % text.length;
        const changed = Buffer.from(
          added === null ? text.slice(0, at) + text.slice(at + 1) : text.slice(0, at) + added + text.slice(at),
        );
        const result = scanPublishBody(changed, LIMITS);
        const twice = !result.ok && result.message.includes('more than once');
        // Cut between the halves of a surrogate pair, the text becomes another one: Node reads what the scan reads.
        expect(result.ok || twice).toBe(isObject(changed.toString()));
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a batch', () => {
  const limits = { maxDepth: 2, maxEvents: 3 };
  const batch = (text: string) => {
    const bytes = Buffer.from(text);
    const result = scanBatchBody(bytes, limits);
    if (!result.ok) return result;
    const events = result.events?.map(({ start, end }) => bytes.subarray(start, end).toString()) ?? null;
    return { events, envelope: result.envelope };
  };

  it.each([
    ['{"events":[]}', [], '{"events":null}'],
    ['{"events": [ ] }', [], '{"events": null }'],
    ['{"events":[{"payload":1}]}', ['{"payload":1}'], '{"events":null}'],
    ['{"events" : [ {"a":[1, 2]} ,\n{},"]," ], "x":1}', ['{"a":[1, 2]}', '{}', '"],"'], '{"events" : null, "x":1}'],
    ['{"events":[[["a"]],1,null]}', ['[["a"]]', '1', 'null'], '{"events":null}'],
    ['{"events":{"a":1}}', null, '{"events":null}'],
    ['{"event":[1]}', null, '{"event":[1]}'],
  ])('%s', (text, events, envelope) => expect(batch(text)).toEqual({ events, envelope }));

  it('has at most as many events as the limit says', () => {
    expect(batch('{"events":[1,2,3]}')).toMatchObject({ events: ['1', '2', '3'] });
    expect(batch('{"events":[1,2,3,4]}')).toMatchObject({ ok: false, code: 'body_too_large' });
  });

  it('lets each payload nest as deeply as it may alone', () => {
    expect(batch('{"events":[{"payload":[[]]}]}')).toMatchObject({ events: ['{"payload":[[]]}'] });
    expect(batch('{"events":[{"payload":[[[]]]}]}')).toMatchObject({ ok: false, code: 'payload_too_deep' });
  });

  it.each(['{"events":[1,]}', '{"events":[1}', '[]', '{"events":[],"events":[]}'])('is refused: %s', (text) => {
    expect(batch(text)).toMatchObject({ ok: false, code: 'malformed_json' });
  });

  it('gives each event as it would be sent alone', () => {
    const events = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 20 });
    fc.assert(
      fc.property(events, fc.nat(2), (values, indent) => {
        const bytes = Buffer.from(JSON.stringify({ events: values }, null, indent));
        const result = scanBatchBody(bytes, { maxDepth: 64, maxEvents: 20 });
        const spans = result.ok ? (result.events ?? []) : [];
        expect(spans.map(({ start, end }) => JSON.parse(bytes.subarray(start, end).toString()))).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('other bodies', () => {
  const json = (text: string, maxDepth = 4) => scanJson(Buffer.from(text), { maxDepth });

  it.each(['{}', ' [1, {"a": null}] ', '"x"', '{"a":1,"a":2}', '[[[[]]]]'])('pass when they are JSON: %s', (text) => {
    expect(json(text)).toEqual({ ok: true });
  });

  it('are refused when they are nested too deeply for a parser', () => {
    expect(json('[[[[[]]]]]')).toEqual({
      ok: false,
      code: 'payload_too_deep',
      message: 'The JSON is nested deeper than 4 levels.',
    });
    expect(json('{"a":'.repeat(100_000))).toMatchObject({ ok: false, code: 'payload_too_deep' });
  });

  it.each(['', '{', '{} {}', 'nope', '{"a":1,}'])('are refused when they are no JSON: %j', (text) => {
    expect(json(text)).toMatchObject({ ok: false, code: 'malformed_json' });
  });
});

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
