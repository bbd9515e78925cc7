import type { Metrics } from '@hooklane/runtime';
import { DURATION_BUCKETS } from '@hooklane/runtime';
import type { Pool } from 'pg';

/**
 * How Postgres looks from this process: its connections, asked at each scrape, and how long the named statements of the
 * money path take, the wait for a connection included. Statements come in batches: that costs an attempt nothing.
 */
export function measureDatabase(pools: readonly Pool[], metrics: Metrics): void {
  const sum = (count: (pool: Pool) => number) => pools.reduce((all, pool) => all + count(pool), 0);
  metrics.gauge(CONNECTIONS, (gauge) => {
    gauge.set(
      { state: 'used' },
      sum((pool) => pool.totalCount - pool.idleCount),
    );
    gauge.set(
      { state: 'idle' },
      sum((pool) => pool.idleCount),
    );
    gauge.set(
      { state: 'waiting' },
      sum((pool) => pool.waitingCount),
    );
  });
  const duration = metrics.histogram(STATEMENT_DURATION);
  for (const pool of pools) {
    watchStatements(pool, (statement, ms) => duration.observe({ statement }, ms / 1000));
  }
}

const CONNECTIONS = {
  name: 'hooklane_postgres_connections',
  help: 'Connections of this process that are used or idle, and statements that wait for one.',
  labels: ['state'],
} as const;

const STATEMENT_DURATION = {
  name: 'hooklane_postgres_statement_duration_seconds',
  help: 'From the call to the commit of each batched statement, with the wait for a connection.',
  labels: ['statement'],
  buckets: DURATION_BUCKETS,
} as const;

/** What fails is measured too: a statement that ran into its limit is the slowest of all. */
function watchStatements(pool: Pool, observe: (statement: string, ms: number) => void): void {
  const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
  pool.query = ((...given: unknown[]) => {
    const statement = nameOf(given[0]);
    const startedMs = performance.now();
    const answer = query(...given);
    if (statement !== null && answer instanceof Promise) {
      const ended = () => observe(statement, performance.now() - startedMs);
      answer.then(ended, ended);
    }
    return answer;
  }) as Pool['query'];
}

/** Only what was named in this package has a name: there are a dozen. */
function nameOf(given: unknown): string | null {
  return typeof given === 'object' && given !== null && 'name' in given && typeof given.name === 'string'
    ? given.name
    : null;
}
