import type { DueRef, WaitingWebhook } from '@hooklane/engine';
import type { Pool } from 'pg';
import { named } from './database.ts';
import { AGE, DUE_BY_AGE } from './due-by-age.ts';
import { UNPAUSED } from './pauses.ts';

interface RefRow {
  delivery_id: DueRef['deliveryId'];
  webhook_id: DueRef['webhookId'];
  attempt: number;
}

/** Marks due work as queued until `enqueuedMs` from now, oldest first; skips what another relay is at. */
export async function relay(pool: Pool, limit: number, enqueuedMs: number): Promise<DueRef[]> {
  const { rows } = await pool.query<RefRow>(relayStatement([limit, enqueuedMs]));
  return rows.map((row) => ({ deliveryId: row.delivery_id, webhookId: row.webhook_id, attempt: row.attempt }));
}

const relayStatement = named(
  'relay_due',
  `WITH free AS MATERIALIZED (
     SELECT delivery_id FROM delivery_due d
     WHERE ${DUE_BY_AGE} AND (enqueued_until IS NULL OR enqueued_until < now())
       AND (claimed_until IS NULL OR claimed_until < now()) AND ${UNPAUSED}
     ORDER BY ${AGE} LIMIT $1
     FOR UPDATE SKIP LOCKED
   )
   UPDATE delivery_due SET enqueued_until = now() + $2 * interval '1 ms'
   WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM free))
   RETURNING delivery_id, webhook_id, attempt`,
);

/**
 * The webhooks whose oldest pending delivery is due, but for those that are paused: one step in the index for each webhook that has any, however many
 * those are.
 */
export async function waiting(pool: Pool): Promise<WaitingWebhook[]> {
  const { rows } = await pool.query<WaitingWebhook>(waitingStatement([]));
  return rows;
}

const waitingStatement = named(
  'waiting_webhooks',
  `WITH RECURSIVE oldest AS (
     (SELECT webhook_id, org_id, due_at FROM delivery_due ORDER BY webhook_id, due_at LIMIT 1)
     UNION ALL
     SELECT n.* FROM oldest o CROSS JOIN LATERAL (
       SELECT webhook_id, org_id, due_at FROM delivery_due
       WHERE webhook_id > o.webhook_id ORDER BY webhook_id, due_at LIMIT 1
     ) n
   )
   SELECT webhook_id AS "webhookId", org_id AS "orgId" FROM oldest d
   WHERE due_at <= now() AND ${UNPAUSED}`,
);

/** Forgets that these were queued. What has been claimed or retried since is left alone. */
export async function unqueue(pool: Pool, refs: readonly DueRef[]): Promise<void> {
  await pool.query(unqueueStatement([refs.map((ref) => ref.deliveryId), refs.map((ref) => ref.attempt)]));
}

const unqueueStatement = named(
  'unqueue_due',
  `WITH lost AS (
     SELECT d.delivery_id FROM delivery_due d
     JOIN unnest($1::uuid[], $2::int[]) AS r(delivery_id, attempt) ON r.delivery_id = d.delivery_id AND r.attempt = d.attempt
     WHERE d.delivery_id = ANY ($1) AND d.enqueued_until IS NOT NULL
     ORDER BY d.delivery_id FOR UPDATE OF d
   )
   UPDATE delivery_due SET enqueued_until = NULL WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM lost))`,
);

/** The queue lost its data: all of it. Locks in the order of the ids, as everyone else. */
export async function unqueueAll(pool: Pool): Promise<void> {
  await pool.query(
    `WITH lost AS (
       SELECT delivery_id FROM delivery_due WHERE enqueued_until IS NOT NULL ORDER BY delivery_id FOR UPDATE
     )
     UPDATE delivery_due d SET enqueued_until = NULL FROM lost l WHERE d.delivery_id = l.delivery_id`,
  );
}

/** Gives claims back, due at once, where they still are the ones given. */
export async function release(
  pool: Pool,
  claims: ReadonlyArray<{ deliveryId: string; claimNo: number }>,
): Promise<void> {
  await pool.query(releaseStatement([claims.map((claim) => claim.deliveryId), claims.map((claim) => claim.claimNo)]));
}

const releaseStatement = named(
  'release_claims',
  `WITH held AS (
     SELECT d.delivery_id FROM delivery_due d
     JOIN unnest($1::uuid[], $2::int[]) AS c(delivery_id, claim_no) ON c.delivery_id = d.delivery_id AND c.claim_no = d.claim_no
     WHERE d.delivery_id = ANY ($1)
     ORDER BY d.delivery_id FOR UPDATE OF d
   )
   UPDATE delivery_due SET claimed_until = NULL, enqueued_until = NULL WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM held))`,
);
