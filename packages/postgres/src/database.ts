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
  /** So many of them are {@link Database.steady}. Default, and where fewer than two others would be left: none. */
  steady?: number;
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
 */
export type Planning = 'free' | 'by-index';

/** One process's connections to Postgres: drizzle for ordinary queries, named SQL for the money path. */
export interface Database {
  readonly pool: Pool;
  /**
   * Plan a statement at its first use and never again: for one that would be planned the same whatever it is asked for, and whose
   * tables an index serves at any size. The same as `pool` where none are set aside for it.
   */
  readonly steady: Pool;
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
const PLANNED_ONCE = '-c plan_cache_mode=force_generic_plan';

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
  const { planning = 'by-index', poolSize, steady: wanted = 0 } = options;
  const ours = [NO_RUN_TIME_PRUNING, NO_COMPILING, ...(planning === 'free' ? [] : [BY_INDEX])];
  const set = poolSize - wanted >= FEWEST ? wanted : 0;
  const pool = openPool(options, ours, poolSize - set);
  const steady = set > 0 ? openPool(options, [...ours, PLANNED_ONCE], set) : pool;
  const pools = [...new Set([pool, steady])];
  if (options.metrics) measureDatabase(pools, options.metrics);
  return {
    pool,
    steady,
    orm: drizzle(pool, { schema }),
    transaction: (work) => inTransaction(pool, work),
    close: async () => void (await Promise.all(pools.map((one) => one.end()))),
  };
}

/** Connections for everything else: one may be held by a transaction. */
const FEWEST = 2;

function openPool(options: DatabaseOptions, ours: readonly string[], size: number): Pool {
  const pool = new Pool({
    ...serverOptions(options.url, ours.join(' ')),
    application_name: `hooklane-${options.name}`,
    max: size,
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
  return pool;
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
