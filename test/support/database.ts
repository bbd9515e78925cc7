import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { administer, databaseUrl } from './database-server.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** A migrated, empty database of one's own; dropped on dispose, whoever is still connected. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, `CREATE DATABASE ${name} TEMPLATE hooklane_template STRATEGY WAL_LOG`);
  return {
    url: databaseUrl(serverUrl, name),
    [Symbol.asyncDispose]: () => administer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}
