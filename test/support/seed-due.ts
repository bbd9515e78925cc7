import { randomBytes } from 'node:crypto';
import { asId, formatId, parseId, uuidV7 } from '@hooklane/domain';
import type { Pool } from 'pg';

export interface SeededDue {
  /** As the API names it. */
  readonly webhookId: string;
  readonly count: number;
  /** Default 0: due now. */
  readonly dueInMs?: number;
  /** The relay believes that the queue has it. Default false. */
  readonly queued?: boolean;
}

/** Deliveries with an event each, as publishing leaves them behind; much faster than publishing. Returns the events' ids. */
export async function seedDue(
  pool: Pool,
  { webhookId, count, dueInMs = 0, queued = false }: SeededDue,
): Promise<string[]> {
  const eventIds: string[] = [];
  for (let done = 0; done < count; done += CHUNK) {
    const nowMs = Date.now();
    const newIds = () => Array.from({ length: Math.min(CHUNK, count - done) }, () => uuidV7(nowMs, randomBytes(10)));
    const [events, deliveries] = [newIds(), newIds()];
    await pool.query(SEED, [parseId('wh', webhookId), events, deliveries, dueInMs, queued]);
    for (const id of events) eventIds.push(formatId('evt', asId('evt', id)));
  }
  return eventIds;
}

const CHUNK = 10_000;

const SEED = `
  WITH seed AS MATERIALIZED (
    SELECT s.event_id, s.delivery_id, w.id AS webhook_id, w.org_id
    FROM unnest($2::uuid[], $3::uuid[]) AS s(event_id, delivery_id) JOIN webhooks w ON w.id = $1
  ), stored AS (
    INSERT INTO events (id, org_id, type, payload, occurred_at, request_id)
    SELECT event_id, org_id, 'seeded.event', '{"seeded":true}', now(), 'seed' FROM seed
  ), history AS (
    INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state)
    SELECT delivery_id, event_id, webhook_id, org_id, 'event', 'pending' FROM seed
  )
  INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, attempt, round_first, due_at, enqueued_until)
  SELECT delivery_id, event_id, webhook_id, org_id, 'event', 1, 1, now() + $4 * interval '1 ms',
         CASE WHEN $5::boolean THEN now() + interval '1 day' END
  FROM seed`;
