import type {
  AttemptId,
  DeliveryId,
  DeliveryState,
  EventId,
  OrgId,
  Origin,
  WaitReason,
  WebhookId,
} from '@hooklane/domain';
import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { at, bytea, xid8 } from './columns.ts';

/** What was published and what became of it: day partitions by the time inside the UUIDv7 id; then the log. */

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
  /** By which the payload was checked; null: by none. */
  schemaVersion: integer('schema_version'),
  /** Of the request that published it, where that was traced: attempts link to it. */
  traceparent: text('traceparent'),
});

/** Partitioned by day on its id. */
export const events = pgTable(
  'events',
  {
    ...eventColumns(),
    /** Lets a cursor stop before transactions that are still open, so that it skips none. */
    committedIn: xid8('committed_in').notNull().default(sql`pg_current_xact_id()`),
  },
  (t) => [
    index('events_org').on(t.orgId, t.id),
    index('events_stream').on(t.orgId, t.committedIn, t.id),
    // With the order of the stream behind what is looked for: a plan that filters the stream instead is never cheaper.
    index('events_request').on(t.orgId, t.requestId, t.committedIn, t.id),
    index('events_external').on(t.orgId, t.externalId, t.committedIn, t.id).where(sql`external_id is not null`),
  ],
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
    /** The event's id on the wire, where a replay gave it a new one. */
    sentAs: uuid('sent_as').$type<EventId>(),
    /** Why it was diverted or discarded. */
    reason: text('reason'),
    attempts: integer('attempts').notNull().default(0),
    createdAt: at('created_at').notNull().defaultNow(),
    finishedAt: at('finished_at'),
  },
  (t) => [index('deliveries_webhook').on(t.webhookId, t.id), index('deliveries_event').on(t.eventId)],
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
    /** The limit for which it was sent later than it was due. */
    waitedFor: text('waited_for').$type<WaitReason>(),
    url: text('url').notNull(),
    /** How the body was written, and the event's id on the wire, as in `delivery_due`: with the event they give its bytes. */
    encoding: smallint('encoding'),
    sentAs: uuid('sent_as').$type<EventId>(),
    requestHeaders: jsonb('request_headers').$type<Record<string, string | string[]>>().notNull(),
    responseHeaders: jsonb('response_headers').$type<Record<string, string | string[]>>(),
    responseBody: bytea('response_body'),
    responseTruncated: boolean('response_truncated').notNull(),
    nextStep: text('next_step').notNull(),
    nextAttemptAt: at('next_attempt_at'),
  },
  (t) => [primaryKey({ columns: [t.webhookId, t.id] })],
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
