import { formatId, parseId } from '@hooklane/domain';
import type { DeliveryView } from '@hooklane/engine';
import { OverloadedError } from '@hooklane/runtime';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../../test/api.ts';
import { OPERATOR_KEY, startApi, strangeId } from '../../../test/api.ts';
import { eventView } from '../../../test/fake-history.ts';

const EVENTS = '/v1/orgs/acme/events';
let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

describe('publishing an event', () => {
  it('answers 202 with the id and how many webhooks will get it', async () => {
    await api.call('POST', '/v1/orgs/acme/webhooks', {
      body: { url: 'https://a.test.com/', events: ['invoice.*'], ping: false },
    });
    await api.call('POST', '/v1/orgs/acme/webhooks', {
      body: { url: 'https://b.test.com/', events: ['other'], ping: false },
    });
    const response = await api.call('POST', EVENTS, { body: { type: 'invoice.paid', payload: { n: 1 } } });
    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({ id: expect.stringMatching(/^evt_[0-9a-z]{26}$/), deliveries: 1 });
    expect(parseId('evt', response.json().id)).toBe(api.ports.events.drafts[0]?.eventId);
  });

  it('keeps the bytes of the payload as they were sent, and everything else parsed', async () => {
    const payload = '{ "b":1.0,\t"a":12345678901234567890, "b":"\\ud800\\u0000é" }';
    const raw = `{"id":"inv-1","payload": ${payload} ,"type":"invoice.paid","attributes":{"constructor":"eu"},"occurred_at":"2026-01-02T03:04:05+02:00"}`;
    expect((await api.call('POST', EVENTS, { raw })).statusCode).toBe(202);
    const publication = api.ports.events.drafts[0]?.publication;
    expect(publication?.payload.toString()).toBe(payload);
    expect(publication).toMatchObject({
      orgId: api.acme.id,
      type: 'invoice.paid',
      externalId: 'inv-1',
      occurredAt: new Date('2026-01-02T01:04:05Z'),
      requestId: expect.stringMatching(/^req_/),
    });
    expect(Object.entries(publication?.attributes ?? {})).toEqual([['constructor', 'eu']]);
  });

  it("keeps the producer's name for what caused it, and looks no deeper for another", async () => {
    const body = { type: 't', payload: { request_id: 'no' }, request_id: 'order-7' };
    expect((await api.call('POST', EVENTS, { body })).statusCode).toBe(202);
    expect(api.ports.events.drafts[0]?.publication.requestId).toBe('order-7');
  });

  it.each(['null', '1', '"x"', '[]', 'true'])('takes %s as a payload', async (payload) => {
    const response = await api.call('POST', EVENTS, { raw: `{"type":"t","payload":${payload}}` });
    expect(response.statusCode).toBe(202);
    expect(api.ports.events.drafts[0]?.publication.payload.toString()).toBe(payload);
  });

  it('works with the key of the operator too', async () => {
    const response = await api.call('POST', EVENTS, { key: OPERATOR_KEY, body: { type: 't', payload: 1 } });
    expect(response.statusCode).toBe(202);
    expect(api.ports.events.drafts[0]?.publication.orgId).toBe(api.acme.id);
  });

  it('logs ids and sizes, never the payload', async () => {
    await api.call('POST', EVENTS, { body: { type: 't', payload: { card: 'SECRET-4242' } } });
    expect(api.log).toMatchObject([
      {
        msg: 'request.handled',
        event_id: expect.stringMatching(/^evt_/),
        org: 'acme',
        type: 't',
        bytes: 22,
        deliveries: 0,
        repeated: false,
      },
    ]);
    expect(JSON.stringify(api.log)).not.toContain('4242');
  });
});

it('takes the last moment there is as the time of an event', async () => {
  const body = { type: 't', payload: 1, occurred_at: '9999-12-31T23:59:59.999Z' };
  expect((await api.call('POST', EVENTS, { body })).statusCode).toBe(202);
});

