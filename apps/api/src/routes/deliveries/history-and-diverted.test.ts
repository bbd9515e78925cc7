import type { WebhookId } from '@hooklane/domain';
import { formatId, parseId } from '@hooklane/domain';
import type { DivertedEvent } from '@hooklane/engine';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../../test/api.ts';
import { OPERATOR_KEY, startApi, strangeId } from '../../../test/api.ts';
import { attemptView, eventView } from '../../../test/fake-history.ts';

let api: TestApi;
let path: string;
let webhookId: WebhookId;

beforeEach(async () => {
  api = await startApi();
  const body = { url: 'https://example.com/', events: ['*'], ping: false };
  const { id } = (await api.call('POST', '/v1/orgs/acme/webhooks', { body })).json();
  path = `/v1/orgs/acme/webhooks/${id}`;
  webhookId = parseId('wh', id) ?? api.ports.ids.next('wh');
});

describe('the attempts of a webhook', () => {
  it('are shown with request and response, and the body of one alone', async () => {
    const { history } = api.ports;
    const attempt = attemptView({ orgId: api.acme.id, webhookId });
    history.attemptsMade.push(attempt);
    history.eventsKept.push(eventView(api.acme.id, { id: attempt.eventId, payload: Buffer.from('{"é":1}') }));

    const list = await api.call('GET', `${path}/attempts?status=failed&limit=7&cursor=c`);
    expect(list.json()).toEqual({ data: [expect.objectContaining({ number: 1 })], next_cursor: null });
    expect(history.lastAsked).toEqual({ filter: { status: 'failed' }, page: { limit: 7, cursor: 'c' } });

    const one = await api.call('GET', `${path}/attempts/${formatId('att', attempt.id)}`);
    expect(one.json()).toEqual({
      id: formatId('att', attempt.id),
      webhook_id: formatId('wh', webhookId),
      delivery_id: formatId('dlv', attempt.deliveryId),
      event_id: formatId('evt', attempt.eventId),
      event_type: 'invoice.paid',
      number: 1,
      origin: 'event',
      redelivery: false,
      outcome: 'rejected',
      detail: null,
      status: 500,
      throttled: false,
      throttled_by: null,
      started_at: '2026-02-03T04:05:06.007Z',
      duration_ms: 12,
      request: {
        method: 'POST',
        url: 'https://example.com/hook',
        headers: { 'content-type': 'application/json', authorization: '********' },
        body: '{"é":1}',
        body_base64: null,
        size_bytes: 8,
      },
      response: {
        status: 500,
        headers: { 'x-two': ['a', 'b'] },
        body: 'no',
        body_base64: null,
        size_bytes: 2,
        truncated: false,
      },
      next_step: 'retry',
      next_attempt_at: '2026-02-03T04:05:11.000Z',
    });
    expect(list.json().data[0].request).not.toHaveProperty('body');
  });

  it('have no response where none came, and no body where the event is gone', async () => {
    const attempt = attemptView({ orgId: api.acme.id, webhookId });
    const none = { status: null, responseHeaders: null, responseBody: null, nextAttemptAt: null };
    api.ports.history.attemptsMade.push({ ...attempt, ...none, outcome: 'timed-out', detail: 'connect' });
    const one = await api.call('GET', `${path}/attempts/${formatId('att', attempt.id)}`);
    expect(one.json()).toMatchObject({
      outcome: 'timed-out',
      detail: 'connect',
      response: null,
    });
    expect(one.json().request).not.toHaveProperty('body');
  });

  it.each([
    [429, {}, true],
    [503, { 'retry-after': '5' }, true],
    [503, {}, false],
    [500, { 'retry-after': '5' }, false],
  ])('are marked where the receiver asked for less: %i %j', async (status, responseHeaders, throttled) => {
    const attempt = { ...attemptView({ orgId: api.acme.id, webhookId }), status, responseHeaders };
    api.ports.history.attemptsMade.push(attempt);
    const one = await api.call('GET', `${path}/attempts/${formatId('att', attempt.id)}`);
    expect(one.json()).toMatchObject({ status, throttled, throttled_by: throttled ? 'receiver' : null });
  });

  it.each([
    ['rate_limit', 500, 'rate_limit'],
    ['max_in_flight', 200, 'max_in_flight'],
    ['host', null, 'host'],
    ['rate_limit', 429, 'receiver'],
  ] as const)('are marked where they waited for a limit: %s %s', async (waitedFor, status, throttledBy) => {
    const attempt = { ...attemptView({ orgId: api.acme.id, webhookId }), status, waitedFor };
    api.ports.history.attemptsMade.push(attempt);
    const one = await api.call('GET', `${path}/attempts/${formatId('att', attempt.id)}`);
    expect(one.json()).toMatchObject({ throttled: true, throttled_by: throttledBy });
  });

  it('show bytes that are no text exactly', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0x00, 0x62]);
    const attempt = {
      ...attemptView({ orgId: api.acme.id, webhookId }),
      responseBody: bytes,
      origin: 'redeliver',
    } as const;
    api.ports.history.attemptsMade.push(attempt);
    const { response, redelivery } = (await api.call('GET', `${path}/attempts/${formatId('att', attempt.id)}`)).json();
    expect(response).toMatchObject({ body: 'a\ufffdb', size_bytes: 4 });
    expect(Buffer.from(response.body_base64, 'base64')).toEqual(bytes);
    expect(redelivery).toBe(true);
  });

  it('are chosen by what they came to, event, delivery and time', async () => {
    const [eventId, deliveryId] = [api.ports.ids.next('evt'), api.ports.ids.next('dlv')];
    const of = `event=${formatId('evt', eventId)}&delivery=${formatId('dlv', deliveryId)}`;
    await api.call(
      'GET',
      `${path}/attempts?status=success&${of}&since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z`,
    );
    expect(api.ports.history.lastAsked).toMatchObject({
      filter: { status: 'success', eventId, deliveryId, since: new Date('2026-01-01'), until: new Date('2026-01-02') },
    });
  });

  it('are refused for other states, unknown for other ids', async () => {
    expect((await api.call('GET', `${path}/attempts?status=ok`)).json().code).toBe('invalid_field');
    expect((await api.call('GET', `${path}/attempts/${strangeId(api.ports, 'att')}`)).json().code).toBe('not_found');
    expect((await api.call('GET', `${path}/attempts/att_1`)).json().code).toBe('not_found');
  });
});

