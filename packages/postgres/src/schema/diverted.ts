import type { DeliveryId, EventId, OperationId, OrgId, WebhookId } from '@hooklane/domain';
import type { Operation } from '@hooklane/engine';
import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/** Set aside, and the operations that bring it back. */

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
