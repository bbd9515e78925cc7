import type { DueQueue } from '@hooklane/engine';
import type { Database } from '@hooklane/postgres';
import type { Readiness } from '@hooklane/runtime';
import { checkSoon } from '@hooklane/runtime';
import type { Movement } from './movement.ts';

export interface ReadinessOf {
  database: Pick<Database, 'pool'>;
  /** Null where there is none. */
  redis: Pick<DueQueue, 'state'> | null;
  movement: Pick<Movement, 'checks'>;
  inFlight: () => number;
}

/** Ready when Postgres answers and work moves; without its Redis a worker is slower, not useless. */
export async function workerReadiness({ database, redis, movement, inFlight }: ReadinessOf): Promise<Readiness> {
  const postgres = await checkSoon(database.pool.query('SELECT 1'));
  const moving = movement.checks(inFlight());
  const checks: Readiness['checks'] = { postgres, ...moving };
  if (redis !== null) checks['redis'] = redis.state === 'away' ? 'degraded' : 'ok';
  return { ready: postgres === 'ok' && moving.relay === 'ok' && moving.slots === 'ok', checks };
}
