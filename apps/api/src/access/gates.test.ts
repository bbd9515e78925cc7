import { formatId } from '@hooklane/domain';
import { SCOPES } from '@hooklane/engine';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../test/api.ts';
import { OPERATOR_KEY, startApi, strangeId } from '../../test/api.ts';
import { eventView } from '../../test/fake-history.ts';
import { ROUTES as DEFINED } from '../routes/index.ts';

/** Every route there is, with its gate: a scope, `operator`, or `open`. */
const ROUTES = DEFINED.map(({ definition: { method, path, access } }) => ({ method, url: path, gate: access }));
const ORG_ROUTES = ROUTES.filter(({ gate }) => gate !== 'operator' && gate !== 'open');
const OPERATOR_ROUTES = ROUTES.filter(({ gate }) => gate === 'operator');

let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

describe('the gates', () => {
  it('are these', () => {
    expect(ROUTES.map(({ method, url, gate }) => `${method} ${url}: ${gate}`).sort()).toEqual([
      'DELETE /v1/orgs/:org/event-types/:type: event-types:write',
      'DELETE /v1/orgs/:org/keys/:id: operator',
      'DELETE /v1/orgs/:org/webhooks/:id/diverted/:event: diverted:delete',
      'DELETE /v1/orgs/:org/webhooks/:id/secrets/:secret: webhooks:update',
      'DELETE /v1/orgs/:org/webhooks/:id: webhooks:delete',
      'DELETE /v1/orgs/:org: operator',
      'GET /docs: open',
      'GET /healthz: open',
      'GET /openapi.json: open',
      'GET /readyz: open',
      'GET /v1/admin/audit: operator',
      'GET /v1/admin/diverted: operator',
      'GET /v1/admin/operations/:id: operator',
      'GET /v1/admin/operations: operator',
      'GET /v1/admin/pauses: operator',
      'GET /v1/admin/queues: operator',
      'GET /v1/orgs/:org/audit: audit:read',
      'GET /v1/orgs/:org/deliveries/:id: deliveries:read',
      'GET /v1/orgs/:org/deliveries: deliveries:read',
      'GET /v1/orgs/:org/diverted: diverted:list',
      'GET /v1/orgs/:org/event-types/:type/versions: event-types:read',
      'GET /v1/orgs/:org/event-types/:type: event-types:read',
      'GET /v1/orgs/:org/event-types: event-types:read',
      'GET /v1/orgs/:org/events/:id/deliveries: events:read',
      'GET /v1/orgs/:org/events/:id: events:read',
      'GET /v1/orgs/:org/events: events:read',
      'GET /v1/orgs/:org/keys/:id: operator',
      'GET /v1/orgs/:org/keys: operator',
      'GET /v1/orgs/:org/operations/:id: deliveries:read',
      'GET /v1/orgs/:org/operations: deliveries:read',
      'GET /v1/orgs/:org/stats: stats:read',
      'GET /v1/orgs/:org/webhooks/:id/attempts/:attempt: deliveries:read',
      'GET /v1/orgs/:org/webhooks/:id/attempts: deliveries:read',
      'GET /v1/orgs/:org/webhooks/:id/deliveries: deliveries:read',
      'GET /v1/orgs/:org/webhooks/:id/diverted/:event: diverted:read',
      'GET /v1/orgs/:org/webhooks/:id/diverted: diverted:list',
      'GET /v1/orgs/:org/webhooks/:id/secrets: webhooks:read',
      'GET /v1/orgs/:org/webhooks/:id/stats: stats:read',
      'GET /v1/orgs/:org/webhooks/:id: webhooks:read',
      'GET /v1/orgs/:org/webhooks: webhooks:list',
      'GET /v1/orgs/:org: org:read',
      'GET /v1/orgs: operator',
      'PATCH /v1/orgs/:org/webhooks/:id: webhooks:update',
      'PATCH /v1/orgs/:org: operator',
      'POST /v1/admin/diverted/replay: operator',
      'POST /v1/admin/erasures: operator',
      'POST /v1/admin/operations/:id/cancel: operator',
      'POST /v1/admin/pause: operator',
      'POST /v1/admin/reseal: operator',
      'POST /v1/admin/resume: operator',
      'POST /v1/admin/webhooks/unsuspend: operator',
      'POST /v1/orgs/:org/deliveries/:id/redeliver: deliveries:resend',
      'POST /v1/orgs/:org/diverted/resend: diverted:resend',
      'POST /v1/orgs/:org/events/batch: events:write',
      'POST /v1/orgs/:org/events: events:write',
      'POST /v1/orgs/:org/keys: operator',
      'POST /v1/orgs/:org/operations/:id/cancel: deliveries:resend',
      'POST /v1/orgs/:org/pause: operator',
      'POST /v1/orgs/:org/resume: operator',
      'POST /v1/orgs/:org/webhooks/:id/cancel-pending: deliveries:resend',
      'POST /v1/orgs/:org/webhooks/:id/diverted/:event/resend: diverted:resend',
      'POST /v1/orgs/:org/webhooks/:id/diverted/resend: diverted:resend',
      'POST /v1/orgs/:org/webhooks/:id/pause: webhooks:update',
      'POST /v1/orgs/:org/webhooks/:id/ping: webhooks:update',
      'POST /v1/orgs/:org/webhooks/:id/replay: deliveries:resend',
      'POST /v1/orgs/:org/webhooks/:id/resume: webhooks:update',
      'POST /v1/orgs/:org/webhooks/:id/retry-now: deliveries:resend',
      'POST /v1/orgs/:org/webhooks/:id/secrets/rotate: webhooks:update',
      'POST /v1/orgs/:org/webhooks/:id/suspend: webhooks:update',
      'POST /v1/orgs/:org/webhooks/:id/unsuspend: webhooks:update',
      'POST /v1/orgs/:org/webhooks: webhooks:create',
      'POST /v1/orgs: operator',
      'PUT /v1/orgs/:org/event-types/:type: event-types:write',
    ]);
  });

  it.each(ORG_ROUTES)('of $method $url let nobody in without a key of the org with the scope', async (route) => {
    const url = urlOf(route.url, 'acme');
    const poorKey = await api.keyFor(
      api.acme,
      SCOPES.filter((scope) => scope !== route.gate),
    );

    const anonymous = await api.call(route.method, url, { key: null });
    expect([anonymous.statusCode, anonymous.json().code]).toEqual([401, 'unauthenticated']);
    expect(anonymous.headers['www-authenticate']).toBe('Bearer realm="hooklane"');

    const poor = await api.call(route.method, url, { key: poorKey });
    expect(poor.json()).toMatchObject({
      status: 403,
      code: 'forbidden',
      detail: `The key lacks the scope ${route.gate}.`,
    });

    const stranger = await api.call(route.method, url, { key: api.globexKey });
    const nowhere = await api.call(route.method, urlOf(route.url, 'no-such-org'), { key: api.globexKey });
    expect([stranger.statusCode, stranger.json().code]).toEqual([404, 'not_found']);
    expect(anonymised(stranger.body)).toBe(anonymised(nowhere.body));

    const operator = await api.call(route.method, urlOf(route.url, 'no-such-org'), { key: OPERATOR_KEY });
    expect(operator.json().code).toBe('not_found');
  });

  it.each(OPERATOR_ROUTES)('of $method $url let the operator in only', async (route) => {
    const url = urlOf(route.url, 'acme');
    expect((await api.call(route.method, url, { key: null })).statusCode).toBe(401);
    const ours = await api.call(route.method, url);
    expect(ours.json()).toMatchObject({ status: 403, code: 'forbidden', detail: "This takes the operator's key." });
    const operator = await api.call(route.method, url, { key: OPERATOR_KEY });
    expect([401, 403]).not.toContain(operator.statusCode);
  });
});

