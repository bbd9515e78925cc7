import { expect, test } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.ts';
import { openDatabase } from './database.ts';

const OPTIONS = { name: 't', poolSize: 2, statementTimeoutMs: 5_000, onError: () => {} };

test('a connection that breaks between two statements of a transaction fails the transaction, not the process', async () => {
  await using test = await createTestDatabase();
  const database = openDatabase({ ...OPTIONS, url: test.url });

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

test('a process that stands still in the middle of a transaction does not hold up the others for long', async () => {
  await using test = await createTestDatabase();
  const database = openDatabase({ ...OPTIONS, url: test.url });
  let [letGo, holds] = [() => {}, () => {}];
  const standing = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const holding = new Promise<void>((resolve) => {
    holds = resolve;
  });

  const transaction = database.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(1)');
    holds();
    await standing;
    await client.query('SELECT 1');
  });
  await holding;
  // Waits for as long as the lock is held, but no longer than a statement may take.
  const another = database.pool.query('SELECT pg_advisory_xact_lock(1)').finally(letGo);

  await expect(transaction).rejects.toThrow();
  await expect(another).resolves.toBeDefined();
  await database.close();
});

test('options in the URL are set beside our own, which hold', async () => {
  await using test = await createTestDatabase();
  const url = new URL(test.url);
  url.searchParams.set('options', '-c search_path=theirs -c enable_partition_pruning=on');
  const database = openDatabase({ ...OPTIONS, url: url.href });

  const { rows } = await database.pool.query(
    `SELECT current_setting('search_path') AS path, current_setting('enable_partition_pruning') AS pruning,
            current_setting('enable_seqscan') AS scans, current_setting('jit') AS jit`,
  );
  expect(rows).toEqual([{ path: 'theirs', pruning: 'off', scans: 'off', jit: 'off' }]);
  await database.close();
});
