import type { DueQueue } from '@hooklane/engine';
import type { Database } from '@hooklane/postgres';
import type { Readiness } from '@hooklane/runtime';

/** Ready when Postgres answers; without its Redis a worker is slower, not useless. */
export async function workerReadiness(
  database: Pick<Database, 'pool'>,
  queue: DueQueue,
  hasRedis: boolean,
): Promise<Readiness> {
  const postgres = await database.pool.query('SELECT 1').then(
    () => 'ok' as const,
    () => 'failed' as const,
  );
  const checks: Readiness['checks'] = { postgres };
  if (hasRedis) checks['redis'] = queue.state === 'away' ? 'degraded' : 'ok';
  return { ready: postgres === 'ok', checks };
}
