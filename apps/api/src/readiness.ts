import type { DueQueue } from '@hooklane/engine';
import type { Database } from '@hooklane/postgres';
import { pendingMigrations } from '@hooklane/postgres';
import type { Readiness } from '@hooklane/runtime';
import { checkSoon } from '@hooklane/runtime';

interface ReadinessOf {
  database: Pick<Database, 'pool'>;
  /** Null where there is none. */
  redis: Pick<DueQueue, 'state'> | null;
  stopping: AbortSignal;
}

/** Ready when Postgres answers and has our tables. Without its Redis the API works as before, deliveries are slower. */
export function createReadiness({ database, redis, stopping }: ReadinessOf): () => Promise<Readiness> {
  /** Once they are there they stay: the migrations are not counted at every probe. */
  let isMigrated = false;

  async function checkPostgres(): Promise<void> {
    if (isMigrated) await database.pool.query('SELECT 1');
    else isMigrated = (await pendingMigrations(database.pool)) <= 0;
  }

  return async () => {
    if (stopping.aborted) return { ready: false, checks: { stopping: 'failed' } };
    const postgres = await checkSoon(checkPostgres());
    const checks: Readiness['checks'] = { postgres, migrations: isMigrated ? 'ok' : 'failed' };
    if (redis !== null) checks['redis'] = redis.state === 'away' ? 'degraded' : 'ok';
    return { ready: postgres === 'ok' && isMigrated, checks };
  };
}
