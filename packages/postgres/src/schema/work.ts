import type { DeliveryId, EventId, OrgId, Origin, WebhookId } from '@hooklane/domain';
import type { PauseScope } from '@hooklane/engine';
import { sql } from 'drizzle-orm';
import { index, integer, pgTable, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { AGE } from '../due-by-age.ts';
import { at } from './columns.ts';

/** Work to do, narrow and hot; and the counters it moves. */

/** Only undone work. A row is here exactly while its delivery is pending. */
export const deliveryDue = pgTable(
  'delivery_due',
  {
    deliveryId: uuid('delivery_id').$type<DeliveryId>().primaryKey(),
    eventId: uuid('event_id').$type<EventId>().notNull(),
    webhookId: uuid('webhook_id').$type<WebhookId>().notNull(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    origin: text('origin').$type<Origin>().notNull(),
    /** As in `deliveries`: the event's id on the wire, where it is another one. */
    sentAs: uuid('sent_as').$type<EventId>(),
    /** The attempt to make next, over all rounds. */
    attempt: integer('attempt').notNull(),
    /** The first attempt of this round: the retry budget counts from it. */
    roundFirst: integer('round_first').notNull(),
    /** How its body is written (see `encodingOf` in the domain). Pinned by the first claim, null until then. */
    encoding: smallint('encoding'),
    dueAt: at('due_at').notNull(),
    /** When the round began. */
    createdAt: at('created_at').notNull().defaultNow(),
    /** What the last attempt came to, for the message of a diverted event. */
    lastFailure: text('last_failure'),
    /** The relay does not enqueue it again before this. */
    enqueuedUntil: at('enqueued_until'),
    /**
     * The fence: raised by every claim; results are written only where it still matches. It begins somewhere, so that
     * after a resend, which makes the row anew, no number comes back that an old claim may still hold.
     */
    claimNo: integer('claim_no').notNull().default(sql`floor(random() * 1000000000)`),
    claimedUntil: at('claimed_until'),
  },
  (t) => [index('delivery_due_age').on(sql.raw(AGE)), index('delivery_due_webhook').on(t.webhookId, t.dueAt)],
);

/** Whose deliveries stand still. Read by every claim: a table of its own that is empty as a rule, and no column of others. */
export const pauses = pgTable('pauses', {
  /** An org, a webhook, or zeros where all are paused. */
  target: uuid('target').primaryKey(),
  scope: text('scope').$type<PauseScope>().notNull(),
  orgId: uuid('org_id').$type<OrgId>(),
  since: at('since').notNull().defaultNow(),
});

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
