import type { DeliveryId, DivertReason, EventId, OrgId, WebhookId } from '@hooklane/domain';
import type { DivertedEvent, DivertedFilter, DueRef } from '@hooklane/engine';
import { microsOf } from './cursor.ts';

export interface DivertedRow {
  org_id: OrgId;
  webhook_id: WebhookId;
  event_id: EventId;
  event_type: string;
  attempts: number;
  reason: DivertReason;
  trigger: string | null;
  message: string;
  diverted_at: Date;
  diverted_micros: number;
}

export const DIVERTED_COLUMNS = `d.org_id, d.webhook_id, d.event_id, d.event_type, d.attempts, d.reason, d.trigger,
  d.message, d.diverted_at, ${microsOf('d.diverted_at')} AS diverted_micros`;

export function toDiverted(row: DivertedRow): DivertedEvent {
  return {
    orgId: row.org_id,
    webhookId: row.webhook_id,
    eventId: row.event_id,
    eventType: row.event_type,
    attempts: row.attempts,
    reason: row.reason,
    trigger: row.trigger,
    message: row.message,
    divertedAt: row.diverted_at,
  };
}

/** On `diverted_events d`, with {@link filterValues} as $1 to $6. `since` is included, `until` is not. */
export const MATCHES_FILTER = `($1::uuid IS NULL OR d.org_id = $1)
  AND ($2::uuid IS NULL OR d.webhook_id = $2)
  AND ($3::text[] IS NULL OR d.reason = ANY($3))
  AND ($4::text[] IS NULL OR d.event_type = ANY($4))
  AND ($5::timestamptz IS NULL OR d.diverted_at >= $5)
  AND ($6::timestamptz IS NULL OR d.diverted_at < $6)`;

/** Statements with it are not prepared under a name: planned with their values, the tests for null fall away. */
export function filterValues(filter: DivertedFilter): unknown[] {
  const { orgId, webhookId, reasons, eventTypes, since, until } = filter;
  return [orgId, webhookId, reasons, eventTypes, since, until];
}

/** On `webhooks w`. */
export const IS_ACTIVE = 'w.enabled AND w.suspended_at IS NULL AND w.deleted_at IS NULL';

/**
 * Follows a CTE `batch (webhook_id, event_id)` of rows that this transaction has locked: they leave the store and are
 * due, in a new round. Whoever has the diverted row owns its delivery, so nothing here waits for anyone.
 */
export const MAKE_BATCH_DUE = `
  , moved AS (
    DELETE FROM diverted_events d USING batch b WHERE d.webhook_id = b.webhook_id AND d.event_id = b.event_id
    RETURNING d.delivery_id, d.event_id, d.webhook_id, d.org_id, d.attempts, d.sent_as
  ), history AS (
    UPDATE deliveries v SET state = 'pending', reason = NULL, finished_at = NULL FROM moved m WHERE v.id = m.delivery_id
    RETURNING v.id, v.sent_as
  ), due AS (
    INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, sent_as, attempt, round_first, due_at)
    SELECT m.delivery_id, m.event_id, m.webhook_id, m.org_id, 'resend', coalesce(h.sent_as, m.sent_as), m.attempts + 1,
           m.attempts + 1, now()
    FROM moved m LEFT JOIN history h ON h.id = m.delivery_id
    RETURNING delivery_id, webhook_id, attempt
  )
  SELECT delivery_id, webhook_id, attempt FROM due`;

export interface DueRow {
  delivery_id: DeliveryId;
  webhook_id: WebhookId;
  attempt: number;
}

export function toRef(row: DueRow): DueRef {
  return { deliveryId: row.delivery_id, webhookId: row.webhook_id, attempt: row.attempt };
}
