import type { NextStep, WebhookId } from '@hooklane/domain';
import { standingOf, stepWithoutSending } from '@hooklane/domain';
import type { PoolClient } from 'pg';
import type { Database } from './database.ts';
import { named } from './database.ts';

/** Webhooks looked at in one step. */
const WEBHOOKS = 500;

/**
 * Sets aside due deliveries of webhooks that stopped being active, up to `limit`, and returns how many. Claimed ones are
 * left to their worker; a webhook is looked at until it has none of either. Pings and alerts are not set aside: they go out
 * for inactive webhooks too.
 */
export function drainInactive(database: Database, limit: number): Promise<number> {
  return database.transaction(async (client) => {
    const draining = await readDraining(client);
    if (draining.length === 0) return 0;
    const ids = draining.map((webhook) => webhook.id);
    const steps = draining.map(stepFor);
    const drained = await setAside(client, { ids, steps, limit });
    const deleted = draining.filter((webhook) => webhook.deleted).map((webhook) => webhook.id);
    const discarded = await discardDiverted(client, deleted, limit);
    await client.query(settleStatement([ids]));
    return Math.max(drained, discarded);
  });
}

interface DrainingRow {
  id: WebhookId;
  enabled: boolean;
  suspended: boolean;
  deleted: boolean;
  divert: boolean;
}

/** Another worker's webhooks are skipped: two would wait for each other's rows. */
const drainingStatement = named(
  'draining_webhooks',
  `SELECT id, enabled, suspended_at IS NOT NULL AS suspended, deleted_at IS NOT NULL AS deleted,
          (failure_policy->>'divert')::boolean AS divert
   FROM webhooks WHERE draining ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED`,
);

async function readDraining(client: PoolClient): Promise<DrainingRow[]> {
  const { rows } = await client.query<DrainingRow>(drainingStatement([WEBHOOKS]));
  return rows;
}

/** Null when the webhook is active again. */
function stepFor(webhook: DrainingRow): NextStep | null {
  return stepWithoutSending({
    standing: standingOf(webhook),
    origin: 'event',
    hasEvent: true,
    divert: webhook.divert,
  });
}

const setAsideStatement = named(
  'set_aside',
  `WITH stopped AS (
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS s(webhook_id, step, reason) WHERE step IS NOT NULL
   ), found AS MATERIALIZED (
     SELECT d.*, s.step, s.reason
     FROM stopped s CROSS JOIN LATERAL (
       SELECT delivery_id, event_id, webhook_id, org_id, sent_as, attempt, last_failure FROM delivery_due
       WHERE webhook_id = s.webhook_id AND (claimed_until IS NULL OR claimed_until < now())
         AND (origin NOT IN ('ping', 'alert') OR s.reason = 'deleted')
       ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED
     ) d LIMIT $4
   ), gone AS (
     DELETE FROM delivery_due WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM found))
   ), history AS (
     UPDATE deliveries v
     SET state = CASE f.step WHEN 'divert' THEN 'diverted' ELSE 'discarded' END,
         reason = f.reason, attempts = f.attempt - 1, finished_at = now()
     FROM found f WHERE v.id = f.delivery_id AND v.id = ANY (ARRAY(SELECT delivery_id FROM found))
   ), stored AS MATERIALIZED (
     SELECT id, type FROM events WHERE id = ANY (ARRAY(SELECT event_id FROM found WHERE step = 'divert'))
   ), diverted AS (
     INSERT INTO diverted_events AS x (webhook_id, event_id, delivery_id, org_id, event_type, sent_as, attempts, reason, message)
     SELECT DISTINCT ON (f.webhook_id, f.event_id) f.webhook_id, f.event_id, f.delivery_id, f.org_id,
            coalesce(e.type, k.type, ''), f.sent_as, f.attempt - 1, f.reason, coalesce(f.last_failure, 'set aside before it was sent')
     FROM found f
     LEFT JOIN stored e ON e.id = f.event_id
     LEFT JOIN LATERAL (SELECT type FROM events_kept WHERE id = f.event_id LIMIT 1) k ON true
     WHERE f.step = 'divert'
     ON CONFLICT (webhook_id, event_id) DO UPDATE
       SET delivery_id = excluded.delivery_id, sent_as = excluded.sent_as, attempts = excluded.attempts,
           reason = excluded.reason, message = excluded.message, diverted_at = excluded.diverted_at
   )
   SELECT count(*)::int AS count FROM found`,
);

async function setAside(
  client: PoolClient,
  batch: { ids: WebhookId[]; steps: Array<NextStep | null>; limit: number },
): Promise<number> {
  const { ids, steps, limit } = batch;
  const { rows } = await client.query<{ count: number }>(
    setAsideStatement([
      ids,
      steps.map((step) => step?.kind ?? null),
      steps.map((step) => (step !== null && 'reason' in step ? step.reason : null)),
      limit,
    ]),
  );
  return rows[0]?.count ?? 0;
}

const discardStatement = named(
  'discard_diverted',
  `WITH gone AS (
     DELETE FROM diverted_events x USING (
       SELECT webhook_id, event_id FROM diverted_events WHERE webhook_id = ANY($1::uuid[]) LIMIT $2 FOR UPDATE SKIP LOCKED
     ) g WHERE x.webhook_id = g.webhook_id AND x.event_id = g.event_id
     RETURNING x.delivery_id
   )
   UPDATE deliveries SET state = 'discarded', reason = 'deleted', finished_at = now()
   WHERE id = ANY (ARRAY(SELECT delivery_id FROM gone))`,
);

/** What was set aside for a webhook that is deleted can never be sent again. */
async function discardDiverted(client: PoolClient, webhookIds: WebhookId[], limit: number): Promise<number> {
  if (webhookIds.length === 0) return 0;
  const { rowCount } = await client.query(discardStatement([webhookIds, limit]));
  return rowCount ?? 0;
}

/** Done with those that have nothing left; a row that slips in later is set aside when it is claimed. */
const settleStatement = named(
  'settle_webhooks',
  `UPDATE webhooks w SET draining = false
   WHERE w.id = ANY($1::uuid[])
     AND ((w.enabled AND w.suspended_at IS NULL AND w.deleted_at IS NULL)
       OR ((SELECT true FROM delivery_due d WHERE d.webhook_id = w.id AND d.origin NOT IN ('ping', 'alert') LIMIT 1) IS NULL
           AND (w.deleted_at IS NULL OR (SELECT true FROM diverted_events x WHERE x.webhook_id = w.id LIMIT 1) IS NULL)))`,
);
