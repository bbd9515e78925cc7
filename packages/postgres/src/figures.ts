import type { DeliveryId } from '@hooklane/domain';
import type { Census, Comparison, FigureStore, Pulse } from '@hooklane/engine';
import type { Pool } from 'pg';
import { AGE, DUE_BY_AGE } from './due-by-age.ts';
import { waiting } from './due-relay.ts';
import { countPauses, UNPAUSED } from './pauses.ts';
import { KEYS_OF_SEALED } from './reseal-step.ts';

/** What the reaper reads for the metrics, over all orgs. */
export function createFigureStore(pool: Pool): FigureStore {
  return {
    pulse: () => pulse(pool),
    census: () => census(pool),
    compare: (from, limit) => compare(pool, from, limit),
  };
}

interface PulseRow {
  oldest_due_ms: number;
  oldest_transaction_ms: number;
  live: number;
  dead: number;
}

/**
 * The oldest one is the first of the index that is not claimed: claims are as few as the slots of all workers. Activity of
 * other roles is visible to those who may see it only.
 */
const PULSE = `
  SELECT
    coalesce((SELECT extract(epoch FROM now() - due_at) * 1000 FROM delivery_due
      WHERE ${DUE_BY_AGE} AND (claimed_until IS NULL OR claimed_until < now()) ORDER BY ${AGE} LIMIT 1), 0)::float8
      AS oldest_due_ms,
    coalesce((SELECT max(extract(epoch FROM clock_timestamp() - xact_start)) * 1000 FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()), 0)::float8
      AS oldest_transaction_ms,
    s.n_live_tup::float8 AS live, s.n_dead_tup::float8 AS dead
  FROM pg_stat_user_tables s WHERE s.relid = 'delivery_due'::regclass`;

async function pulse(pool: Pool): Promise<Pulse> {
  const { rows } = await pool.query<PulseRow>(PULSE);
  const row = rows[0] ?? { oldest_due_ms: 0, oldest_transaction_ms: 0, live: 0, dead: 0 };
  const paused = await countPauses(pool);
  const isAnyPaused = Object.values(paused).some((count) => count > 0);
  return {
    paused,
    oldestDueMs: isAnyPaused ? await oldestUnpausedMs(pool) : row.oldest_due_ms,
    oldestTransactionMs: Math.max(0, row.oldest_transaction_ms),
    dueRows: { live: row.live, dead: row.dead },
  };
}

/** Not by age: what is paused may be millions, and the oldest. */
async function oldestUnpausedMs(pool: Pool): Promise<number> {
  const webhooks = (await waiting(pool)).map(({ webhookId }) => webhookId);
  const { rows } = await pool.query<{ ms: number }>(OLDEST_OF, [webhooks]);
  return rows[0]?.ms ?? 0;
}

const OLDEST_OF = `
  SELECT coalesce(extract(epoch FROM now() - min(o.due_at)) * 1000, 0)::float8 AS ms
  FROM unnest($1::uuid[]) w(id) CROSS JOIN LATERAL (
    SELECT due_at FROM delivery_due d
    WHERE d.webhook_id = w.id AND due_at <= now() AND (claimed_until IS NULL OR claimed_until < now()) AND ${UNPAUSED}
    ORDER BY due_at LIMIT 1
  ) o`;

interface CensusRow {
  due: number;
  claimed: number;
  scheduled: number;
  active: number;
  failing: number;
  suspended: number;
  disabled: number;
  diverted: number;
  oldest_diverted_ms: number;
  operations: number;
  sealing_keys: number;
}

