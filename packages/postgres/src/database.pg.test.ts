import { expect, test } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.ts';
import { openDatabase } from './database.ts';

test('a connection that breaks between two statements of a transaction fails the transaction, not the process', async () => {
  await using test = await createTestDatabase();
  const database = openDatabase({
    url: test.url,
    name: 't',
    poolSize: 2,
    statementTimeoutMs: 5_000,
    onError: () => {},
  });

  const transaction = database.transaction(async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const closed = new Promise((resolve) => client.once('end', resolve));
    await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await closed;
    await client.query('SELECT 1');
  });

  await expect(transaction).rejects.toThrow(/not queryable|terminated/);
  const { rows } = await database.pool.query('SELECT 1 AS alive');
  expect(rows).toEqual([{ alive: 1 }]);
  await database.close();
});
