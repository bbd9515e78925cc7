import { describe, expect, test } from 'vitest';
import { clientOf, startApi } from '../test/scripted-api.ts';
import { OPERATIONS } from './api-types.ts';
import type { Client, OrgClient } from './client.ts';

const PAGE = { data: [], next_cursor: null };

type Use = (client: Client & OrgClient) => Promise<unknown>;

// Method, path and body of every call, as the API documents them.
const CALLS: [line: string, body: unknown, use: Use][] = [
  ['POST /v1/orgs', { slug: 'acme', name: 'Acme' }, ({ orgs }) => orgs.create({ slug: 'acme', name: 'Acme' })],
  ['GET /v1/orgs?limit=5', undefined, ({ orgs }) => orgs.list({ limit: 5 })],
  ['GET /v1/orgs/beta', undefined, ({ orgs }) => orgs.get('beta')],
  ['DELETE /v1/orgs/beta', undefined, ({ orgs }) => orgs.delete('beta')],
  [
    'POST /v1/orgs/beta/keys',
    { name: 'ci', scopes: ['events:write'] },
    ({ keys }) => keys.create('beta', { name: 'ci', scopes: ['events:write'] }),
  ],
  ['GET /v1/orgs/beta/keys', undefined, ({ keys }) => keys.list('beta')],
  ['DELETE /v1/orgs/beta/keys/key_1', undefined, ({ keys }) => keys.delete('beta', 'key_1')],
  ['GET /v1/orgs/acme/events?type=a.b&type=c.*', undefined, ({ events }) => events.list({ type: ['a.b', 'c.*'] })],
  [
    'PUT /v1/orgs/acme/event-types/a.b',
    { deprecated: true, schema: { type: 'object' } },
    ({ eventTypes }) => eventTypes.put('a.b', { deprecated: true, schema: { type: 'object' } }),
  ],
  ['GET /v1/orgs/acme/event-types?group=billing', undefined, ({ eventTypes }) => eventTypes.list({ group: 'billing' })],
  ['GET /v1/orgs/acme/event-types/a.b?version=2', undefined, ({ eventTypes }) => eventTypes.get('a.b', { version: 2 })],
  ['DELETE /v1/orgs/acme/event-types/a.b', undefined, ({ eventTypes }) => eventTypes.delete('a.b')],
  ['GET /v1/orgs/acme/event-types/a.b/versions', undefined, ({ eventTypes }) => eventTypes.versions('a.b')],
  ['GET /v1/orgs/acme/events/evt_1', undefined, ({ events }) => events.get('evt_1')],
  [
    'GET /v1/orgs/acme/events/evt_1/deliveries?limit=5',
    undefined,
    ({ events }) => events.deliveries('evt_1', { limit: 5 }),
  ],
  [
    'POST /v1/orgs/acme/webhooks',
    { url: 'https://r.example', events: ['a.*'], timeout_ms: 5_000 },
    ({ webhooks }) => webhooks.create({ url: 'https://r.example', events: ['a.*'], timeout_ms: 5_000 }),
  ],
  ['GET /v1/orgs/acme/webhooks', undefined, ({ webhooks }) => webhooks.list()],
  ['GET /v1/orgs/acme/webhooks/wh_1', undefined, ({ webhooks }) => webhooks.get('wh_1')],
  [
    'PATCH /v1/orgs/acme/webhooks/wh_1',
    { enabled: false, remove_events: ['a.b'] },
    ({ webhooks }) => webhooks.update('wh_1', { enabled: false, remove_events: ['a.b'] }),
  ],
  ['DELETE /v1/orgs/acme/webhooks/wh_1', undefined, ({ webhooks }) => webhooks.delete('wh_1')],
  ['POST /v1/orgs/acme/webhooks/wh_1/ping', undefined, ({ webhooks }) => webhooks.ping('wh_1')],
  [
    'POST /v1/orgs/acme/webhooks/wh_1/ping?wait=true',
    undefined,
    ({ webhooks }) => webhooks.ping('wh_1', { wait: true }),
  ],
  ['POST /v1/orgs/acme/webhooks/wh_1/suspend', undefined, ({ webhooks }) => webhooks.suspend('wh_1')],
  ['POST /v1/orgs/acme/webhooks/wh_1/unsuspend', undefined, ({ webhooks }) => webhooks.unsuspend('wh_1')],
  [
    'POST /v1/orgs/acme/webhooks/wh_1/secrets/rotate',
    { overlap_seconds: 60 },
    ({ webhooks }) => webhooks.rotateSecret('wh_1', { overlap_seconds: 60 }),
  ],
  ['GET /v1/orgs/acme/webhooks/wh_1/secrets', undefined, ({ webhooks }) => webhooks.secrets('wh_1')],
  [
    'DELETE /v1/orgs/acme/webhooks/wh_1/secrets/sec_1',
    undefined,
    ({ webhooks }) => webhooks.expireSecret('wh_1', 'sec_1'),
  ],
  [
    'GET /v1/orgs/acme/webhooks/wh_1/attempts?status=failed',
    undefined,
    ({ webhooks }) => webhooks.attempts('wh_1', { status: 'failed' }),
  ],
  ['GET /v1/orgs/acme/webhooks/wh_1/attempts/att_1', undefined, ({ webhooks }) => webhooks.attempt('wh_1', 'att_1')],
  [
    'GET /v1/orgs/acme/webhooks/wh_1/deliveries?state=pending',
    undefined,
    ({ webhooks }) => webhooks.deliveries('wh_1', { state: 'pending' }),
  ],
  ['GET /v1/orgs/acme/webhooks/wh_1/stats', undefined, ({ webhooks }) => webhooks.stats('wh_1')],
  ['GET /v1/orgs/acme/stats', undefined, ({ stats }) => stats()],
  [
    'GET /v1/orgs/acme/webhooks/wh_1/diverted?reason=suspended',
    undefined,
    ({ diverted }) => diverted.list('wh_1', { reason: 'suspended' }),
  ],
  ['GET /v1/orgs/acme/webhooks/wh_1/diverted/evt_1', undefined, ({ diverted }) => diverted.get('wh_1', 'evt_1')],
  [
    'POST /v1/orgs/acme/webhooks/wh_1/diverted/evt_1/resend',
    undefined,
    ({ diverted }) => diverted.resend('wh_1', 'evt_1'),
  ],
  [
    'POST /v1/orgs/acme/webhooks/wh_1/diverted/resend',
    { filter: { reasons: ['suspended'] }, per_second: 7 },
    ({ diverted }) => diverted.resendAll('wh_1', { reasons: ['suspended'] }, { perSecond: 7 }),
  ],
  ['DELETE /v1/orgs/acme/webhooks/wh_1/diverted/evt_1', undefined, ({ diverted }) => diverted.delete('wh_1', 'evt_1')],
  ['GET /v1/orgs/acme/diverted?reason=gone', undefined, ({ diverted }) => diverted.ofOrg.list({ reason: 'gone' })],
  [
    'POST /v1/orgs/acme/diverted/resend',
    { filter: { reasons: ['gone'] }, per_second: 7 },
    ({ diverted }) => diverted.ofOrg.resendAll({ reasons: ['gone'] }, { perSecond: 7 }),
  ],
  [
    'POST /v1/orgs/acme/webhooks/wh_1/replay',
    { since: '2026-01-01T00:00:00Z', new_ids: true },
    ({ webhooks }) => webhooks.replay('wh_1', { since: '2026-01-01T00:00:00Z', new_ids: true }),
  ],
  ['POST /v1/orgs/acme/webhooks/wh_1/retry-now', undefined, ({ webhooks }) => webhooks.retryNow('wh_1')],
  ['POST /v1/orgs/acme/webhooks/wh_1/cancel-pending', undefined, ({ webhooks }) => webhooks.cancelPending('wh_1')],
  [
    'GET /v1/orgs/acme/deliveries?state=discarded',
    undefined,
    ({ deliveries }) => deliveries.list({ state: 'discarded' }),
  ],
  ['GET /v1/orgs/acme/deliveries/dlv_1', undefined, ({ deliveries }) => deliveries.get('dlv_1')],
  [
    'POST /v1/orgs/acme/deliveries/dlv_1/redeliver?wait=true',
    undefined,
    ({ deliveries }) => deliveries.redeliver('dlv_1', { wait: true }),
  ],
  [
    'GET /v1/orgs/acme/operations?kind=replay&webhook_id=wh_1',
    undefined,
    ({ operations }) => operations.list({ kind: 'replay', webhook_id: 'wh_1' }),
  ],
  ['GET /v1/orgs/acme/operations/op_1', undefined, ({ operations }) => operations.get('op_1')],
  ['POST /v1/orgs/acme/operations/op_1/cancel', undefined, ({ operations }) => operations.cancel('op_1')],
  [
    'POST /v1/admin/diverted/replay',
    { filter: { org: 'acme' }, dry_run: true },
    ({ admin }) => admin.countReplayDiverted({ org: 'acme' }),
  ],
  [
    'POST /v1/orgs/acme/webhooks/wh_1/diverted/resend',
    { filter: {}, dry_run: true },
    ({ diverted }) => diverted.countResend('wh_1'),
  ],
  [
    'POST /v1/orgs/acme/diverted/resend',
    { filter: { reasons: ['gone'] }, dry_run: true },
    ({ diverted }) => diverted.ofOrg.countResend({ reasons: ['gone'] }),
  ],
  [
    'POST /v1/orgs/acme/webhooks/wh_1/replay',
    { since: '2026-01-01T00:00:00Z', dry_run: true },
    ({ webhooks }) => webhooks.countReplay('wh_1', { since: '2026-01-01T00:00:00Z' }),
  ],
  ['GET /v1/admin/pauses', undefined, ({ admin }) => admin.pauses()],
  ['POST /v1/admin/pause', undefined, ({ admin }) => admin.pause()],
  ['POST /v1/admin/resume', undefined, ({ admin }) => admin.resume()],
  ['POST /v1/orgs/acme/pause', undefined, ({ orgs }) => orgs.pause('acme')],
  ['POST /v1/orgs/acme/resume', undefined, ({ orgs }) => orgs.resume('acme')],
  ['POST /v1/orgs/acme/webhooks/wh_1/pause', undefined, ({ webhooks }) => webhooks.pause('wh_1')],
  ['POST /v1/orgs/acme/webhooks/wh_1/resume', undefined, ({ webhooks }) => webhooks.resume('wh_1')],
  ['GET /v1/admin/queues', undefined, ({ admin }) => admin.queues()],
  [
    'POST /v1/admin/webhooks/unsuspend',
    { filter: { reasons: ['gone'] }, dry_run: true },
    ({ admin }) => admin.unsuspend({ reasons: ['gone'] }, { dryRun: true }),
  ],
  ['GET /v1/admin/operations?state=running', undefined, ({ admin }) => admin.operations({ state: 'running' })],
  ['POST /v1/admin/operations/op_1/cancel', undefined, ({ admin }) => admin.cancelOperation('op_1')],
  ['POST /v1/admin/diverted/replay', { filter: { org: 'acme' } }, ({ admin }) => admin.replayDiverted({ org: 'acme' })],
  ['GET /v1/admin/diverted?org=acme', undefined, ({ admin }) => admin.diverted({ org: 'acme' })],
  ['GET /v1/orgs/acme/audit?actor=operator', undefined, ({ audit }) => audit.list({ actor: 'operator' })],
  ['GET /v1/admin/audit?org=acme', undefined, ({ admin }) => admin.audit({ org: 'acme' })],
  ['GET /v1/orgs/acme/keys/key_1', undefined, ({ keys }) => keys.get('acme', 'key_1')],
  ['PATCH /v1/orgs/acme', { name: 'Acme' }, ({ orgs }) => orgs.update('acme', { name: 'Acme' })],
  ['GET /v1/admin/operations/op_1', undefined, ({ admin }) => admin.operation('op_1')],
  [
    'POST /v1/admin/erasures',
    { org_id: 'org_1', per_second: 9 },
    ({ admin }) => admin.erase('org_1', { perSecond: 9 }),
  ],
  ['POST /v1/admin/erasures', { org_id: 'org_1', dry_run: true }, ({ admin }) => admin.countErase('org_1')],
  ['POST /v1/admin/reseal', {}, ({ admin }) => admin.reseal()],
  ['POST /v1/admin/reseal', { dry_run: true }, ({ admin }) => admin.countReseal()],
];