const CENSUS = `
  SELECT d.*, w.*, x.*,
    (SELECT count(*) FROM operations WHERE state = 'running')::int AS operations,
    (SELECT count(DISTINCT key_id) FROM (${KEYS_OF_SEALED}) k)::int AS sealing_keys
  FROM (
    SELECT count(*) FILTER (WHERE place = 'due')::float8 AS due, count(*) FILTER (WHERE place = 'claimed')::float8 AS claimed,
           count(*) FILTER (WHERE place = 'scheduled')::float8 AS scheduled
    FROM (
      SELECT CASE WHEN claimed_until >= now() THEN 'claimed' WHEN due_at > now() THEN 'scheduled' ELSE 'due' END AS place
      FROM delivery_due
    ) p
  ) d, (
    SELECT count(*) FILTER (WHERE state = 'active')::int AS active, count(*) FILTER (WHERE state = 'failing')::int AS failing,
           count(*) FILTER (WHERE state = 'suspended')::int AS suspended, count(*) FILTER (WHERE state = 'disabled')::int AS disabled
    FROM (
      SELECT CASE WHEN w.suspended_at IS NOT NULL THEN 'suspended' WHEN NOT w.enabled THEN 'disabled'
                  WHEN h.failures > 0 THEN 'failing' ELSE 'active' END AS state
      FROM webhooks w LEFT JOIN webhook_health h ON h.webhook_id = w.id WHERE w.deleted_at IS NULL
    ) s
  ) w, (
    SELECT count(*)::float8 AS diverted,
           coalesce(extract(epoch FROM now() - min(diverted_at)) * 1000, 0)::float8 AS oldest_diverted_ms
    FROM diverted_events
  ) x`;

async function census(pool: Pool): Promise<Census> {
  const { rows } = await pool.query<CensusRow>(CENSUS);
  const [row] = rows;
  if (row === undefined) throw new TypeError('counts come in one row');
  const { due, claimed, scheduled, active, failing, suspended, disabled } = row;
  return {
    pending: { due, claimed, scheduled },
    webhooks: { active, failing, suspended, disabled },
    diverted: { count: row.diverted, oldestMs: row.oldest_diverted_ms },
    operationsRunning: row.operations,
    sealingKeys: row.sealing_keys,
  };
}

/**
 * One statement, so one snapshot: what is on its way from one table to another is in exactly one of them. A diverted event
 * may outlive the history of its delivery, work may not.
 */
function comparison(which: string): string {
  return `
    WITH seen AS MATERIALIZED (
      SELECT id, state, webhook_id, event_id FROM deliveries ${which}
    ), judged AS (
      SELECT s.id, s.state,
        EXISTS (SELECT FROM delivery_due d WHERE d.delivery_id = s.id) AS is_due,
        EXISTS (SELECT FROM diverted_events x WHERE x.webhook_id = s.webhook_id AND x.event_id = s.event_id
                AND x.delivery_id = s.id) AS is_diverted
      FROM seen s
    ), bounds AS (
      SELECT (SELECT id FROM seen ORDER BY id LIMIT 1) AS first, (SELECT id FROM seen ORDER BY id DESC LIMIT 1) AS last
    )
    SELECT (SELECT count(*) FROM seen)::int AS compared, b.last AS next,
      (SELECT count(*) FROM judged
         WHERE state NOT IN ('pending', 'delivered', 'diverted', 'discarded')
            OR (state = 'pending') <> is_due OR (state = 'diverted') <> is_diverted)::int
      + (SELECT count(*) FROM delivery_due d WHERE d.delivery_id BETWEEN b.first AND b.last
           AND NOT EXISTS (SELECT FROM seen s WHERE s.id = d.delivery_id))::int AS mismatched
    FROM bounds b`;
}

const AFTER = comparison('WHERE id > $1 ORDER BY id LIMIT $2');
const NEWEST = comparison('WHERE id > $1 ORDER BY id DESC LIMIT $2');
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

async function compare(pool: Pool, from: DeliveryId | 'first' | 'newest', limit: number): Promise<Comparison> {
  const after = from === 'first' || from === 'newest' ? BEFORE_ALL : from;
  const { rows } = await pool.query<Comparison>(from === 'newest' ? NEWEST : AFTER, [after, limit]);
  const { compared = 0, mismatched = 0, next = null } = rows[0] ?? {};
  return { compared, mismatched, next: compared < limit ? null : next };
}
