import { OverloadedError } from '@hooklane/runtime';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Call, TestApi } from '../../../test/api.ts';
import { startApi } from '../../../test/api.ts';

const BATCH = '/v1/orgs/acme/events/batch';
let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

const publish = (events: unknown, call: Call = {}) => api.call('POST', BATCH, { body: { events }, ...call });
const event = (changed: object = {}) => ({ type: 't', payload: 1, ...changed });
const statuses = (response: Awaited<ReturnType<typeof publish>>) =>
  response.json().data.map((one: { status: number; error?: { code: string } }) => one.error?.code ?? one.status);

describe('publishing a batch', () => {
  it('answers 202 with the id of each event and how many webhooks will get it, in order', async () => {
    const webhook = { url: 'https://a.test.com/', events: ['invoice.*'], ping: false };
    await api.call('POST', '/v1/orgs/acme/webhooks', { body: webhook });
    const response = await publish([event(), event({ type: 'invoice.paid' })]);
    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({
      data: [
        { status: 202, id: expect.stringMatching(/^evt_/), deliveries: 0 },
        { status: 202, id: expect.stringMatching(/^evt_/), deliveries: 1 },
      ],
    });
    expect(api.ports.events.drafts.map((draft) => draft.publication.type)).toEqual(['t', 'invoice.paid']);
  });

  it('keeps the bytes of each payload as they were sent, and everything else parsed', async () => {
    const payload = '{ "b":1.0,\t"a":12345678901234567890, "b":"\\ud800\\u0000é" }';
    const raw = `{"events":[ {"payload": ${payload} ,"type":"t","id":"inv-1","occurred_at":"2026-01-02T03:04:05Z"}, {"type":"u","payload":[] } ]}`;
    expect((await publish(null, { raw })).statusCode).toBe(202);
    const [first, second] = api.ports.events.drafts.map((draft) => draft.publication);
    expect([first?.payload.toString(), second?.payload.toString()]).toEqual([payload, '[]']);
    expect(first).toMatchObject({ externalId: 'inv-1', occurredAt: new Date('2026-01-02T03:04:05Z') });
  });

  it('takes 1,000 events and no more', async () => {
    const thousand = Array.from({ length: 1_000 }, () => event());
    expect((await publish(thousand)).json().data).toHaveLength(1_000);
    const more = await publish([...thousand, event()]);
    expect([more.statusCode, more.json().code]).toEqual([413, 'body_too_large']);
    expect(api.ports.events.drafts).toHaveLength(1_000);
  });

  it('takes 8 MiB and no more', async () => {
    const raw = JSON.stringify({ events: [event()] });
    const fill = (bytes: number) => raw + ' '.repeat(bytes - raw.length);
    expect((await publish(null, { raw: fill(8 * 1024 * 1024) })).statusCode).toBe(202);
    const over = await publish(null, { raw: fill(8 * 1024 * 1024 + 1) });
    expect([over.statusCode, over.json().code]).toEqual([413, 'body_too_large']);
  });

  it('gives all its events one request id, unless they or the batch have names of their own', async () => {
    const { headers } = await publish([event(), event({ request_id: 'mine' })]);
    await api.call('POST', BATCH, { body: { request_id: 'all', events: [event(), event({ request_id: 'mine' })] } });
    const given = api.ports.events.drafts.map((draft) => draft.publication.requestId);
    expect(given).toEqual([headers['x-request-id'], 'mine', 'all', 'mine']);
  });

  it('logs one line with counts, never a payload', async () => {
    await publish([event({ payload: 'SECRET-4242' }), event({ typo: 1 })]);
    expect(api.log).toMatchObject([
      { events: 2, failed: 1, codes: ['unknown_field'], repeated: 0, deliveries: 0, request_id: expect.any(String) },
    ]);
    expect(JSON.stringify(api.log)).not.toContain('4242');
  });
});

describe('a bad event of a batch', () => {
  it.each([
    ['no object', 1, 'malformed_json'],
    ['no payload', { type: 't' }, 'invalid_field'],
    ['no type', { payload: 1 }, 'invalid_field'],
    ['an unknown field', event({ typo: 1 }), 'unknown_field'],
    ['an attribute that is no text', event({ attributes: { n: 1 } }), 'invalid_field'],
    ['a key with spaces', event({ idempotency_key: 'a b' }), 'invalid_field'],
    ['a payload over the limit', event({ payload: 'x'.repeat(4096) }), 'payload_too_large'],
    ['a payload too deep', event({ payload: [[[[[[[[[1]]]]]]]]] }), 'payload_too_deep'],
  ])('fails alone, with 207: %s', async (_, bad, code) => {
    const response = await publish([event(), bad, event()]);
    expect(response.statusCode).toBe(207);
    expect(statuses(response)).toEqual([202, code, 202]);
    expect(api.ports.events.drafts).toHaveLength(2);
  });

  it('is told like a request of its own, fields by their names in the event', async () => {
    const { data } = (await publish([event({ type: 'a b' })])).json();
    expect(data).toEqual([
      {
        status: 422,
        error: {
          type: 'urn:hooklane:error:invalid_field',
          title: 'A field has a value that is not allowed.',
          status: 422,
          code: 'invalid_field',
          detail: 'A field has a value that is not allowed.',
          errors: [{ field: 'type', message: expect.any(String) }],
        },
      },
    ]);
  });

  it.each([
    ['two payloads', '{"type":"t","payload":1,"payl\\u006fad":2}', 'malformed_json'],
    ['a hostile key', '{"type":"t","payload":1,"__proto__":{}}', 'unknown_field'],
  ])('fails alone: %s', async (_, bad, code) => {
    const response = await publish(null, { raw: `{"events":[${bad},{"type":"t","payload":1}]}` });
    expect(statuses(response)).toEqual([code, 202]);
  });
});