describe('ids of another org', () => {
  /** Where one must be there. */
  const BODIES: Readonly<Record<string, object>> = {
    'PATCH /v1/orgs/:org/webhooks/:id': { name: 'x' },
    'POST /v1/orgs/:org/webhooks/:id/replay': { since: '2026-01-01T00:00:00Z' },
  };
  const BELOW_WEBHOOK = ORG_ROUTES.filter(({ url }) => url.includes('/webhooks/:id'));

  it.each(BELOW_WEBHOOK)('are unknown to $method $url, like ids of nothing', async (route) => {
    const body = BODIES[`${route.method} ${route.url}`];
    const foreign = await api.call('POST', '/v1/orgs/globex/webhooks', {
      key: api.globexKey,
      body: { url: 'https://example.com/', events: ['*'] },
    });
    const answers = [foreign.json().id, strangeId(api.ports, 'wh'), 'nonsense', `wh_${'z'.repeat(26)}`].map((id) =>
      api.call(route.method, urlOf(route.url, 'acme', id), body === undefined ? {} : { body }),
    );
    const bodies = (await Promise.all(answers)).map((answer) => anonymised(answer.body));
    expect(JSON.parse(bodies[0] ?? '').code).toBe('not_found');
    expect(new Set(bodies).size).toBe(1);
    expect(api.ports.webhooks.all).toHaveLength(1);
  });

  it('of events and operations are unknown too', async () => {
    const { ids, history, operations } = api.ports;
    const by = { actor: { kind: 'operator' }, requestId: null } as const;
    const task = { kind: 'resend', filter: {} } as const;
    const operation = { id: ids.next('op'), orgId: api.globex.id, webhookId: null, task, perSecond: 1, by };
    await operations.start(operation);
    const event = eventView(api.globex.id);
    history.eventsKept.push(event);
    const eventPath = `events/${formatId('evt', event.id)}`;
    for (const path of [eventPath, `${eventPath}/deliveries`, `operations/${formatId('op', operation.id)}`]) {
      expect((await api.call('GET', `/v1/orgs/acme/${path}`)).json().code).toBe('not_found');
      expect((await api.call('GET', `/v1/orgs/globex/${path}`, { key: api.globexKey })).statusCode).toBe(200);
    }
  });
});

