import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../support/house.ts';
import { openHouse } from '../support/house.ts';
import type { ReceivedRequest, Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const PROFILES = ['standard', 'github', 'snyk', 'infraaudit', 'socket', 'socotra'] as const;
const FORMS = ['json', 'form'] as const;
type ProfileName = (typeof PROFILES)[number];
type Form = (typeof FORMS)[number];

/** What JSON columns, parsers and receivers' frameworks choke on. */
const TAKEN: ReadonlyArray<readonly [name: string, payload: string]> = [
  ['a NUL', '{"nul":"a\\u0000b"}'],
  ['lone surrogates', '["\\ud800","\\udfff x","\\uDBFF\\uD800"]'],
  ['characters of every length, in the open and escaped', '["é€😀\u2028\u2029\u007f","\\u00e9\\ud83d\\ude00\\/"]'],
  ['integers beyond 2^53', '{"n":[9007199254740993,-12345678901234567890,123456789012345678901234567890]}'],
  ['numbers that no double is', '[1.0000000000000000000001,1e2,-0,1E-400]'],
  ['a number beyond all doubles', '[1e400,-1e400]'],
  ['repeated keys, integer-like keys and odd spaces', ' { "b":1,\t"10":2 ,"9":3,\r\n"b":4, "a":{"":0,"":1} } '],
  ['keys of every object', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":0}'],
  ['nested as deep as is allowed', nested(64)],
  ['a payload that looks like a form and an envelope', '{"payload":"&payload=1%00+","data":"}}","id":"evt_x"}'],
  ['256 KiB', `"${'x'.repeat(256 * 1024 - 2)}"`],
  ['256 KiB that a form writes in three times as much', `"${'é'.repeat(128 * 1024 - 1)}"`],
  ['the least there is', '0'],
];

const REFUSED: ReadonlyArray<readonly [name: string, payload: string | Buffer, status: number]> = [
  ['256 KiB and a byte', `"${'x'.repeat(256 * 1024 - 1)}"`, 413],
  ['nested one deeper than is allowed', nested(65), 422],
  ['nested 100,000 deep', nested(100_000), 422],
  ['a NUL in the open', '"\u0000"', 400],
  ['a line feed in a string', '"\n"', 400],
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400],
  ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 400],
  ['a character in more bytes than it needs', Buffer.from([0x22, 0xc0, 0x80, 0x22]), 400],
  ['a byte order mark', '\ufeff{}', 400],
  ['a number that is none', 'NaN', 400],
  ['a number with a zero before it', '01', 400],
  ['a comma too many', '[1,]', 400],
  ['a comment', '{}/**/', 400],
  ['nothing', '', 400],
  ['two values', '1,2', 400],
  ['a second payload', '1,"payload":2', 400],
  ['a prototype beside it', '1,"__proto__":{"polluted":1}', 422],
];

let house: House;
let receiver: Receiver;
let key: string;
const secrets = new Map<string, string>();