describe('an event that is not valid', () => {
  const LARGE = JSON.stringify({ type: 't', payload: 'x'.repeat(4096) });
  const DEEP = JSON.stringify({ type: 't', payload: [[[[[[[[[1]]]]]]]]] });

  it.each([
    ['no JSON', '{"type":', '400 malformed_json'],
    ['no object', '[1]', '400 malformed_json'],
    ['nothing', '', '400 malformed_json'],
    ['two payloads', '{"type":"t","payload":1,"payl\\u006fad":2}', '400 malformed_json'],
    ['bytes that are not UTF-8', Buffer.from('{"type":"t","payload":"\xff"}', 'latin1'), '400 malformed_json'],
    ['a payload over the limit', LARGE, '413 payload_too_large'],
    ['a body over the limit', ' '.repeat(140 * 1024), '413 body_too_large'],
    ['a payload too deep', DEEP, '422 payload_too_deep'],
    ['an envelope too deep', DEEP.replace('payload', 'other'), '422 payload_too_deep'],
  ])('is refused: %s', async (_, raw, answer) => {
    const response = await api.call('POST', EVENTS, { raw });
    expect(`${response.statusCode} ${response.json().code}`).toBe(answer);
    expect(api.ports.events.drafts).toEqual([]);
  });

  it.each([
    ['payload', { type: 't' }],
    ['type', { payload: 1 }],
    ['type', { type: 'a b', payload: 1 }],
    ['type', { type: 1, payload: 1 }],
    ['id', { type: 't', payload: 1, id: 'a b' }],
    ['request_id', { type: 't', payload: 1, request_id: 'a b' }],
    ['request_id', { type: 't', payload: 1, request_id: '' }],
    ['id', { type: 't', payload: 1, id: 'x'.repeat(256) }],
    ['attributes.n', { type: 't', payload: 1, attributes: { n: 1 } }],
    ['attributes.a b', { type: 't', payload: 1, attributes: { 'a b': 'x' } }],
    ['attributes.n', { type: 't', payload: 1, attributes: { n: 'a\0b' } }],
    ['attributes', { type: 't', payload: 1, attributes: [] }],
    ['occurred_at', { type: 't', payload: 1, occurred_at: '2026-01-02T03:04:05' }],
    ['occurred_at', { type: 't', payload: 1, occurred_at: '1969-12-31T23:59:59Z' }],
    ['occurred_at', { type: 't', payload: 1, occurred_at: '2026-02-30T00:00:00Z' }],
    ['occurred_at', { type: 't', payload: 1, occurred_at: '9999-12-31T23:59:59-00:01' }],
  ])('names the field %s: %j', async (field, body) => {
    const response = await api.call('POST', EVENTS, { body });
    expect([response.statusCode, response.json().code]).toEqual([422, 'invalid_field']);
    expect(response.json().errors).toEqual([{ field, message: expect.any(String) }]);
  });

  it('has its unknown fields named, those of the prototype too', async () => {
    const response = await api.call('POST', EVENTS, { body: { type: 't', payload: 1, typo: 1, other: 2 } });
    expect([response.statusCode, response.json().code]).toEqual([422, 'unknown_field']);
    expect(response.json().errors.map((one: { field: string }) => one.field)).toEqual(['typo', 'other']);
    for (const raw of ['{"type":"t","payload":1,"__proto__":{}}', '{"type":"t","payload":1,"\\u005f_proto__":{}}']) {
      expect((await api.call('POST', EVENTS, { raw })).json()).toMatchObject({
        code: 'unknown_field',
        errors: [{ field: '__proto__' }],
      });
    }
    const raw = '{"type":"t","payload":1,"attributes":{"__proto__":"x"}}';
    expect((await api.call('POST', EVENTS, { raw })).json().errors[0].field).toBe('attributes.__proto__');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/vnd.x+json',
    'nonsense',
    'application/json; charset=utf-16',
    'application/json;a=b;CHARSET="iso-8859-1"',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; charset=utf-80',
  ])('is refused as %s', async (type) => {
    const response = await api.call('POST', EVENTS, { raw: '{}', headers: { 'content-type': type } });
    expect([response.statusCode, response.json().code]).toEqual([415, 'unsupported_media_type']);
  });

  it.each(['application/json;charset=UTF-8', 'application/json; charset="utf-8"; a=b', 'application/json; a=b'])(
    'is taken as %s',
    async (type) => {
      const raw = '{"type":"t","payload":1}';
      expect((await api.call('POST', EVENTS, { raw, headers: { 'content-type': type } })).statusCode).toBe(202);
    },
  );

  it('has its unknown query fields named', async () => {
    const response = await api.call('POST', `${EVENTS}?typo=1`, { body: { type: 't', payload: 1 } });
    expect(response.json()).toMatchObject({ status: 422, code: 'unknown_field', errors: [{ field: 'typo' }] });
    expect(api.ports.events.drafts).toEqual([]);
  });

  it('is refused compressed', async () => {
    const response = await api.call('POST', EVENTS, { raw: '{}', headers: { 'content-encoding': 'gzip' } });
    expect([response.statusCode, response.json().code]).toEqual([415, 'unsupported_media_type']);
  });
});