describe('the Authorization header', () => {
  const list = (authorization: string) =>
    api.call('GET', '/v1/orgs/acme/webhooks', { key: null, headers: { authorization } });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it('takes a key as Bearer, as token, and as the user name of Basic, in any case', async () => {
    const headers = [
      `Bearer ${api.key}`,
      `bearer  ${api.key}`,
      `token ${api.key}`,
      basic(`${api.key}:`),
      basic(api.key),
    ];
    for (const header of headers) expect((await list(header)).statusCode).toBe(200);
    expect((await list(basic(`${OPERATOR_KEY}:x`))).statusCode).toBe(200);
  });

  it('is refused in any other form', async () => {
    const { key } = api;
    const headers = [
      '',
      key,
      `Digest ${key}`,
      'Bearer',
      'Bearer ',
      basic(`:${key}`),
      `Bearer ${key}x`,
      `Bearer ${key.slice(1)}`,
    ];
    for (const header of headers) expect((await list(header)).json().code).toBe('unauthenticated');
    expect((await list(`Bearer ${'x'.repeat(10_000)}`)).json().code).toBe('unauthenticated');
  });

  it('looks only keys of the right form up, and good ones rarely', async () => {
    await list('Bearer guess');
    expect(api.ports.keys.lookups).toBe(0);
    await Promise.all([list(`Bearer ${api.key}`), list(`Bearer ${api.key}`)]);
    await list(`Bearer ${api.key}`);
    expect(api.ports.keys.lookups).toBe(1);
  });
});

function urlOf(pattern: string, org: string, id = 'wh_00000000000000000000000000'): string {
  return pattern.replace(':org', org).replace(':id', id).replaceAll(/:\w+/g, 'evt_00000000000000000000000000');
}

function anonymised(body: string): string {
  return body.replace(/req_[0-9a-f]{32}/, 'req');
}
