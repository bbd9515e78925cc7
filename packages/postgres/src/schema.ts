import type {
  AttemptId,
  DeliveryId,
  DeliveryState,
  EventId,
  FailurePolicy,
  KeyId,
  OperationId,
  OrgId,
  Origin,
  SecretId,
  SuspendReason,
  WebhookId,
} from '@hooklane/domain';
import type { Operation } from '@hooklane/engine';
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

/**
 * The tables. What drizzle cannot say (day partitions, storage parameters) is written by hand into the first migration.
 *
 * - configuration: orgs, api_keys, webhooks, webhook_secrets
 * - history, in day partitions by the time inside the UUIDv7 id: events, deliveries
 * - work to do, narrow and hot: delivery_due
 * - log and counters, away from both: attempts, webhook_health
 * - set aside: diverted_events, with events_kept for what outlives its day partition
 */

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });
const at = (name: string) => timestamp(name, { withTimezone: true });

export const orgs = pgTable(
  'orgs',
  {
    id: uuid('id').$type<OrgId>().primaryKey(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    /** Raised by every change of a webhook: what was matched against an older version is matched again. */
    configVersion: bigint('config_version', { mode: 'bigint' }).notNull().default(sql`1`),
    createdAt: at('created_at').notNull().defaultNow(),
    deletedAt: at('deleted_at'),
  },
  (t) => [uniqueIndex('orgs_slug').on(t.slug).where(sql`deleted_at is null`)],
);

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').$type<KeyId>().primaryKey(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    name: text('name').notNull(),
    /** SHA-256 of the key. */
    hash: bytea('hash').notNull(),
    hint: text('hint').notNull(),
    scopes: text('scopes').array().notNull(),
    expiresAt: at('expires_at'),
    lastUsedAt: at('last_used_at'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [uniqueIndex('api_keys_hash').on(t.hash), index('api_keys_org').on(t.orgId, t.id)],
);

export const webhooks = pgTable(
  'webhooks',
  {
    id: uuid('id').$type<WebhookId>().primaryKey(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    name: text('name').notNull(),
    description: text('description'),
    url: text('url').notNull(),
    events: text('events').array().notNull(),
    filters: jsonb('filters').$type<Record<string, string[]>>(),
    /** Sealed JSON, name → values; null when there are none. */
    sealedHeaders: bytea('sealed_headers'),
    failurePolicy: jsonb('failure_policy').$type<FailurePolicy>().notNull(),
    timeoutMs: integer('timeout_ms').notNull(),
    enabled: boolean('enabled').notNull(),
    suspendedAt: at('suspended_at'),
    suspendedReason: text('suspended_reason').$type<SuspendReason>(),
    deletedAt: at('deleted_at'),
    /** It stopped being active and may have due rows left that the relay sets aside. */
    draining: boolean('draining').notNull().default(false),
    /** Raised by every change of what an attempt needs: url, headers, policy, secrets. Keys the workers' caches. */
    version: integer('version').notNull().default(1),
    createdAt: at('created_at').notNull().defaultNow(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (t) => [
    index('webhooks_org').on(t.orgId, t.createdAt, t.id).where(sql`deleted_at is null`),
    index('webhooks_draining').on(t.id).where(sql`draining`),
  ],
);

export const webhookSecrets = pgTable(
  'webhook_secrets',
  {
    id: uuid('id').$type<SecretId>().primaryKey(),
    webhookId: uuid('webhook_id').$type<WebhookId>().notNull(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    sealed: bytea('sealed').notNull(),
    hint: text('hint').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
    /** Null for the newest; the ones before it sign until then. */
    expiresAt: at('expires_at'),
  },
  (t) => [index('webhook_secrets_webhook').on(t.webhookId, t.id)],
);

export const webhookHealth = pgTable('webhook_health', {
  webhookId: uuid('webhook_id').$type<WebhookId>().primaryKey(),
  orgId: uuid('org_id').$type<OrgId>().notNull(),
  /** In a row; 0 after a success. */
  failures: integer('failures').notNull(),
  /** Of the run; null after a success. */
  firstFailureAt: at('first_failure_at'),
  lastFailureAt: at('last_failure_at'),
  /** Written on the first success after a failure only. */
  lastSuccessAt: at('last_success_at'),
});

const eventColumns = () => ({
  id: uuid('id').$type<EventId>().primaryKey(),
  orgId: uuid('org_id').$type<OrgId>().notNull(),
  externalId: text('external_id'),
  type: text('type').notNull(),
  attributes: jsonb('attributes').$type<Record<string, string>>(),
  /** bytea, never jsonb: jsonb reorders keys, rewrites numbers and refuses \u0000; these bytes were signed. */
  payload: bytea('payload').notNull(),
  occurredAt: at('occurred_at').notNull(),
  requestId: text('request_id').notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
});

/** Partitioned by day on its id. */
export const events = pgTable(
  'events',
  {
    ...eventColumns(),
    /** Lets a cursor stop before transactions that are still open, so that it skips none. */
    committedIn: xid8('committed_in').notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [index('events_org').on(t.orgId, t.id)],
);

/** Events whose day was dropped while a due or diverted delivery still needed them. */
export const eventsKept = pgTable('events_kept', eventColumns());

/** One row at accept, one final update. Partitioned by day on its id. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: uuid('id').$type<DeliveryId>().primaryKey(),
    eventId: uuid('event_id').$type<EventId>().notNull(),
    webhookId: uuid('webhook_id').$type<WebhookId>().notNull(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    origin: text('origin').$type<Origin>().notNull(),
    state: text('state').$type<DeliveryState>().notNull(),
    /** Why it was diverted or discarded. */
    reason: text('reason'),
    attempts: integer('attempts').notNull().default(0),
    createdAt: at('created_at').notNull().defaultNow(),
    finishedAt: at('finished_at'),
  },
  (t) => [index('deliveries_webhook').on(t.webhookId, t.id), index('deliveries_event').on(t.eventId)],
);

/** Only undone work. A row is here exactly while its delivery is pending. */
export const deliveryDue = pgTable(
  'delivery_due',
  {
    deliveryId: uuid('delivery_id').$type<DeliveryId>().primaryKey(),
    eventId: uuid('event_id').$type<EventId>().notNull(),
    webhookId: uuid('webhook_id').$type<WebhookId>().notNull(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    origin: text('origin').$type<Origin>().notNull(),
    /** The attempt to make next, over all rounds. */
    attempt: integer('attempt').notNull(),
    /** The first attempt of this round: the retry budget counts from it. */
    roundFirst: integer('round_first').notNull(),
    dueAt: at('due_at').notNull(),
    /** When the round began. */
    createdAt: at('created_at').notNull().defaultNow(),
    /** What the last attempt came to, for the message of a diverted event. */
    lastFailure: text('last_failure'),
    /** The relay does not enqueue it again before this. */
    enqueuedUntil: at('enqueued_until'),
    /** The fence: raised by every claim; results are written only where it still matches. */
    claimNo: integer('claim_no').notNull().default(0),
    claimedUntil: at('claimed_until'),
  },
  (t) => [index('delivery_due_at').on(t.dueAt), index('delivery_due_webhook').on(t.webhookId, t.dueAt)],
);

/** Append only. The primary key is its only index, and the order in which it is read. */
export const attempts = pgTable(
  'attempts',
  {
    webhookId: uuid('webhook_id').$type<WebhookId>().notNull(),
    id: uuid('id').$type<AttemptId>().notNull(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    deliveryId: uuid('delivery_id').$type<DeliveryId>().notNull(),
    eventId: uuid('event_id').$type<EventId>().notNull(),
    eventType: text('event_type').notNull(),
    number: integer('number').notNull(),
    origin: text('origin').$type<Origin>().notNull(),
    outcome: text('outcome').notNull(),
    detail: text('detail'),
    status: integer('status'),
    startedAt: at('started_at').notNull(),
    durationMs: integer('duration_ms').notNull(),
    url: text('url').notNull(),
    requestHeaders: jsonb('request_headers').$type<Record<string, string | string[]>>().notNull(),
    responseHeaders: jsonb('response_headers').$type<Record<string, string | string[]>>(),
    responseBody: bytea('response_body'),
    responseTruncated: boolean('response_truncated').notNull(),
    nextStep: text('next_step').notNull(),
    nextAttemptAt: at('next_attempt_at'),
  },
  (t) => [primaryKey({ columns: [t.webhookId, t.id] })],
);

export const divertedEvents = pgTable(
  'diverted_events',
  {
    webhookId: uuid('webhook_id').$type<WebhookId>().notNull(),
    eventId: uuid('event_id').$type<EventId>().notNull(),
    deliveryId: uuid('delivery_id').$type<DeliveryId>().notNull(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    eventType: text('event_type').notNull(),
    attempts: integer('attempts').notNull(),
    reason: text('reason').notNull(),
    trigger: text('trigger'),
    message: text('message').notNull(),
    divertedAt: at('diverted_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.webhookId, t.eventId] }),
    index('diverted_events_age').on(t.divertedAt, t.eventId),
    index('diverted_events_webhook').on(t.webhookId, t.divertedAt, t.eventId),
    index('diverted_events_org').on(t.orgId, t.divertedAt, t.eventId),
  ],
);

export const operations = pgTable(
  'operations',
  {
    id: uuid('id').$type<OperationId>().primaryKey(),
    orgId: uuid('org_id').$type<OrgId>(),
    kind: text('kind').$type<Operation['kind']>().notNull(),
    filter: jsonb('filter').$type<Record<string, unknown>>().notNull(),
    perSecond: integer('per_second').notNull(),
    state: text('state').$type<Operation['state']>().notNull(),
    total: integer('total').notNull(),
    moved: integer('moved').notNull().default(0),
    /** The rate limit: no step before this. */
    nextStepAt: at('next_step_at').notNull().defaultNow(),
    createdAt: at('created_at').notNull().defaultNow(),
    finishedAt: at('finished_at'),
  },
  (t) => [index('operations_running').on(t.nextStepAt).where(sql`state = 'running'`)],
);

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    key: text('key').notNull(),
    requestHash: bytea('request_hash').notNull(),
    /** The stored answer. */
    eventId: uuid('event_id').$type<EventId>().notNull(),
    deliveries: integer('deliveries').notNull(),
    expiresAt: at('expires_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.key] }), index('idempotency_keys_expiry').on(t.expiresAt)],
);
