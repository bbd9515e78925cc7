import type { Step, StepContext } from './advance-operation.ts';
import type { DueRow } from './diverted-rows.ts';
import { toRef } from './diverted-rows.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Makes retries due that were to be made later. It goes by the ids of deliveries, so that each is hastened once: one that
 * fails again waits as its policy says. What a worker is at is due already.
 */
export async function retryStep({ client, operation, rows: limit }: StepContext): Promise<Step> {
  const { rows } = await client.query<DueRow>(
    `WITH batch AS (
       SELECT delivery_id FROM delivery_due
       WHERE webhook_id = $1 AND delivery_id > $2 AND due_at > now()
         AND created_at <= (SELECT created_at FROM operations WHERE id = $3)
       ORDER BY delivery_id LIMIT $4 FOR UPDATE SKIP LOCKED
     )
     UPDATE delivery_due d SET due_at = now(), enqueued_until = NULL FROM batch b WHERE d.delivery_id = b.delivery_id
     RETURNING d.delivery_id, d.webhook_id, d.attempt`,
    [operation.webhookId, operation.position ?? FIRST, operation.id, limit],
  );
  const refs = rows.map(toRef).sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
  const last = refs.at(-1)?.deliveryId ?? null;
  return {
    refs,
    examined: rows.length,
    moved: rows.length,
    position: last,
    left: rows.length < limit ? 'nothing' : 'more',
  };
}

/** On `delivery_due`. A retry keeps the `created_at` of its round: what is made due after the call stays. */
const CANCELLABLE = 'webhook_id = $1 AND created_at <= (SELECT created_at FROM operations WHERE id = $2)';

/**
 * Ends what is pending. What a worker is at is left to it: the request is out, and its answer belongs on record. Where it
 * failed, the delivery is pending again without a claim, and ended then.
 */
export async function cancelStep({ client, operation, rows: limit }: StepContext): Promise<Step> {
  const values = [operation.webhookId, operation.id];
  const { rows } = await client.query<{ count: number }>(
    `WITH batch AS (
       SELECT delivery_id, attempt FROM delivery_due
       WHERE ${CANCELLABLE} AND (claimed_until IS NULL OR claimed_until < now())
       ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
     ), gone AS (
       DELETE FROM delivery_due d USING batch b WHERE d.delivery_id = b.delivery_id
     ), history AS (
       UPDATE deliveries v SET state = 'discarded', reason = 'cancelled', attempts = b.attempt - 1, finished_at = now()
       FROM batch b WHERE v.id = b.delivery_id
     )
     SELECT count(*)::int AS count FROM batch`,
    [...values, limit],
  );
  const moved = rows[0]?.count ?? 0;
  const { rowCount } = await client.query(`SELECT FROM delivery_due WHERE ${CANCELLABLE} LIMIT 1`, values);
  const left = rowCount === 0 ? 'nothing' : moved === limit ? 'more' : 'blocked';
  return { refs: [], examined: moved, moved, left };
}
