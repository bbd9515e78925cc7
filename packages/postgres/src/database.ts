import type { Metrics } from '@hooklane/runtime';
import { invariant } from '@hooklane/runtime';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { PoolClient, QueryConfig } from 'pg';
import { Pool } from 'pg';
import { measureDatabase } from './database-metrics.ts';
import * as schema from './schema/index.ts';

export interface DatabaseOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Connections this process may hold. */
  poolSize: number;
  /** Server-side limit on one statement, ms. */
  statementTimeoutMs: number;
  onError: (error: Error) => void;
  /** Default: {@link Planning | by-index}. */
  planning?: Planning;
  /** Where connections and statements are measured. Default: nowhere. */
  metrics?: Metrics;
}

/**
 * How Postgres is to plan the statements of a process.
 * `free`: as it likes; some of them read whole tables. `by-index`: all find what they look for by an index.
 * `once`: so they do, and they are the same few all day; each connection plans them once, whatever they are asked for.
 */
export type Planning = 'free' | 'by-index' | 'once';

/** One process's connections to Postgres: drizzle for ordinary queries, named SQL for the money path. */
export interface Database {
  readonly pool: Pool;
  readonly orm: NodePgDatabase<typeof schema>;
  /** Runs in one transaction, which ends when `work` does. Never call anything slow in it but this client. */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Waiting longer for a connection than this means that Postgres is away or overloaded: the caller answers 503. */
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Postgres 18.4 dies of a segmentation fault, with all its connections, where a statement that updates days of `deliveries` waited
 * for a row that another transaction changed (docs/decisions/0044). It does not where days are not picked at run time.
 */
const NO_RUN_TIME_PRUNING = '-c enable_partition_pruning=off';

/**
 * A connection keeps the plan of a statement, made when the tables were perhaps empty, and a table of due work is full or
 * empty from one minute to the next: what reads a table from end to end is the cheapest plan in one and a disaster in the other.
 */
const BY_INDEX = '-c enable_seqscan=off -c enable_bitmapscan=off';

/**
 * Left to itself Postgres compares what its plans cost, by estimates, and where batches are small goes on planning forever:
 * 4.6 ms for each result written, four times what writing it takes.
 */
const ONCE = '-c plan_cache_mode=force_generic_plan';

const PLANNING: Readonly<Record<Planning, readonly string[]>> = {
  free: [],
  'by-index': [BY_INDEX],
  once: [BY_INDEX, ONCE],
};

/**
 * Before Postgres 18 a plan that has what is off, because there is no other, costs ten thousand million: Postgres would compile
 * it each time, for hundreds of milliseconds. Nothing here computes for so long that it would pay.
 */
const NO_COMPILING = '-c jit=off';

/**
 * A process that stands still, or was cut off, in the middle of a transaction holds its locks no longer than this. All
 * workers write to the same rows of a webhook's health: so long one of them can hold up all others.
 */
const IDLE_IN_TRANSACTION_MS = 2_000;

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new Pool({
    ...serverOptions(
      options.url,
      [NO_RUN_TIME_PRUNING, NO_COMPILING, ...PLANNING[options.planning ?? 'by-index']].join(' '),
    ),
    application_name: `hooklane-${options.name}`,
    max: options.poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // The server's own limit ends a statement; this one ends the wait when the server does not answer at all.
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + 1_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', options.onError);
  // So would one that breaks between two statements of a transaction: the pool watches idle ones only. The next
  // statement fails, and that is how the transaction hears of it.
  pool.on('connect', (client) => client.on('error', () => {}));
  if (options.metrics) measureDatabase(pool, options.metrics);
  return {
    pool,
    orm: drizzle(pool, { schema }),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
}

/** Options in the URL would take the place of ours without a word. Both are set; where they contradict, ours hold. */
function serverOptions(databaseUrl: string, ours: string): { connectionString: string; options: string } {
  if (!databaseUrl.includes('options=')) return { connectionString: databaseUrl, options: ours };
  const url = new URL(databaseUrl);
  const options = [...url.searchParams.getAll('options'), ours].join(' ');
  url.searchParams.set('options', options);
  return { connectionString: url.href, options };
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    const { command } = await client.query('COMMIT');
    // Postgres answers COMMIT with ROLLBACK where a statement failed and nobody looked: nothing is stored then.
    invariant(command === 'COMMIT', 'a transaction went on after one of its statements had failed');
    return result;
  } catch (error) {
    broken = await rollback(client);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Undefined when the connection is fit for use again. */
async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('rollback failed', { cause: error });
  }
}

/** A statement that each connection plans once. */
export function named(name: string, text: string): (values: unknown[]) => QueryConfig {
  return (values) => ({ name, text, values });
}
