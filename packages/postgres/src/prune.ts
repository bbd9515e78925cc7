import type { PruneStore } from '@hooklane/engine';
import type { Pool } from 'pg';
import type { Database } from './database.ts';
import { dropPartitions } from './drop-partitions.ts';
import { makePartitions } from './partitions.ts';
import { pruneAttempts } from './prune-attempts.ts';
import { forgetStats } from './stats.ts';

/** Rows in default partitions are counted up to this: it is an alarm, not a statistic. */
const COUNTED = 1_000;

export function createPruneStore(database: Database): PruneStore {
  const { pool } = database;
  return {
    pruneAttempts: (keep, after) => pruneAttempts(pool, keep, after),
    expireIdempotencyKeys: (limit) => expireIdempotencyKeys(pool, limit),
    expireDiverted: (olderThanMs, limit) => expireDiverted(pool, olderThanMs, limit),
    expireAudit: (olderThanMs, limit) => expireAudit(pool, olderThanMs, limit),
    forgetRateBuckets: (limit) => forgetRateBuckets(pool, limit),
    forgetStats: (limit) => forgetStats(pool, limit),
    expireOperations: (olderThanMs, limit) => expireOperations(pool, olderThanMs, limit),
    async makePartitions() {
      const client = await pool.connect();
      try {
        return await makePartitions(client);
      } finally {
        client.release();
      }
    },
    dropPartitions: (retention) => dropPartitions(database, retention),
    rowsInDefault: () => rowsInDefault(pool),
  };
}

/** Locked and checked before they go: a key that expired is used anew by whoever publishes with it. */
async function expireIdempotencyKeys(pool: Pool, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `WITH expired AS (
       SELECT org_id, key FROM idempotency_keys WHERE expires_at <= now()
       ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
     )
     DELETE FROM idempotency_keys k USING expired e WHERE k.org_id = e.org_id AND k.key = e.key`,
    [limit],
  );
  return rowCount ?? 0;
}

async function expireDiverted(pool: Pool, olderThanMs: number, limit: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `WITH expired AS (
       SELECT webhook_id, event_id FROM diverted_events WHERE diverted_at < now() - $1 * interval '1 ms'
       ORDER BY diverted_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ), removed AS (
       DELETE FROM diverted_events d USING expired e WHERE d.webhook_id = e.webhook_id AND d.event_id = e.event_id
       RETURNING d.delivery_id
     ), history AS (
       UPDATE deliveries v SET state = 'discarded', reason = 'divert_expired', finished_at = now()
       FROM removed r WHERE v.id = r.delivery_id
     )
     SELECT count(*)::int AS count FROM removed`,
    [olderThanMs, limit],
  );
  return rows[0]?.count ?? 0;
}

async function expireOperations(pool: Pool, olderThanMs: number, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM operations WHERE id = ANY(ARRAY(
       SELECT id FROM operations WHERE finished_at < now() - $1 * interval '1 ms'
       ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ))`,
    [olderThanMs, limit],
  );
  return rowCount ?? 0;
}

async function expireAudit(pool: Pool, olderThanMs: number, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM audit_log WHERE id = ANY(ARRAY(
       SELECT id FROM audit_log WHERE at < now() - $1 * interval '1 ms' ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
    [olderThanMs, limit],
  );
  return rowCount ?? 0;
}

/** Locked and checked before they go, or the use that somebody books at that moment would be lost. */
async function forgetRateBuckets(pool: Pool, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM rate_buckets WHERE bucket = ANY(ARRAY(
       SELECT bucket FROM rate_buckets WHERE at < now() - interval '1 day' LIMIT $1 FOR UPDATE SKIP LOCKED))`,
    [limit],
  );
  return rowCount ?? 0;
}

async function rowsInDefault(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM (SELECT FROM events_default LIMIT $1) e)::int
          + (SELECT count(*) FROM (SELECT FROM deliveries_default LIMIT $1) d)::int AS count`,
    [COUNTED],
  );
  return rows[0]?.count ?? 0;
}