beforeAll(async () => {
  house = await openHouse({ redis: false });
  receiver = await startReceiver();
  ({ key } = await house.operator.keys.create(await slug(), { name: 'raw', scopes: ['events:write'] }));
  for (const profile of PROFILES) {
    for (const form of FORMS) {
      const path = `/${profile}/${form}`;
      const { secret } = await house.webhook(
        { url: `${receiver.url}${path}` },
        { profile, content_type: form, timeout_ms: 10_000 },
      );
      secrets.set(path, secret);
    }
  }
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

describe('a hostile payload reaches receivers of every profile, as JSON and as a form, as it should', () => {
  it.each(TAKEN)('%s', async (_, payload) => {
    const before = receiver.requests.length;
    expect(await publish(payload)).toEqual({ status: 202, code: undefined });
    const arrived = (await receiver.waitFor(before + secrets.size, 20_000)).slice(before);
    expect(arrived.map(({ path }) => path).sort()).toEqual([...secrets.keys()].sort());
    for (const request of arrived) {
      expect(isAsItShouldBe(request, payload), request.path).toBe(true);
      expect(isSigned(request), request.path).toBe(true);
      const changed = Buffer.from(request.body);
      changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
      expect(isSigned({ ...request, body: changed }), request.path).toBe(false);
    }
  });

  it.each(TAKEN)('%s, as one of a batch and again by a redelivery', async (_, payload) => {
    const before = receiver.requests.length;
    const body = `{"events":[{"type":"a.b","payload":${payload}},{"type":"no type","payload":${payload}}]}`;
    const { status, data } = await post('events/batch', body);
    expect([status, data?.map((item) => item.status)]).toEqual([207, [202, 422]]);
    const arrived = (await receiver.waitFor(before + secrets.size, 20_000)).slice(before);
    const [webhook] = (await house.org.webhooks.list()).data;
    const ended = async () => {
      const { data: deliveries } = await house.org.webhooks.deliveries(webhook?.id ?? '', { limit: 1 });
      return deliveries.find((one) => one.event_id === data?.[0]?.id && one.state === 'delivered');
    };
    const { id } = await until(ended, { what: 'the delivery to end' });
    await house.org.deliveries.redeliver(id);
    const again = (await receiver.waitFor(before + secrets.size + 1, 20_000)).at(-1);
    const first = arrived.find(({ path }) => path === again?.path);
    expect(webhook?.url.endsWith(again?.path ?? 'nowhere')).toBe(true);
    expect(again?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
  });
});

describe('a payload that cannot be delivered as it is', () => {
  it.each(REFUSED)('is refused: %s', async (_, payload, status) => {
    const before = receiver.requests.length;
    const answer = await publish(payload);
    expect(answer).toEqual({ status, code: expect.any(String) });
    // What is published after it arrives: it did not, and nothing is stuck.
    await publish('"after"');
    const arrived = (await receiver.waitFor(before + secrets.size, 20_000)).slice(before);
    expect(arrived.filter((request) => !isAsItShouldBe(request, '"after"'))).toEqual([]);
  });
});

it('none of them has left anything on the objects of the processes', () => {
  expect({}).not.toHaveProperty('polluted');
  expect(Object.keys(Object.prototype)).toEqual([]);
});

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

async function slug(): Promise<string> {
  return (await house.operator.orgs.list()).data[0]?.slug ?? '';
}

async function publish(payload: string | Buffer): Promise<Pick<Answer, 'status' | 'code'>> {
  const body = Buffer.concat([Buffer.from('{"type":"a.b","payload":'), Buffer.from(payload), Buffer.from('}')]);
  const { status, code } = await post('events', body);
  return { status, code };
}

interface Answer {
  status: number;
  code?: string | undefined;
  /** Of a batch. */
  data?: { status: number; id?: string }[];
}

async function post(path: string, body: string | Buffer): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(`${house.url}/v1/orgs/${await slug()}/${path}`, { method: 'POST', headers, body });
  return { ...((await answer.json()) as Omit<Answer, 'status'>), status: answer.status };
}

/** Byte for byte; in the form in which the receivers of a profile write it before they verify; or so in an envelope. */
function isAsItShouldBe({ path, body }: ReceivedRequest, payload: string): boolean {
  const [profile, form] = partsOf(path);
  const text = form === 'json' ? body.toString() : (new URLSearchParams(body.toString()).get('payload') ?? '');
  const sent = payload.trim();
  switch (profile) {
    case 'standard':
      return text === sent;
    case 'github':
    case 'snyk':
      return text === JSON.stringify(JSON.parse(sent));
    case 'infraaudit':
    case 'socket':
    case 'socotra':
      return text.startsWith('{"') && text.endsWith(`","data":${sent}}`) && JSON.parse(text) !== null;
  }
}

/** By the recipe of each profile, with nothing of ours. */
function isSigned({ path, headers, body }: ReceivedRequest): boolean {
  const secret = secrets.get(path) ?? '';
  const header = (name: string) => String(headers[name]);
  const hex = (by: string) => createHmac(by, secret).update(body).digest('hex');
  switch (partsOf(path)[0]) {
    case 'standard': {
      const bytes = Buffer.from(secret.replace('whsec_', ''), 'base64');
      const head = `${header('webhook-id')}.${header('webhook-timestamp')}.`;
      const signature = createHmac('sha256', bytes).update(head).update(body).digest('base64');
      return header('webhook-signature') === `v1,${signature}`;
    }
    case 'github':
      return (
        header('x-hub-signature-256') === `sha256=${hex('sha256')}` &&
        header('x-hub-signature') === `sha1=${hex('sha1')}`
      );
    case 'snyk':
      return header('x-hub-signature') === `sha256=${hex('sha256')}`;
    case 'infraaudit':
      return header('x-infraaudit-signature') === `sha256=${hex('sha256')}`;
    case 'socket': {
      const [, time = '', signature] = /^t=(\d+),s=(.+)$/.exec(header('x-webhook-signature')) ?? [];
      return signature === createHmac('sha256', secret).update(`${time}.`).update(body).digest('base64');
    }
    case 'socotra':
      return header('socotra-signature') === hex('sha256');
  }
}

function partsOf(path: string): [ProfileName, Form] {
  const [, profile, form] = path.split('/');
  return [profile as ProfileName, form as Form];
}
