import type { DeliveryId, EventId, OrgId, WebhookId } from '@hooklane/domain';
import { index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/** What was set aside. */

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
    /** The event's id on the wire, where a replay gave it a new one and the delivery's own row, which says so, is pruned. */
    sentAs: uuid('sent_as').$type<EventId>(),
    divertedAt: at('diverted_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.webhookId, t.eventId] }),
    index('diverted_events_age').on(t.divertedAt, t.eventId),
    index('diverted_events_webhook').on(t.webhookId, t.divertedAt, t.eventId),
    index('diverted_events_org').on(t.orgId, t.divertedAt, t.eventId),
  ],
);
