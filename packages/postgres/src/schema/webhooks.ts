import type { CaBundle, FailurePolicy, OrgId, SecretId, SecretKind, SuspendReason, WebhookId } from '@hooklane/domain';
import { OPERATIONAL_PATTERNS } from '@hooklane/domain';
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { at, bytea } from './columns.ts';

/** Configuration: what receivers are, and how they are signed for. */

export const webhooks = pgTable(
  'webhooks',
  {
    id: uuid('id').$type<WebhookId>().primaryKey(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    /** Its alias for receivers that want an integer. */
    number: bigint('number', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    name: text('name').notNull(),
    description: text('description'),
    url: text('url').notNull(),
    events: text('events').array().notNull(),
    /** Of its profile and content type: see `encodingOf` in the domain. */
    encoding: smallint('encoding').notNull().default(0),
    signing: boolean('signing').notNull().default(true),
    filters: jsonb('filters').$type<Record<string, string[]>>(),
    /** Sealed JSON, name → values; null when there are none. */
    sealedHeaders: bytea('sealed_headers'),
    /** Sealed JSON of user name and password. */
    sealedAuth: bytea('sealed_auth'),
    verifyTls: boolean('verify_tls').notNull().default(true),
    /** Trusted instead of the public authorities. */
    caBundle: jsonb('ca_bundle').$type<CaBundle>(),
    /** Sealed JSON of certificate and key. */
    sealedClientCertificate: bytea('sealed_client_certificate'),
    failurePolicy: jsonb('failure_policy').$type<FailurePolicy>().notNull(),
    timeoutMs: integer('timeout_ms').notNull(),
    /** Attempts per second, over all workers. */
    rateLimit: integer('rate_limit'),
    maxInFlight: integer('max_in_flight'),
    enabled: boolean('enabled').notNull(),
    suspendedAt: at('suspended_at'),
    suspendedReason: text('suspended_reason').$type<SuspendReason>(),
    deletedAt: at('deleted_at'),
    /** It stopped being active and may have due rows left that the relay sets aside. */
    draining: boolean('draining').notNull().default(false),
    /** Raised by every change. Keys the workers' caches, and tells whether a webhook is still as its user saw it. */
    version: integer('version').notNull().default(1),
    createdAt: at('created_at').notNull().defaultNow(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (t) => [
    index('webhooks_org').on(t.orgId, t.createdAt, t.id).where(sql`deleted_at is null`),
    index('webhooks_listening')
      .on(t.orgId)
      .where(sql.raw(`events && '{${OPERATIONAL_PATTERNS.join(',')}}'::text[]`)),
    index('webhooks_alert_url').on(t.id).where(sql`failure_policy->>'alertUrl' is not null`),
    index('webhooks_events').using('gin', t.events).where(sql`deleted_at is null`),
    index('webhooks_org_name').on(t.orgId, t.name, t.id).where(sql`deleted_at is null`),
    index('webhooks_draining').on(t.id).where(sql`draining`),
    index('webhooks_suspended').on(t.suspendedAt, t.id).where(sql`suspended_at is not null`),
  ],
);

export const webhookSecrets = pgTable(
  'webhook_secrets',
  {
    id: uuid('id').$type<SecretId>().primaryKey(),
    webhookId: uuid('webhook_id').$type<WebhookId>().notNull(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    kind: text('kind').$type<SecretKind>().notNull(),
    /** Its text. */
    sealed: bytea('sealed').notNull(),
    hint: text('hint').notNull(),
    tag: text('tag'),
    /** Of a pair: the half that verifies. */
    publicKey: text('public_key'),
    createdAt: at('created_at').notNull().defaultNow(),
    /** Null for the newest; the ones before it sign until then. */
    expiresAt: at('expires_at'),
  },
  (t) => [index('webhook_secrets_webhook').on(t.webhookId, t.id)],
);
