import type { AuditId, KeyId, OrgId, WebhookId } from '@hooklane/domain';
import type { Actor } from '@hooklane/engine';
import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/** Who changed what, when: written with the change, read, and pruned by age. */

export const auditLog = pgTable(
  'audit_log',
  {
    id: uuid('id').$type<AuditId>().primaryKey(),
    at: at('at').notNull().defaultNow(),
    /** Null: the operator, across orgs. Stays when the org is deleted. */
    orgId: uuid('org_id').$type<OrgId>(),
    actor: text('actor').$type<Actor['kind']>().notNull(),
    keyId: uuid('key_id').$type<KeyId>(),
    /** As it was called then. */
    keyName: text('key_name'),
    requestId: text('request_id'),
    action: text('action').notNull(),
    target: text('target').notNull(),
    fields: text('fields').array().notNull(),
    details: jsonb('details').$type<Record<string, string>>().notNull(),
    /** The webhook it is an alert about, until that was told. */
    alertOf: uuid('alert_of').$type<WebhookId>(),
  },
  (t) => [
    index('audit_log_untold').on(t.alertOf).where(sql`alert_of is not null`),
    index('audit_log_age').on(t.at, t.id),
    index('audit_log_org').on(t.orgId, t.at, t.id),
  ],
);

/** How far alerts about a webhook were told. */
export const alertMarks = pgTable('alert_marks', {
  webhookId: uuid('webhook_id').$type<WebhookId>().primaryKey(),
  orgId: uuid('org_id').$type<OrgId>().notNull(),
  /** The run of failures that was told, by its first failure. */
  failingSince: at('failing_since'),
  /** Events set aside up to then were told. */
  divertedUntil: at('diverted_until'),
  divertedToldAt: at('diverted_told_at'),
});