describe('the deliveries of a webhook', () => {
  it('are listed by state', async () => {
    const { ids, history } = api.ports;
    const [id, eventId] = [ids.next('dlv'), ids.next('evt')];
    const at = new Date('2026-01-02T03:04:05Z');
    const state = { origin: 'event', state: 'diverted', reason: 'retries_exhausted', attempts: 11 } as const;
    history.deliveriesMade.push({
      orgId: api.acme.id,
      id,
      eventId,
      eventType: 'invoice.paid',
      webhookId,
      ...state,
      createdAt: at,
      finishedAt: at,
    });
    const response = await api.call('GET', `${path}/deliveries?state=diverted`);
    expect(response.json()).toEqual({
      data: [
        {
          id: formatId('dlv', id),
          event_id: formatId('evt', eventId),
          event_type: 'invoice.paid',
          webhook_id: formatId('wh', webhookId),
          ...state,
          created_at: '2026-01-02T03:04:05.000Z',
          finished_at: '2026-01-02T03:04:05.000Z',
        },
      ],
      next_cursor: 'more',
    });
    expect(history.lastAsked).toEqual({ filter: { state: 'diverted' }, page: { limit: 50, cursor: null } });
    await api.call(
      'GET',
      `${path}/deliveries?event_type=a&event_type=b&since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z`,
    );
    expect(history.lastAsked).toMatchObject({
      filter: { eventTypes: ['a', 'b'], since: new Date('2026-01-01'), until: new Date('2026-01-02') },
    });
    expect((await api.call('GET', `${path}/deliveries?state=lost`)).json().code).toBe('invalid_field');
  });
});

