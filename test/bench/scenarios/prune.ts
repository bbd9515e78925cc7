import { parseId } from '@hooklane/domain';
import { LOGGED_ATTEMPTS } from '@hooklane/engine';
import { createPruneStore, openDatabase } from '@hooklane/postgres';
import { until } from '../../support/until.ts';
import { openFlow } from '../flow.ts';
import { median } from '../numbers.ts';
import type { Scenario } from '../scenario.ts';
import { seedAttempts } from '../seed.ts';
import { sizeOf } from '../sizes.ts';
import type { Stage } from '../stage.ts';

/** Attempts beyond the last 100 of each webhook are deleted, again and again: what a row costs, and whether the table grows. */
export const prune: Scenario = {
  what: 'six cycles of writing attempts and pruning them to the last 100 per webhook',
  seconds: 30,
  async run(context) {
    const { stage, webhookIds } = await openFlow(context);
    const webhooks = webhookIds.map((id) => parseId('wh', id) ?? '');
    const each = sizeOf(context, prune, { usual: 2_000, full: 20_000 });
    await hurryAutovacuum(stage);
    const cycles: Cycle[] = [];
    for (let n = 0; n < FIRST_CYCLES + CYCLES; n++) {
      await seedAttempts(stage.pool, webhooks, each);
      const cycle = await pruneOnce(stage);
      if (n >= FIRST_CYCLES) cycles.push(cycle);
      const usPerRow = (cycle.ms * 1000) / cycle.rows;
      context.tell(
        `${cycle.rows} rows, ${usPerRow.toFixed(1)} µs each; the table has ${(cycle.bytes / 2 ** 20).toFixed(1)} MB`,
      );
    }
    const [first] = cycles;
    return {
      ...context.told,
      rounds: CYCLES,
      rows: cycles.reduce((sum, { rows }) => sum + rows, 0),
      us_per_row: median(cycles.map(({ ms, rows }) => (ms * 1000) / rows)),
      size_ratio: (cycles.at(-1)?.bytes ?? 0) / (first?.bytes ?? 0),
    };
  },
};

/** The table is empty at first, and pages of an index are used again only by the vacuum after next. */
const FIRST_CYCLES = 3;
const CYCLES = 6;

interface Cycle {
  readonly rows: number;
  readonly ms: number;
  readonly bytes: number;
}

/** Between two passes of the reaper there is a minute, and autovacuum in it; here there are moments. */
async function hurryAutovacuum({ pool }: Stage): Promise<void> {
  await pool.query(`ALTER SYSTEM SET autovacuum_naptime = '1s'`);
  await pool.query('SELECT pg_reload_conf()');
}

async function pruneOnce({ postgres, pool }: Stage): Promise<Cycle> {
  const database = openDatabase({
    url: postgres.url,
    name: 'reaper',
    poolSize: 2,
    statementTimeoutMs: 60_000,
    onError: () => {},
  });
  try {
    const store = createPruneStore(database);
    const begunMs = performance.now();
    let rows = 0;
    for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
      const step: { deleted: number; next: string | null } = await store.pruneAttempts(LOGGED_ATTEMPTS, after);
      rows += step.deleted;
      after = step.next;
    }
    const ms = performance.now() - begunMs;
    await vacuumed(pool);
    const { rows: sizes } = await pool.query<{ bytes: number }>(
      `SELECT pg_total_relation_size('attempts')::float8 AS bytes`,
    );
    return { rows, ms, bytes: sizes[0]?.bytes ?? 0 };
  } finally {
    await database.close();
  }
}

async function vacuumed(pool: Stage['pool']): Promise<void> {
  await until(
    async () => {
      const { rows } = await pool.query<{ dead: number }>(
        `SELECT n_dead_tup::float8 AS dead FROM pg_stat_user_tables WHERE relname = 'attempts'`,
      );
      return (rows[0]?.dead ?? 0) < FEW_DEAD;
    },
    { what: 'autovacuum', timeoutMs: 120_000 },
  );
}

const FEW_DEAD = 1_000;