describe('idempotency', () => {
  const publish = (body: unknown, key?: string) =>
    api.call('POST', EVENTS, { body, headers: key === undefined ? {} : { 'idempotency-key': key } });

  it('gives the first answer again for the same key and request, however it is written', async () => {
    const first = await publish({ type: 't', payload: 1, attributes: { a: '1', b: '2' } }, 'k');
    const again = await publish({ attributes: { b: '2', a: '1' }, payload: 1, type: 't' }, 'k');
    expect(again.statusCode).toBe(202);
    expect(again.json()).toEqual(first.json());
    expect(api.ports.events.drafts).toHaveLength(1);
    expect(api.log.filter((line) => line['repeated'] === true)).toHaveLength(1);
  });

  it('does not mind another name for what caused the request', async () => {
    const first = await publish({ type: 't', payload: 1, request_id: 'try-1' }, 'k');
    expect((await publish({ type: 't', payload: 1, request_id: 'try-2' }, 'k')).json()).toEqual(first.json());
  });

  it.each([
    ['another payload', { payload: 2 }],
    ['another type', { type: 'u' }],
    ['an id', { id: 'x' }],
    ['an attribute', { attributes: { a: '1' } }],
    ['a time', { occurred_at: '2026-01-02T03:04:05Z' }],
  ])('refuses the same key with %s', async (_, change) => {
    await publish({ type: 't', payload: 1 }, 'k');
    const response = await publish({ type: 't', payload: 1, ...change }, 'k');
    expect([response.statusCode, response.json().code]).toEqual([409, 'idempotency_conflict']);
  });

  it('takes the id of the event for a key where there is none', async () => {
    const first = await publish({ type: 't', payload: 1, id: 'inv-1' });
    const again = await publish({ type: 't', payload: 1, id: 'inv-1' });
    expect(again.json()).toEqual(first.json());
    expect((await publish({ type: 't', payload: 2, id: 'inv-1' })).json().code).toBe('idempotency_conflict');
  });

  it('keeps keys and ids apart', async () => {
    await publish({ type: 't', payload: 1, id: 'x' });
    await publish({ type: 't', payload: 2 }, 'x');
    await publish({ type: 't', payload: 3 }, 'id:x');
    expect(api.ports.events.drafts).toHaveLength(3);
  });

  it.each([
    ['', 'empty'],
    ['a b', 'a space'],
    ['é', 'not ASCII'],
    ['x'.repeat(256), 'too long'],
  ])('refuses %j as a key: %s', async (key) => {
    const response = await publish({ type: 't', payload: 1 }, key);
    expect([response.statusCode, response.json().code]).toEqual([422, 'idempotency_key_invalid']);
  });

  it('takes a key of 255 characters', async () => {
    expect((await publish({ type: 't', payload: 1 }, 'x'.repeat(255))).statusCode).toBe(202);
  });
});

