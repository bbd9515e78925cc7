import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import type { ClientBase, Pool } from 'pg';
import { Client } from 'pg';
import { makePartitions } from './partitions.ts';

const FOLDER = fileURLToPath(new URL('../../../migrations', import.meta.url));

/** Any number will do, as long as every migrating process takes the same. */
const LOCK = 4_806_651_001;

/**
 * Brings the database to the newest schema and makes the partitions of the coming days. Any number of processes may
 * call it at once: an advisory lock lets one work and the others find nothing to do. Resolves to how many migrations it
 * applied.
 */
export async function migrate(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'hooklane-migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    // A migration that waits for a lock blocks everyone behind it: rather fail and be run again.
    await client.query(`SET lock_timeout = '5s'`);
    const pending = await pendingMigrations(client);
    await applyMigrations(drizzle(client), { migrationsFolder: FOLDER });
    await makePartitions(client);
    return Math.max(0, pending);
  } finally {
    await client.end();
  }
}

/** How many migrations this code knows that the database has not had; negative when the database is newer. */
export async function pendingMigrations(pool: Pick<Pool | ClientBase, 'query'>): Promise<number> {
  const known = readMigrationFiles({ migrationsFolder: FOLDER }).length;
  const { rows } = await pool.query<{ there: boolean }>(
    `SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS there`,
  );
  if (!rows[0]?.there) return known;
  const applied = await pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM drizzle.__drizzle_migrations',
  );
  return known - (applied.rows[0]?.count ?? 0);
}
