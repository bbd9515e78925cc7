import type { Pool } from 'pg';
import { LISTENER_NAME } from './wake.ts';

/** How many workers live, as far as Postgres can tell: each has one connection open by which it listens. */
export interface WorkerCount {
  /** At the last look; 1 at least. */
  readonly count: number;
  look(): Promise<void>;
}

/** Behind a pooler that keeps workers from listening it stays 1. */
export function createWorkerCount(pool: Pool): WorkerCount {
  let count = 1;
  return {
    get count() {
      return count;
    },
    async look() {
      const { rows } = await pool.query<{ count: number }>(COUNT, [LISTENER_NAME]);
      count = Math.max(1, rows[0]?.count ?? 1);
    },
  };
}

const COUNT = `SELECT count(*)::int AS count FROM pg_stat_activity
  WHERE application_name = $1 AND datname = current_database()`;