describe('diverted events', () => {
  let diverted: DivertedEvent;
  let one: string;

  beforeEach(() => {
    diverted = {
      orgId: api.acme.id,
      webhookId,
      eventId: api.ports.ids.next('evt'),
      eventType: 'invoice.paid',
      payload: Buffer.from('{"n":1.0, "n":2}'),
      attempts: 11,
      reason: 'retries_exhausted',
      trigger: '500',
      message: 'The last of 11 attempts was answered with 500.',
      divertedAt: new Date('2026-01-02T03:04:05Z'),
    };
    api.ports.diverted.all.push(diverted);
    one = `${path}/diverted/${formatId('evt', diverted.eventId)}`;
  });

  it('are listed by filters, and shown with their payload byte for byte', async () => {
    const shown = {
      org_id: formatId('org', api.acme.id),
      webhook_id: formatId('wh', webhookId),
      event_id: formatId('evt', diverted.eventId),
      event_type: 'invoice.paid',
      attempts: 11,
      reason: 'retries_exhausted',
      trigger: '500',
      message: 'The last of 11 attempts was answered with 500.',
      diverted_at: '2026-01-02T03:04:05.000Z',
    };
    const query =
      'reason=suspended&reason=gone&event_type=a&since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00%2B01:00';
    expect((await api.call('GET', `${path}/diverted?${query}`)).json()).toEqual({ data: [shown], next_cursor: null });
    expect(api.ports.diverted.lastFilter).toEqual({
      orgId: api.acme.id,
      webhookId,
      reasons: ['suspended', 'gone'],
      eventTypes: ['a'],
      since: new Date('2026-01-01T00:00:00Z'),
      until: new Date('2026-01-01T23:00:00Z'),
    });
    const single = await api.call('GET', one);
    expect(single.body).toContain('"payload":{"n":1.0, "n":2}}');
    expect(single.json()).toMatchObject(shown);
  });

  it('are deleted once', async () => {
    expect((await api.call('DELETE', one)).statusCode).toBe(204);
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await api.call(method, one)).json()).toMatchObject({ status: 404, code: 'not_diverted' });
    }
  });

  it('are resent one by one', async () => {
    const response = await api.call('POST', `${one}/resend`);
    expect(response.statusCode).toBe(202);
    const [deliveryId = ''] = api.ports.diverted.resent;
    expect(response.json()).toEqual({
      delivery_id: formatId('dlv', deliveryId),
      webhook_id: formatId('wh', webhookId),
      attempt: 12,
    });
    expect((await api.call('POST', `${one}/resend`)).json()).toMatchObject({ status: 404, code: 'not_diverted' });
  });

  it('are resent with their attempt when told to wait', async () => {
    api.ports.history.attemptOf = async ({ orgId, deliveryId }, number) => ({
      ...attemptView({ orgId, webhookId, deliveryId }),
      number,
    });
    const response = await api.call('POST', `${one}/resend?wait=true`);
    expect([response.statusCode, response.json().number]).toEqual([200, 12]);
  });

  it('are not resent to a webhook that is not active', async () => {
    await api.call('POST', `${path}/suspend`);
    for (const url of [`${one}/resend`, `${path}/diverted/resend`]) {
      expect((await api.call('POST', url)).json()).toMatchObject({ status: 409, code: 'webhook_not_active' });
    }
    expect(api.ports.diverted.all).toHaveLength(1);
  });

  it('are resent together by an operation that can be followed', async () => {
    const body = {
      filter: { reasons: ['suspended'], event_types: ['a'], since: '2026-01-01T00:00:00Z' },
      per_second: 1000,
    };
    const response = await api.call('POST', `${path}/diverted/resend`, { body });
    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({
      id: expect.stringMatching(/^op_[0-9a-z]{26}$/),
      kind: 'resend',
      state: 'running',
      webhook_id: formatId('wh', webhookId),
      waiting_for: null,
      filter: {
        org_id: formatId('org', api.acme.id),
        webhook_id: formatId('wh', webhookId),
        reasons: ['suspended'],
        event_types: ['a'],
        since: '2026-01-01T00:00:00.000Z',
      },
      per_second: 1000,
      total: 1,
      examined: 0,
      moved: 0,
      created_at: '2026-01-02T03:04:05.000Z',
      finished_at: null,
    });
    const followed = await api.call('GET', `/v1/orgs/acme/operations/${response.json().id}`);
    expect(followed.json()).toEqual(response.json());
    expect((await api.call('POST', `${path}/diverted/resend`)).json()).toMatchObject({ per_second: 100 });
  });

  it.each([
    ['per_second', { per_second: 0 }],
    ['per_second', { per_second: 10_001 }],
    ['filter.reasons', { filter: { reasons: [] } }],
    ['filter.reasons.0', { filter: { reasons: ['bored'] } }],
    ['filter.event_types.0', { filter: { event_types: ['a b'] } }],
    ['filter.since', { filter: { since: 'yesterday' } }],
  ])('are not resent where %s is wrong', async (field, body) => {
    const response = await api.call('POST', `${path}/diverted/resend`, { body });
    expect(response.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field }] });
    expect(api.ports.operations.all).toEqual([]);
  });

  it('are not resent by a filter with an unknown field', async () => {
    const response = await api.call('POST', `${path}/diverted/resend`, { body: { filter: { reason: ['gone'] } } });
    expect(response.json()).toMatchObject({ code: 'unknown_field', errors: [{ field: 'filter.reason' }] });
  });

  describe('of all orgs', () => {
    const call = (method: 'GET' | 'POST', url: string, body?: unknown) =>
      api.call(method, url, { key: OPERATOR_KEY, body });

    it('are listed for the operator', async () => {
      const wh = formatId('wh', webhookId);
      const response = await call('GET', `/v1/admin/diverted?org=acme&webhook_id=${wh}&reason=gone`);
      expect(response.json().data).toHaveLength(1);
      expect(api.ports.diverted.lastFilter).toMatchObject({ orgId: api.acme.id, webhookId, reasons: ['gone'] });
      expect((await call('GET', '/v1/admin/diverted?org=nobody')).json().errors).toMatchObject([{ field: 'org' }]);
      await call('GET', '/v1/admin/diverted');
      expect(api.ports.diverted.lastFilter?.orgId).toBeUndefined();
    });

    it('are replayed by an operation of no org', async () => {
      const response = await call('POST', '/v1/admin/diverted/replay', { filter: { org: 'acme' }, per_second: 5 });
      expect(response.statusCode).toBe(202);
      expect(api.ports.operations.all).toMatchObject([
        { orgId: null, perSecond: 5, task: { filter: { orgId: api.acme.id } } },
      ]);
      const { id } = response.json();
      expect((await call('GET', `/v1/admin/operations/${id}`)).json()).toEqual(response.json());
      expect((await api.call('GET', `/v1/orgs/acme/operations/${id}`)).json().code).toBe('not_found');
    });

    it.each([
      ['filter', {}],
      ['filter.org', { filter: { org: 'nobody' } }],
      ['filter.org', { filter: { org: 'A B' } }],
      ['filter.webhook_id', { filter: { webhook_id: 'evt_1' } }],
    ])('are not replayed where %s is missing or wrong', async (field, body) => {
      const response = await call('POST', '/v1/admin/diverted/replay', body);
      expect(response.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field }] });
      expect(api.ports.operations.all).toEqual([]);
    });
  });
});
