import { randomBytes } from 'node:crypto';
import type { Database } from '@hooklane/postgres';
import { openDatabase } from '@hooklane/postgres';
import { inject } from 'vitest';
import { administer, databaseUrl } from './database-server.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** The same, and connections to it, which are closed before it is dropped. */
export async function openTestDatabase(): Promise<TestDatabase & { database: Database }> {
  const test = await createTestDatabase();
  const database = openDatabase({
    url: test.url,
    name: 'test',
    poolSize: 10,
    statementTimeoutMs: 20_000,
    onError: () => {},
  });
  return {
    url: test.url,
    database,
    async [Symbol.asyncDispose]() {
      await database.close();
      await test[Symbol.asyncDispose]();
    },
  };
}

/** A migrated, empty database of one's own; dropped on dispose, whoever is still connected. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, `CREATE DATABASE ${name} TEMPLATE hooklane_template STRATEGY WAL_LOG`);
  return {
    url: databaseUrl(serverUrl, name),
    [Symbol.asyncDispose]: () => drop(serverUrl, name),
  };
}

/**
 * Whoever has just been told to leave gets five seconds, which is what Postgres waits: cut off on its way out, a connection
 * would end the test with an error that nobody listens to any more.
 */
async function drop(serverUrl: string, name: string): Promise<void> {
  try {
    await administer(serverUrl, `DROP DATABASE IF EXISTS ${name}`);
  } catch {
    await administer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}
