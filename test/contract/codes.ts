import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ErrorCode } from '@hooklane/domain';
import { parseId } from '@hooklane/domain';
import type { Answered, Asking } from './asking.ts';
import { OPERATIONS } from './described.ts';
import type { Made, Making } from './makers.ts';
import { made, pendingDelivery } from './makers.ts';

/** How each code is brought about on a real server. The compiler asks for every code: a new one cannot be forgotten. */
export const CODES: Readonly<Record<ErrorCode, Bringing | null>> = {
  malformed_request: raw('nonsense\r\n\r\n'),
  headers_too_large: raw(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`),
  expectation_failed: raw('GET /healthz HTTP/1.1\r\nhost: a\r\nexpect: miracles\r\nconnection: close\r\n\r\n'),
  // Takes as long as the server is patient; tried in client-errors.test.ts of the API, where that is shorter.
  request_timeout: null,
  malformed_json: as('createWebhook', 400),
  unknown_field: as('createWebhook', 422),
  invalid_field: posting('webhooks', { url: 'https://example.com/', events: [] }),
  payload_too_large: posting('events', { type: 'a.b', payload: 'x'.repeat(262_144) }),
  payload_too_deep: posting('events', `{"type":"a.b","payload":${'['.repeat(100)}${']'.repeat(100)}}`),
  body_too_large: as('createWebhook', 413),
  unsupported_media_type: as('createWebhook', 415),
  unauthenticated: as('listWebhooks', 401),
  forbidden: as('listWebhooks', 403),
  not_found: as('getWebhook', 404),
  route_not_found: asking({ method: 'GET', path: '/nowhere', key: null }),
  method_not_allowed: asking({ method: 'PUT', path: '/healthz', key: null }),
  idempotency_conflict: as('publishEvent', 409),
  idempotency_key_invalid: posting('events', { type: 'a.b', payload: 1 }, { 'idempotency-key': 'a b' }),
  unknown_event_type: async ({ asking: { ask }, making: { scene } }) => {
    const { slug, operator } = { slug: (await scene.house.newOrg()).slug, operator: scene.house.operator };
    await operator.orgs.update(slug, { settings: { unknown_event_types: 'refuse' } });
    const body = JSON.stringify({ type: 'never.heard.of', payload: 1 });
    return ask({ method: 'POST', path: `/v1/orgs/${slug}/events`, key: scene.house.operatorKey, body });
  },
  // The type of the scene is an object.
  payload_schema_mismatch: ({ asking: { ask }, making: { org } }) => {
    const body = JSON.stringify({ type: org.things['type'], payload: 'text' });
    return ask({ method: 'POST', path: `/v1/orgs/${org.slug}/events`, key: org.key, body });
  },
  schema_invalid: ({ asking: { ask }, making: { org } }) => {
    const body = JSON.stringify({ schema: { type: 'nothing' } });
    return ask({ method: 'PUT', path: `/v1/orgs/${org.slug}/event-types/a.bad`, key: org.key, body });
  },
  // Takes a schema that keeps a thread busy for seconds; tried in packages/schemas.
  schema_timeout: null,
  event_type_limit_reached: as('putEventType', 409),
  slug_taken: as('createOrg', 409),
  webhook_limit_reached: as('createWebhook', 409),
  host_limit_reached: async ({ asking: { ask }, making: { scene } }) => {
    const { slug, webhooks } = await scene.house.newOrg();
    await scene.house.operator.orgs.update(slug, { settings: { max_webhooks_per_host: 1 } });
    await webhooks.create({ url: 'https://example.com/', events: ['*'] });
    const body = JSON.stringify({ url: 'https://EXAMPLE.com.:8443/other', events: ['*'] });
    return ask({ method: 'POST', path: `/v1/orgs/${slug}/webhooks`, key: scene.house.operatorKey, body });
  },
  duplicate_url: as('updateWebhook', 409),
  precondition_failed: as('updateWebhook', 412),
  webhook_not_active: as('resendDiverted', 409),
  not_diverted: ({ asking: { ask }, making: { org } }) => {
    const path = `/v1/orgs/${org.slug}/webhooks/${org.things['wh']}/diverted/evt_01h455vb4pex5vsknk084sn02q`;
    return ask({ method: 'GET', path, key: org.key });
  },
  delivery_pending: async ({ asking: { ask }, making }) => {
    const { slug, key, client } = making.org;
    const { dlv } = await pendingDelivery(making);
    const answered = await ask({ method: 'POST', path: `/v1/orgs/${slug}/deliveries/${dlv}/redeliver`, key });
    const { webhook_id: webhook } = await client.deliveries.get(dlv);
    await client.webhooks.delete(webhook);
    return answered;
  },
  event_gone: as('redeliver', 410),
  too_many_operations: as('cancelPending', 409),
  invalid_cursor: ({ asking: { ask }, making: { org } }) => {
    return ask({ method: 'GET', path: `/v1/orgs/${org.slug}/webhooks?cursor=nonsense`, key: org.key });
  },
  url_not_allowed: posting('webhooks', { url: 'ftp://example.com/', events: ['*'] }),
  header_not_allowed: posting('webhooks', { url: 'https://example.com/', events: ['*'], headers: { host: 'a' } }),
  secret_invalid: posting('webhooks', { url: 'https://example.com/', events: ['*'], secret: 'short' }),
  too_many_secrets: as('rotateSecret', 409),
  rate_limited: as('listWebhooks', 429),
  secret_in_use: as('expireSecret', 409),
  overloaded: as('publishEvent', 503),
  unavailable: ({ asking: { ask }, making: { faulty, scene } }) => {
    return ask({ method: 'GET', path: '/v1/orgs', key: scene.house.operatorKey }, faulty.away);
  },
  newer_version: async ({ asking: { ask }, making: { scene } }) => {
    const { slug, webhooks } = await scene.house.newOrg();
    const { id } = await webhooks.create({ url: 'https://example.com/', events: ['*'] });
    await scene.house.pool.query('UPDATE webhooks SET encoding = 999 WHERE id = $1', [parseId('wh', id)]);
    return ask({ method: 'DELETE', path: `/v1/orgs/${slug}/webhooks/${id}`, key: scene.house.operatorKey });
  },
  internal: as('publishEvent', 500),
};

export interface Given {
  asking: Asking;
  making: Making;
}

export type Bringing = (given: Given) => Promise<Answered>;

/** As an operation comes to a status. */
function as(operation: string, status: number): Bringing {
  return async ({ asking: { ask }, making }) => {
    const described = OPERATIONS.find(({ id }) => id === operation);
    const request = described && (await made(described, status, making));
    if (!request) throw new TypeError(`makers.ts does not say how ${operation} comes to ${status}`);
    return ask(request, request.url);
  };
}

function asking(request: Made): Bringing {
  return ({ asking: { ask } }) => ask(request);
}

function posting(resource: string, body: unknown, headers: Record<string, string> = {}): Bringing {
  return ({ asking: { ask }, making: { org } }) => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    return ask({ method: 'POST', path: `/v1/orgs/${org.slug}/${resource}`, key: org.key, headers, body: sent });
  };
}

/** What no client would send. */
function raw(bytes: string): Bringing {
  return async ({ making: { scene } }) => {
    const { hostname, port } = new URL(scene.house.url);
    const socket = connect(Number(port), hostname);
    socket.write(bytes);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    return { status: Number(head.split(' ')[1]), headers: { 'content-type': typeIn(head) }, text: body };
  };
}

function typeIn(head: string): string {
  return /^content-type: (.*)$/im.exec(head)?.[1] ?? '';
}
