import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';

/**
 * A clock that the test moves, for one database and the processes that work on it. Hooklane compares times on the database
 * clock only, so that moving `now()` moves everything that is due, lapses or expires, days in a moment; the wall clocks of the
 * processes (ids, signatures) go along. It never goes back.
 */
export interface MovingClock {
  /** For the processes: their wall clocks follow. */
  readonly env: Readonly<Record<string, string>>;
  readonly aheadMs: number;
  /** For the database and the processes with these ids. */
  advance(byMs: number, pids: readonly number[]): Promise<void>;
  dispose(): void;
}

const PRELOADED = pathToFileURL(join(import.meta.dirname, 'moved-clock.mjs')).href;

/** Before anything else is connected to the database. */
export async function startMovingClock(databaseUrl: string): Promise<MovingClock> {
  const folder = mkdtempSync(join(tmpdir(), 'hooklane-clock-'));
  const file = join(folder, 'ahead-ms');
  let aheadMs = 0;
  writeFileSync(file, '0');
  await run(databaseUrl, [...clocksAhead(0), OWN_DEFAULTS, OWN_CLOCKS_FIRST]);
  return {
    env: { NODE_OPTIONS: `--import=${PRELOADED}`, CLOCK_FILE: file },
    get aheadMs() {
      return aheadMs;
    },
    async advance(byMs, pids) {
      aheadMs += byMs;
      writeFileSync(file, String(aheadMs));
      for (const pid of pids) process.kill(pid, 'SIGWINCH');
      await run(databaseUrl, clocksAhead(aheadMs));
    },
    dispose: () => rmSync(folder, { recursive: true }),
  };
}

/** Functions of these names, found before Postgres's own, stand in for them wherever a statement says `now()`. */
function clocksAhead(ms: number): string[] {
  const ahead = (name: string, volatility: string) =>
    `CREATE OR REPLACE FUNCTION public.${name}() RETURNS timestamptz LANGUAGE sql ${volatility} PARALLEL SAFE
     AS $$ SELECT pg_catalog.${name}() + interval '${ms} ms' $$`;
  return [ahead('now', 'STABLE'), ahead('clock_timestamp', 'VOLATILE')];
}

/** Defaults of columns were bound to Postgres's own when the tables were made. */
const OWN_DEFAULTS = `
  DO $$
  DECLARE c record;
  BEGIN
    FOR c IN
      SELECT d.adrelid::regclass AS tab, a.attname AS col
      FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE pg_get_expr(d.adbin, d.adrelid) IN ('now()', 'pg_catalog.now()')
    LOOP
      EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT public.now()', c.tab, c.col);
    END LOOP;
  END $$`;

const OWN_CLOCKS_FIRST = `
  DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
  END $$`;

async function run(databaseUrl: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
