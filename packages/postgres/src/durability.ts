import type { BootReport } from '@hooklane/runtime';
import type { Pool } from 'pg';
import { pendingMigrations } from './migrate.ts';
import { KEYS_OF_SEALED } from './reseal-step.ts';

/** Whether this Postgres keeps what it commits, and has the tables this version works with. */
export async function checkPostgres(pool: Pool): Promise<BootReport> {
  const { rows } = await pool.query<Settings>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,
            current_setting('full_page_writes') AS full_page_writes, current_setting('autovacuum') AS autovacuum,
            current_setting('synchronous_commit') AS synchronous_commit`,
  );
  const [settings] = rows;
  if (settings === undefined) throw new TypeError('a select of constants returned no row');
  const pending = await pendingMigrations(pool);
  return {
    problems: [
      ...settingProblems(settings),
      ...(pending > 0
        ? [`${pending === 1 ? 'a migration is' : `${pending} migrations are`} pending: npm run migrate`]
        : []),
    ],
    warnings: [...warningsOf(settings, pending), ...(pending > 0 ? [] : await streamWarnings(pool))],
  };
}

/** The newest event tells: numbers of transactions grow with the ids. */
async function streamWarnings(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ ahead: boolean }>(
    'SELECT committed_in > pg_snapshot_xmax(pg_current_snapshot()) AS ahead FROM events ORDER BY id DESC LIMIT 1',
  );
  return rows[0]?.ahead ? [AHEAD] : [];
}

const AHEAD =
  "events were restored from another cluster, and the stream would hold them back for long: UPDATE events SET committed_in = '3'";

/**
 * Whether the keys that are configured open what is sealed. Only a warning: a key may be lost for good, and the webhooks
 * that were sealed with others must go on. Nothing where there are no keys: all would seem to be missing.
 */
export async function checkSealing(pool: Pool, keyIds: readonly string[]): Promise<BootReport> {
  if (keyIds.length === 0) return { problems: [], warnings: [] };
  const missing = (await sealedByKey(pool)).filter(({ id }) => !keyIds.includes(id));
  const warnings = missing.map(
    ({ id }) =>
      `webhooks are sealed with key "${id}", which HOOKLANE_SEALING_KEYS does not have: nothing is sent to them`,
  );
  return { problems: [], warnings };
}

/** Which of the keys that are configured are still needed beside the first, which seals. For whoever replaces keys. */
export async function checkOldKeys(pool: Pool, [newest, ...older]: readonly string[]): Promise<BootReport> {
  const needed = (await sealedByKey(pool)).filter(({ id }) => older.includes(id));
  const warnings = needed.map(
    ({ id, count }) => `${count} secrets are still sealed with key "${id}", which "${newest}" has replaced`,
  );
  const idle = older.filter((id) => needed.every((key) => key.id !== id));
  return {
    problems: [],
    warnings: [...warnings, ...idle.map((id) => `nothing is sealed with key "${id}" any more`)],
  };
}

async function sealedByKey(pool: Pool): Promise<Array<{ id: string; count: number }>> {
  const tables = await pool.query<{ there: boolean }>(`SELECT to_regclass('webhook_secrets') IS NOT NULL AS there`);
  if (!tables.rows[0]?.there) return [];
  const { rows } = await pool.query<{ id: string; count: number }>(
    `SELECT key_id AS id, count(*)::int AS count FROM (${KEYS_OF_SEALED}) k GROUP BY 1 ORDER BY 1`,
  );
  return rows;
}

interface Settings {
  version: number;
  fsync: string;
  full_page_writes: string;
  autovacuum: string;
  synchronous_commit: string;
}

const OLDEST_VERSION = 140_000;

/** Settings under which a commit may be lost. */
export function settingProblems(settings: Settings): string[] {
  const problems: string[] = [];
  if (settings.version < OLDEST_VERSION) problems.push('Postgres is older than version 14');
  if (settings.fsync === 'off') problems.push('fsync is off: a crash of the machine loses acknowledged events');
  if (settings.full_page_writes === 'off') {
    problems.push('full_page_writes is off: a crash of the machine can corrupt the tables');
  }
  if (settings.synchronous_commit === 'off') {
    problems.push('synchronous_commit is off: a crash of Postgres loses acknowledged events');
  }
  return problems;
}

function warningsOf(settings: Settings, pending: number): string[] {
  const warnings: string[] = [];
  if (pending < 0) warnings.push('the database was migrated by a newer version');
  if (settings.autovacuum === 'off') warnings.push('autovacuum is off: the table of due work will grow without end');
  return warnings;
}