describe('a batch that is not valid as a whole', () => {
  it.each([
    ['no JSON', '{"events":[', '400 malformed_json'],
    ['no object', '[]', '400 malformed_json'],
    ['two lists', '{"events":[{"type":"t","payload":1}],"events":[]}', '400 malformed_json'],
    ['an event that is no JSON', '{"events":[{"type":"t","payload":1},{"type":]}]}', '400 malformed_json'],
    ['no list', '{"events":{}}', '422 invalid_field'],
    ['nothing', '{}', '422 invalid_field'],
    ['an empty list', '{"events":[]}', '422 invalid_field'],
    ['an unknown field', '{"events":[{"type":"t","payload":1}],"typo":1}', '422 unknown_field'],
    ['nesting beyond all measure', `{"events":[${'['.repeat(20_000)}${']'.repeat(20_000)}]}`, '422 payload_too_deep'],
  ])('is refused: %s', async (_, raw, answer) => {
    const response = await publish(null, { raw });
    expect(`${response.statusCode} ${response.json().code}`).toBe(answer);
    expect(api.ports.events.drafts).toEqual([]);
  });
});

describe('the keys of a batch', () => {
  it('are those of events published alone: an idempotency key, or else the id', async () => {
    const single = async (body: object, key?: string) =>
      (
        await api.call('POST', '/v1/orgs/acme/events', {
          body,
          headers: key === undefined ? {} : { 'idempotency-key': key },
        })
      ).json().id;
    const byKey = await single(event(), 'k');
    const byId = await single(event({ id: 'x' }));
    const response = await publish([
      event({ idempotency_key: 'k' }),
      event({ id: 'x' }),
      event({ id: 'x', payload: 2 }),
    ]);
    expect(response.json().data).toMatchObject([{ id: byKey }, { id: byId }, { status: 409 }]);
    expect(api.ports.events.drafts).toHaveLength(2);
  });

  it('come from the header for events that have none, by their place', async () => {
    const events = [event(), event({ id: 'x' }), event({ idempotency_key: 'y' }), event()];
    const headers = { 'idempotency-key': 'whole' };
    const first = await publish(events, { headers });
    const again = await publish(events, { headers });
    expect(again.json()).toEqual(first.json());
    expect(new Set(first.json().data.map((one: { id: string }) => one.id)).size).toBe(4);
    const moved = await publish([event(), event({ payload: 2 })], { headers });
    expect(statuses(moved)).toEqual([202, 202]);
    expect(api.ports.events.drafts).toHaveLength(5);
    expect(statuses(await publish([event({ payload: 2 })], { headers }))).toEqual(['idempotency_conflict']);
  });

  it('that are the same within a batch make one event', async () => {
    const { data } = (await publish([event({ id: 'x' }), event({ id: 'x' })])).json();
    expect(data[0].id).toBe(data[1].id);
    expect(api.ports.events.drafts).toHaveLength(1);
  });
});

describe('when the store fails a batch', () => {
  it('answers 503 where nothing was stored, and says when to come again', async () => {
    api.ports.events.failure = new OverloadedError('more than 10 items are pending');
    const response = await publish([event(), event()]);
    expect([response.statusCode, response.json().code]).toEqual([503, 'overloaded']);
    expect(response.headers['retry-after']).toBe('1');
  });

  it('says of each what became of it where some were stored before it went away', async () => {
    const { events } = api.ports;
    const accept = events.accept.bind(events);
    events.accept = async (draft) => {
      if (events.drafts.length === 2) throw Object.assign(new Error('terminating'), { code: '57P01' });
      return accept(draft);
    };
    const response = await publish([event(), event(), event()]);
    expect(response.statusCode).toBe(207);
    expect(statuses(response)).toEqual([202, 202, 'unavailable']);
  });

  it('answers 500 for our own defects without a word of what they were, and logs them', async () => {
    api.ports.events.failure = new TypeError('secret detail');
    const response = await publish([event()]);
    expect([response.statusCode, response.json().code]).toEqual([500, 'internal']);
    expect(response.body).not.toContain('secret');
    expect(JSON.stringify(api.log)).toContain('secret detail');
  });
});