describe('when the store fails', () => {
  it.each([
    ['a lost connection', Object.assign(new Error('Failed query', { cause: coded('ECONNREFUSED') })), 'unavailable'],
    ['a server that is stopping', coded('57P01'), 'unavailable'],
    ['too much pending work', new OverloadedError('more than 10 items are pending'), 'overloaded'],
  ])('answers 503 for %s and says when to come again', async (_, error, code) => {
    api.ports.events.failure = error;
    const response = await api.call('POST', EVENTS, { body: { type: 't', payload: 1 } });
    expect([response.statusCode, response.json().code]).toEqual([503, code]);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.body).not.toContain('Failed query');
  });

  it('answers 500 for anything else without a word of what it was, and logs it', async () => {
    api.ports.events.failure = new TypeError('secret detail');
    const response = await api.call('POST', EVENTS, { body: { type: 't', payload: 1 } });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({
      type: 'urn:hooklane:error:internal',
      title: 'Something went wrong on our side.',
      status: 500,
      code: 'internal',
      request_id: response.headers['x-request-id'],
    });
    expect(api.log.find((line) => line['msg'] === 'request.failed')).toMatchObject({
      err: { type: 'TypeError', message: 'secret detail' },
      request_id: response.headers['x-request-id'],
    });
  });
});

describe('reading an event', () => {
  it('shows its payload byte for byte, with its deliveries', async () => {
    const { ids, history } = api.ports;
    const [id, deliveryId, webhookId] = [ids.next('evt'), ids.next('dlv'), ids.next('wh')];
    const at = new Date('2026-01-02T03:04:05Z');
    const kind = { origin: 'event', state: 'pending', eventType: 't' } as const;
    const delivery = { id: deliveryId, eventId: id, webhookId, ...kind };
    const told = { externalId: 'x', requestId: 'order-7', attributes: { a: '1' }, occurredAt: at };
    const payload = Buffer.from('{"n":1.0, "n":12345678901234567890}');
    const deliveries = [{ ...delivery, reason: null, attempts: 0, createdAt: at, finishedAt: null }];
    history.eventsKept.push(eventView(api.acme.id, { id, ...told, payload, deliveries }));
    const response = await api.call('GET', `${EVENTS}/${formatId('evt', id)}`);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.body).toContain('"payload":{"n":1.0, "n":12345678901234567890}}');
    expect(response.json()).toMatchObject({
      id: formatId('evt', id),
      external_id: 'x',
      request_id: 'order-7',
      type: 't',
      attributes: { a: '1' },
      deliveries_next_cursor: null,
      occurred_at: '2026-01-02T03:04:05.000Z',
      deliveries: [
        { id: formatId('dlv', deliveryId), webhook_id: formatId('wh', webhookId), state: 'pending', attempts: 0 },
      ],
    });
  });

  it('lists its deliveries page by page', async () => {
    const { ids, history } = api.ports;
    const at = new Date('2026-01-02T03:04:05Z');
    const id = ids.next('evt');
    const named = { id: ids.next('dlv'), eventId: id, webhookId: ids.next('wh'), origin: 'event', state: 'delivered' };
    const rest = { eventType: 't', reason: null, attempts: 1, createdAt: at, finishedAt: at };
    history.eventsKept.push(eventView(api.acme.id, { id, deliveries: [{ ...named, ...rest } as DeliveryView] }));
    const response = await api.call('GET', `${EVENTS}/${formatId('evt', id)}/deliveries?limit=3&cursor=c`);
    expect(response.json()).toMatchObject({ data: [{ origin: 'event', event_id: formatId('evt', id) }] });
    expect(history.lastAsked).toEqual({ page: { limit: 3, cursor: 'c' } });
    const unknown = await api.call('GET', `${EVENTS}/${strangeId(api.ports, 'evt')}/deliveries`);
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'not_found']);
  });

  it('does not tell an unknown id from one that is no id', async () => {
    const [unknown, nonsense] = await Promise.all([
      api.call('GET', `${EVENTS}/${strangeId(api.ports, 'evt')}`),
      api.call('GET', `${EVENTS}/nonsense`),
    ]);
    expect(unknown.statusCode).toBe(404);
    expect({ ...unknown.json(), request_id: '' }).toEqual({ ...nonsense.json(), request_id: '' });
  });
});

function coded(code: string): Error {
  return Object.assign(new Error('no'), { code });
}
