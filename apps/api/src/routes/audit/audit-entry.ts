import { formatId } from '@hooklane/domain';
import type { Actor, AuditRecord } from '@hooklane/engine';
import { z } from 'zod';
import { idText, orgSlug, time, timestamp } from '../../contract/fields.ts';

const actorSchema = z.strictObject({
  kind: z
    .enum(['operator', 'key', 'system'])
    .describe('`system`: a rule of ours did it, such as the one that suspends.'),
  key_id: idText('key').nullable(),
  key_name: z.string().nullable().describe('As the key was called then.'),
});

export const auditEntrySchema = z
  .strictObject({
    id: idText('aud'),
    at: timestamp,
    org: z
      .strictObject({ id: idText('org'), slug: orgSlug })
      .nullable()
      .describe('Null: what the operator did across orgs.'),
    actor: actorSchema,
    action: z.string().describe('What was done, such as `webhook.updated`.'),
    target: z.string().describe('What it was done to: an id, or the name of an event type.'),
    fields: z.array(z.string()).describe('The fields that were given other values. Their values are not kept.'),
    details: z.record(z.string(), z.string()).describe('What one wants to know at once, such as a name or a reason.'),
    request_id: z.string().nullable(),
  })
  .meta({
    id: 'AuditEntry',
    examples: [
      {
        id: 'aud_01ja8v5qk3f7nr2xw9m4t6y0bc',
        at: '2026-01-02T03:04:05.000Z',
        org: { id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc', slug: 'acme' },
        actor: { kind: 'key', key_id: 'key_01ja8v5qk3f7nr2xw9m4t6y0bc', key_name: 'console' },
        action: 'webhook.updated',
        target: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
        fields: ['url', 'timeout_ms'],
        details: { url: 'https://example.com/…', url_before: 'https://example.com:8443/…' },
        request_id: 'req_5f0c2c9a8a5f4d7f9d3b1e6a7c8b9d0e',
      },
    ],
  });

export function presentAuditEntry(entry: AuditRecord): z.output<typeof auditEntrySchema> {
  const { org } = entry;
  return {
    id: formatId('aud', entry.id),
    at: time(entry.at),
    org: org && { id: formatId('org', org.id), slug: org.slug },
    actor: presentActor(entry.actor),
    action: entry.action,
    target: entry.target,
    fields: [...entry.fields],
    details: { ...entry.details },
    request_id: entry.requestId,
  };
}

function presentActor(actor: Actor): z.output<typeof actorSchema> {
  if (actor.kind !== 'key') return { kind: actor.kind, key_id: null, key_name: null };
  return { kind: 'key', key_id: formatId('key', actor.id), key_name: actor.name };
}
