import { describe, expect, test } from 'vitest';
import { clientOf, startApi } from '../test/scripted-api.ts';
import type { NewEvent } from './event-body.ts';

const ACCEPTED = { status: 202, json: { id: 'evt_1', deliveries: 2 } };
const EVENT: NewEvent = { type: 'invoice.paid', payload: { amount: 7 } };

describe('publishing', () => {
  test('an event goes out with all it has, and the answer says how many get it', async () => {
    const api = await startApi(ACCEPTED);
    const answer = await clientOf(api).events.publish({
      type: 'invoice.paid',
      id: 'inv-7',
      attributes: { region: 'eu' },
      occurredAt: new Date(0),
      payload: { amount: 7 },
    });
    expect(answer).toEqual({ id: 'evt_1', deliveries: 2 });
    expect(api.requests[0]).toMatchObject({
      method: 'POST',
      url: '/v1/orgs/acme/events',
      headers: { 'content-type': 'application/json' },
    });
    expect(JSON.parse(api.requests[0]?.body.toString() ?? '')).toEqual({
      type: 'invoice.paid',
      id: 'inv-7',
      attributes: { region: 'eu' },
      occurred_at: '1970-01-01T00:00:00.000Z',
      payload: { amount: 7 },
    });
  });

  test('what is not given is not sent', async () => {
    const api = await startApi(ACCEPTED);
    await clientOf(api).events.publish(EVENT);
    expect(api.requests[0]?.body.toString()).toBe('{"type":"invoice.paid","payload":{"amount":7}}');
  });

  test.each([null, 0, false, '', 'text', [1]])('the payload %j is a payload', async (payload) => {
    const api = await startApi(ACCEPTED);
    await clientOf(api).events.publish({ type: 'a.b', payload });
    expect(JSON.parse(api.requests[0]?.body.toString() ?? '').payload).toEqual(payload);
  });

  test.each([undefined, () => 1, Symbol('x')])('%o is refused and nothing is sent', async (payload) => {
    const api = await startApi(ACCEPTED);
    const event = { type: 'a.b', payload } as unknown as NewEvent;
    await expect(clientOf(api).events.publish(event)).rejects.toThrow('payload is not a JSON value.');
    expect(api.requests).toHaveLength(0);
  });
});

describe('a batch', () => {
  test('goes out in one request, with raw payloads as they are, and gives an item for each event', async () => {
    const data = [
      { status: 202, id: 'evt_1', deliveries: 0 },
      { status: 422, error: { code: 'invalid_field' } },
    ];
    const api = await startApi('reset', { status: 207, json: { data } });
    const items = await clientOf(api).events.publishBatch([
      { type: 'a.b', rawPayload: '1.0', idempotencyKey: 'k1', requestId: 'r1' },
      { type: 'c.d', payload: null },
    ]);
    expect(items).toEqual(data);
    const [first, again] = api.requests;
    expect([first?.method, first?.url]).toEqual(['POST', '/v1/orgs/acme/events/batch']);
    expect(first?.body.toString()).toBe(
      '{"events":[{"type":"a.b","request_id":"r1","idempotency_key":"k1","payload":1.0},{"type":"c.d","payload":null}]}',
    );
    expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(again?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  });
});

describe('a raw payload', () => {
  const raw = ' { "b":1.0,"a" : 12345678901234567890, "é":"\\u00e9" }\n';

  test.each([raw, Buffer.from(raw), new Uint8Array(Buffer.from(raw))])('goes out byte for byte', async (rawPayload) => {
    const api = await startApi('reset', ACCEPTED);
    await clientOf(api).events.publish({ type: 'a.b', rawPayload });
    const bytes = Buffer.concat([Buffer.from('{"type":"a.b","payload":'), Buffer.from(raw), Buffer.from('}')]);
    expect(api.requests.map((request) => request.body)).toEqual([bytes, bytes]);
  });

  test.each([
    ['text that closes it and adds a field', '1,"type":"admin.granted"'],
    ['two values', '{}{}'],
    ['nothing', ''],
    ['no JSON', '{"card":4111'],
    ['a byte order mark', '\ufeff{}'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('%s is refused, without a word of what it was', async (_kind, rawPayload) => {
    const api = await startApi(ACCEPTED);
    await expect(clientOf(api).events.publish({ type: 'a.b', rawPayload })).rejects.toThrow(
      new TypeError('rawPayload is not JSON in UTF-8.'),
    );
    expect(api.requests).toHaveLength(0);
  });
});

describe('the idempotency key', () => {
  test('is the same on all retries of a publish', async () => {
    const api = await startApi('reset', { status: 503, headers: { 'retry-after': '0' } }, 'reset', ACCEPTED);
    await clientOf(api).events.publish(EVENT);
    const keys = api.requests.map((request) => request.headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}$/);
  });

  test('is the same after the time was up', async () => {
    const api = await startApi('hang', ACCEPTED);
    await clientOf(api, { timeoutMs: 200 }).events.publish(EVENT);
    expect(api.requests[0]?.headers['idempotency-key']).toBe(api.requests[1]?.headers['idempotency-key']);
  });

  test('differs from publish to publish', async () => {
    const api = await startApi(ACCEPTED);
    const { events } = clientOf(api);
    await events.publish(EVENT);
    await events.publish(EVENT);
    expect(api.requests[0]?.headers['idempotency-key']).not.toBe(api.requests[1]?.headers['idempotency-key']);
  });

  test('can be the own one', async () => {
    const api = await startApi(ACCEPTED);
    await clientOf(api).events.publish(EVENT, { idempotencyKey: 'inv-7:paid' });
    expect(api.requests[0]?.headers['idempotency-key']).toBe('inv-7:paid');
  });

  test.each(['', 'a b', 'a\r\nb', 'é', 'x'.repeat(256)])(
    '%j is refused and nothing is sent',
    async (idempotencyKey) => {
      const api = await startApi(ACCEPTED);
      await expect(clientOf(api).events.publish(EVENT, { idempotencyKey })).rejects.toThrow(/idempotencyKey/);
      expect(api.requests).toHaveLength(0);
    },
  );
});

test('one event is read', async () => {
  const api = await startApi({ status: 200, json: { id: 'evt_1' } });
  expect(await clientOf(api).events.get('evt_1')).toEqual({ id: 'evt_1' });
  expect(api.requests.map((request) => request.url)).toEqual(['/v1/orgs/acme/events/evt_1']);
});

test('an event with an id of its own needs no key: the API takes the id for one', async () => {
  const api = await startApi({ status: 202, json: { id: 'evt_1', deliveries: 0 } });
  await clientOf(api).events.publish({ id: 'ord_1', type: 'a.b', payload: 1 });
  expect(api.requests[0]?.headers['idempotency-key']).toBeUndefined();
});
