import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { createTestDatabase } from './database.ts';

test('each test database is a migrated clone of its own', async () => {
  await using one = await createTestDatabase();
  await using other = await createTestDatabase();
  await rows(one.url, 'CREATE TABLE mine ()');

  const tables = 'SELECT relname FROM pg_stat_user_tables ORDER BY 1';
  const [changed, untouched] = await Promise.all([rows(one.url, tables), rows(other.url, tables)]);

  expect(untouched.length).toBeGreaterThan(0);
  expect(changed).toEqual([...untouched, { relname: 'mine' }].sort(byName));
});

test('a test database is dropped when it is disposed, whoever is still connected', async () => {
  const database = await createTestDatabase();
  const name = new URL(database.url).pathname.slice(1);
  const forgotten = new Client({ connectionString: database.url });
  const cutOff = new Promise((resolve) => forgotten.on('error', resolve));
  await forgotten.connect();

  await database[Symbol.asyncDispose]();

  await cutOff;
  const named = `SELECT FROM pg_database WHERE datname = '${name}'`;
  expect(await rows(inject('postgresUrl'), named)).toEqual([]);
});

function byName(a: { relname: string }, b: { relname: string }): number {
  return a.relname < b.relname ? -1 : 1;
}

async function rows(url: string, sql: string): Promise<{ relname: string }[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ relname: string }>(sql)).rows;
  } finally {
    await client.end();
  }
}
