import { expect, test } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.ts';
import { openDatabase } from './database.ts';
import { checkPostgres } from './durability.ts';

async function check(prepare: string): Promise<{ problems: string[]; warnings: string[] }> {
  await using test = await createTestDatabase();
  const open = () =>
    openDatabase({ url: test.url, name: 'test', poolSize: 1, statementTimeoutMs: 5_000, onError: () => {} });
  const before = open();
  await before.pool.query(prepare.replace('this_database', `"${new URL(test.url).pathname.slice(1)}"`));
  await before.close();
  const after = open();
  try {
    return await checkPostgres(after.pool);
  } finally {
    await after.close();
  }
}

test('a migrated Postgres with safe settings has nothing to complain about', async () => {
  expect(await check('SELECT 1')).toEqual({ problems: [], warnings: [] });
});

test('commits that are not waited for are a problem', async () => {
  expect(await check('ALTER DATABASE this_database SET synchronous_commit = off')).toEqual({
    problems: ['synchronous_commit is off: a crash of Postgres loses acknowledged events'],
    warnings: [],
  });
});

test('migrations that are pending are a problem', async () => {
  const { problems } = await check('DROP TABLE drizzle.__drizzle_migrations');
  expect(problems).toEqual([expect.stringMatching(/^(a migration is|\d+ migrations are) pending: npm run migrate$/)]);
});

test('a database that a newer version has migrated is worth a warning', async () => {
  const newer = `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('newer', 9999999999999)`;
  expect(await check(newer)).toEqual({ problems: [], warnings: ['the database was migrated by a newer version'] });
});

test('events whose transactions are yet to come, as after a logical restore, are worth a warning', async () => {
  const event = (transaction: string) =>
    `INSERT INTO events (id, org_id, type, payload, occurred_at, request_id, committed_in)
     VALUES ('01900000-0000-7000-8000-000000000001', gen_random_uuid(), 'a.b', '1', now(), 'r', ${transaction})`;
  expect((await check(event(`'99999999999'`))).warnings).toEqual([expect.stringContaining('restored from another')]);
  expect((await check(event('pg_current_xact_id()'))).warnings).toEqual([]);
});
