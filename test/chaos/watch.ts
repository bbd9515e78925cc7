import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';

/** How far behind the healthy webhooks were at a moment. Times are ms since 1970. */
export interface Sample {
  readonly t: number;
  /** Of the oldest delivery that was due to a healthy webhook; null when there was none. */
  readonly oldestDueAt: number | null;
  /** Share of the processors' time that nobody wanted, since the sample before; ours and everybody else's. */
  readonly idle: number;
}

export interface Watch {
  readonly samples: readonly Sample[];
  /** How often all rows were held against one another. */
  readonly snapshots: number;
  /** Rows that did not match one another in some snapshot of the run. Should stay empty. */
  readonly imbalances: readonly string[];
  /** How many deliveries are undone; waits for Postgres. */
  undone(): Promise<number>;
  /** Of the webhook with the most. */
  mostAttempts(): Promise<number>;
  /** Events that are set aside for these webhooks. */
  diverted(webhookIds: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

const EVERY_MS = 150;
const BALANCE_EVERY_MS = 4_000;
/** The longer the tables of a long run, the rarer: they are read whole. */
const BALANCE_SHARE = 0.05;

/** Looks at Postgres directly, around the line that faults befall, from now on until it is closed. */
export function startWatch(url: string, healthy: readonly string[]): Watch {
  const pool = new Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 2_000, query_timeout: 60_000 });
  pool.on('error', () => {});
  const samples: Sample[] = [];
  const imbalances: string[] = [];
  let snapshots = 0;
  let balanceEveryMs = BALANCE_EVERY_MS;
  const closing = new AbortController();

  const idle = idleMeter();

  async function sample(): Promise<void> {
    const { rows } = await pool.query<{ oldest: number | null }>(
      'SELECT (extract(epoch FROM min(due_at)) * 1000)::float8 AS oldest FROM delivery_due WHERE webhook_id = ANY($1)',
      [healthy],
    );
    samples.push({ t: Date.now(), oldestDueAt: rows[0]?.oldest ?? null, idle: idle() });
  }

  async function balance(): Promise<void> {
    const begunMs = performance.now();
    const { rows } = await pool.query<Record<string, number>>(BALANCE);
    balanceEveryMs = Math.max(BALANCE_EVERY_MS, (performance.now() - begunMs) / BALANCE_SHARE);
    snapshots++;
    const wrong = Object.entries(rows[0] ?? {}).filter(([, count]) => count > 0);
    imbalances.push(...wrong.map(([what, count]) => `${count} ${what.replaceAll('_', ' ')}`));
  }

  const watching = Promise.all([
    repeat(sample, () => EVERY_MS, closing.signal),
    repeat(balance, () => balanceEveryMs, closing.signal),
  ]);
  const count = (sql: string, values: unknown[] = []) => persistently(() => countOf(pool, sql, values));
  return {
    samples,
    imbalances,
    get snapshots() {
      return snapshots;
    },
    undone: () => count('SELECT count(*)::int AS count FROM delivery_due'),
    mostAttempts: () =>
      count('SELECT coalesce(max(n), 0)::int AS count FROM (SELECT count(*) AS n FROM attempts GROUP BY webhook_id) a'),
    diverted: (ids) => count('SELECT count(*)::int AS count FROM diverted_events WHERE webhook_id = ANY($1)', [ids]),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await watching;
      await pool.end();
    },
  };
}

/** One statement, one snapshot: what must be true of any. */
const BALANCE = `
  SELECT
    (SELECT count(*) FROM deliveries v WHERE v.state = 'pending'
       AND NOT EXISTS (SELECT FROM delivery_due d WHERE d.delivery_id = v.id))::int AS pending_that_are_not_due,
    (SELECT count(*) FROM delivery_due d
       WHERE NOT EXISTS (SELECT FROM deliveries v WHERE v.id = d.delivery_id AND v.state = 'pending'))::int AS due_that_are_not_pending,
    (SELECT count(*) FROM deliveries v WHERE v.state = 'diverted'
       AND NOT EXISTS (SELECT FROM diverted_events x WHERE x.delivery_id = v.id))::int AS diverted_without_their_event,
    (SELECT count(*) FROM diverted_events x
       WHERE NOT EXISTS (SELECT FROM deliveries v WHERE v.id = x.delivery_id AND v.state = 'diverted'))::int AS events_set_aside_without_delivery,
    (SELECT count(*) FROM idempotency_keys k
       WHERE k.deliveries <> (SELECT count(*) FROM deliveries v WHERE v.event_id = k.event_id))::int AS answers_with_another_number_of_deliveries`;

function idleMeter(): () => number {
  let before = processorTimes();
  return () => {
    const now = processorTimes();
    const share = (now.idle - before.idle) / Math.max(1, now.all - before.all);
    before = now;
    return share;
  };
}

function processorTimes(): { idle: number; all: number } {
  const times = cpus().map((processor) => processor.times);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return { idle: sum(times.map((time) => time.idle)), all: sum(times.flatMap((time) => Object.values(time))) };
}

async function countOf(pool: Pool, sql: string, values: unknown[]): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(sql, values);
  return rows[0]?.count ?? 0;
}

/** Postgres may be away for a while. */
async function persistently<T>(question: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await question();
    } catch (error) {
      if (tries === 50) throw error;
      await sleep(200);
    }
  }
}

async function repeat(look: () => Promise<void>, everyMs: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // While Postgres is away there is nothing to see.
    await look().catch(() => {});
    await sleep(everyMs(), undefined, { signal }).catch(() => {});
  }
}
