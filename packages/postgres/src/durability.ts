import type { BootReport } from '@hooklane/runtime';
import type { Pool } from 'pg';
import { pendingMigrations } from './migrate.ts';

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
      ...(pending > 0 ? [`${pending} migrations are pending: run migrate`] : []),
    ],
    warnings: warningsOf(settings, pending),
  };
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