/** Open to everyone, for browsers and supervisors: not for producers. */
const NOT_CALLED = new Set<string>(['getOpenApi', 'getDocs', 'getLiveness', 'getReadiness']);

describe('the client', () => {
  test('has a call for every operation of the API', () => {
    // These two have tests of their own.
    const lines = [...CALLS.map(([line]) => line), 'POST /v1/orgs/acme/events', 'POST /v1/orgs/acme/events/batch'];
    const missing = Object.entries(OPERATIONS).filter(([name, { method, path }]) => {
      const pattern = new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, '[^/?]+')}(\\?|$)`);
      return !NOT_CALLED.has(name) && !lines.some((line) => pattern.test(line));
    });
    expect(missing.map(([name]) => name)).toEqual([]);
  });
});

describe('every call', () => {
  test.each(CALLS)('%s', async (line, body, use) => {
    const api = await startApi({ status: 200, json: PAGE });
    expect(await use(clientOf(api))).toEqual(PAGE);
    const [request] = api.requests;
    expect(`${request?.method} ${request?.url}`).toBe(line);
    expect(request?.body.length === 0 ? undefined : JSON.parse(String(request?.body))).toEqual(body);
  });

  test('a change may expect a version, and is not repeated once it may have been made', async () => {
    const api = await startApi({ status: 500 }, { status: 200, json: PAGE });
    const { webhooks } = clientOf(api);
    const update = webhooks.update('wh_1', { name: 'x' }, { version: 7 });
    await expect(update).rejects.toMatchObject({ status: 500 });
    await webhooks.delete('wh_1', { version: 8 });
    expect(api.requests.map(({ headers }) => headers['if-match'])).toEqual(['"7"', '"8"']);
  });

  test('a call with an empty answer gives nothing', async () => {
    const api = await startApi({ status: 204 });
    expect(await clientOf(api).webhooks.delete('wh_1')).toBeUndefined();
  });

  test('an id that would lead to another path is refused and nothing is sent', async () => {
    const api = await startApi({ status: 204 });
    const { webhooks, diverted } = clientOf(api);
    await expect(webhooks.delete('..')).rejects.toThrow(TypeError);
    await expect(webhooks.delete('')).rejects.toThrow(TypeError);
    await expect(diverted.delete('wh_1', '..')).rejects.toThrow(TypeError);
    expect(api.requests).toHaveLength(0);
  });
});

describe('orgs', () => {
  test('one client speaks for several orgs', async () => {
    const api = await startApi({ status: 200, json: PAGE });
    const client = clientOf(api);
    await client.org('beta').webhooks.get('wh_1');
    await client.webhooks.get('wh_1');
    expect(api.requests.map((request) => request.url)).toEqual([
      '/v1/orgs/beta/webhooks/wh_1',
      '/v1/orgs/acme/webhooks/wh_1',
    ]);
  });

  test('an org that is no slug is refused at once', async () => {
    const api = await startApi({ status: 200, json: PAGE });
    expect(() => clientOf(api).org('..')).toThrow(TypeError);
  });
});

describe('lists', () => {
  const pages = [
    { status: 200, json: { data: [{ id: 'wh_1' }, { id: 'wh_2' }], next_cursor: 'c 1' } },
    { status: 200, json: { data: [], next_cursor: 'c2' } },
    { status: 200, json: { data: [{ id: 'wh_3' }], next_cursor: null } },
  ];

  test('all pages are walked through, with the question on each', async () => {
    const api = await startApi(...pages);
    const ids: string[] = [];
    for await (const webhook of clientOf(api).webhooks.all({ event_type: ['a.b', 'c.d'], active: true }))
      ids.push(webhook.id);
    expect(ids).toEqual(['wh_1', 'wh_2', 'wh_3']);
    expect(api.requests.map((request) => request.url)).toEqual([
      '/v1/orgs/acme/webhooks?event_type=a.b&event_type=c.d&active=true',
      '/v1/orgs/acme/webhooks?event_type=a.b&event_type=c.d&active=true&cursor=c+1',
      '/v1/orgs/acme/webhooks?event_type=a.b&event_type=c.d&active=true&cursor=c2',
    ]);
  });

  test('no page is asked for that nobody reads', async () => {
    const api = await startApi(...pages);
    for await (const webhook of clientOf(api).webhooks.all()) if (webhook.id === 'wh_2') break;
    expect(api.requests).toHaveLength(1);
  });

  test('one page comes with the cursor of the next', async () => {
    const api = await startApi(...pages);
    expect(await clientOf(api).webhooks.list({ limit: 2 })).toEqual(pages[0]?.json);
  });

  test('the diverted events of a webhook and the keys of an org are walked through too', async () => {
    const api = await startApi(...pages, ...pages);
    const client = clientOf(api);
    let count = 0;
    for await (const _event of client.diverted.all('wh_1')) count++;
    for await (const _key of client.keys.all('acme')) count++;
    expect(count).toBe(6);
  });
});

test('a call that waits for a receiver has 30 s more than the others', async () => {
  const api = await startApi('hang');
  const client = clientOf(api, { timeoutMs: 50, retries: 0 });
  const waiting = client.webhooks.ping('wh_1', { wait: true }).catch((error: unknown) => error);
  await api.received(1);
  await expect(client.webhooks.ping('wh_1')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  client.close();
  expect(await waiting).toMatchObject({ code: 'ERR_ABORTED' });
});
