import { formatId } from '@hooklane/domain';
import type { ApiKey, Operation, Org } from '@hooklane/engine';
import type { FastifyReply } from 'fastify';

/** ISO 8601 in UTC. */
export function time(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}

export function presentOrg(org: Org) {
  return { id: formatId('org', org.id), slug: org.slug, name: org.name, created_at: time(org.createdAt) };
}

export function presentKey(key: ApiKey) {
  return {
    id: formatId('key', key.id),
    name: key.name,
    hint: key.hint,
    scopes: key.scopes,
    expires_at: time(key.expiresAt),
    last_used_at: time(key.lastUsedAt),
    created_at: time(key.createdAt),
  };
}

export function presentOperation({ filter, ...operation }: Operation) {
  return {
    id: formatId('op', operation.id),
    kind: operation.kind,
    state: operation.state,
    filter: {
      org_id: filter.orgId && formatId('org', filter.orgId),
      webhook_id: filter.webhookId && formatId('wh', filter.webhookId),
      reasons: filter.reasons,
      event_types: filter.eventTypes,
      since: filter.since,
      until: filter.until,
    },
    per_second: operation.perSecond,
    total: operation.total,
    moved: operation.moved,
    created_at: time(operation.createdAt),
    finished_at: time(operation.finishedAt),
  };
}

/**
 * Sends an object with the payload of its event as it was published: parsed and written again it could lose digits of
 * numbers, repeated keys and the order of keys.
 */
export function sendWithPayload(reply: FastifyReply, fields: object, payload: Buffer): FastifyReply {
  const head = JSON.stringify(fields).slice(0, -1);
  return reply.type('application/json; charset=utf-8').send(`${head},"payload":${payload.toString('utf8')}}`);
}
