import type { DeliveryId, DeliveryState, EventId, OrgId, WebhookId } from '@hooklane/domain';
import type { RedeliverVerdict, RedeliveryStore } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import type { Database } from './database.ts';
import type { DueRow } from './diverted-rows.ts';
import { IS_ACTIVE, toRef } from './diverted-rows.ts';
import { holdStoredEvents } from './drop-partitions.ts';

/** Makes single deliveries again that have ended. */
export function createRedeliveryStore(database: Database): RedeliveryStore {
  return {
    async webhookOf(orgId, deliveryId) {
      const { rows } = await database.pool.query<{ webhook_id: WebhookId }>(
        'SELECT webhook_id FROM deliveries WHERE id = $1 AND org_id = $2',
        [deliveryId, orgId],
      );
      return rows[0]?.webhook_id ?? null;
    },
    redeliver: (orgId, deliveryId) =>
      database.transaction(async (client) => {
        await holdStoredEvents(client);
        return redeliver(client, orgId, deliveryId);
      }),
  };
}

interface Found {
  event_id: EventId;
  state: DeliveryState;
  has_event: boolean;
  active: boolean;
}

async function redeliver(client: PoolClient, orgId: OrgId, deliveryId: DeliveryId): Promise<RedeliverVerdict> {
  const { rows } = await client.query<Found>(FIND, [deliveryId, orgId]);
  const [found] = rows;
  if (found === undefined) return { kind: 'unknown' };
  if (!found.active) return { kind: 'not_active' };
  if (found.state === 'pending') return { kind: 'pending' };
  if (!found.has_event) return { kind: 'event_gone' };
  const { rows: due } = await client.query<DueRow>(found.state === 'diverted' ? FROM_DIVERTED : FROM_ENDED, [
    deliveryId,
  ]);
  const [row] = due;
  // Another call was faster: it is due by now, or it was diverted and has been deleted from there this very moment.
  return row === undefined ? { kind: 'pending' } : { kind: 'due', ref: toRef(row) };
}

const FIND = `
  SELECT v.event_id, v.state, ${IS_ACTIVE} AS active,
         EXISTS (SELECT FROM events WHERE id = v.event_id) OR EXISTS (SELECT FROM events_kept WHERE id = v.event_id) AS has_event
  FROM deliveries v JOIN webhooks w ON w.id = v.webhook_id
  WHERE v.id = $1 AND v.org_id = $2`;

/** A ping stays one, made once and never counted; an alert stays one, which has another destination. */
const REOPEN = `
  , reopened AS (
    UPDATE deliveries v SET state = 'pending', reason = NULL, finished_at = NULL
    FROM owned o WHERE v.id = o.id
    RETURNING v.id, v.event_id, v.webhook_id, v.org_id, v.attempts, v.sent_as,
              CASE WHEN v.origin IN ('ping', 'alert') THEN v.origin ELSE 'redeliver' END AS origin
  )
  INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, sent_as, attempt, round_first, due_at)
  SELECT id, event_id, webhook_id, org_id, origin, sent_as, attempts + 1, attempts + 1, now() FROM reopened
  RETURNING delivery_id, webhook_id, attempt`;

/** Locked as it is: of two calls at the same time the second finds it pending. */
const FROM_ENDED = `
  WITH owned AS (
    SELECT id FROM deliveries WHERE id = $1 AND state IN ('delivered', 'discarded') FOR UPDATE
  )${REOPEN}`;

/** Whoever has the diverted row owns the delivery. */
const FROM_DIVERTED = `
  WITH owned AS (
    DELETE FROM diverted_events d USING deliveries v
    WHERE v.id = $1 AND d.webhook_id = v.webhook_id AND d.event_id = v.event_id AND d.delivery_id = v.id
    RETURNING d.delivery_id AS id
  )${REOPEN}`;
