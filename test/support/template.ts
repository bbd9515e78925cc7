import { migrate } from '@hooklane/postgres';
import { administer, databaseUrl } from './database-server.ts';

const name = 'hooklane_template';

/** Makes the migrated database of which each test gets a clone. */
export async function makeTemplate(serverUrl: string): Promise<void> {
  await administer(serverUrl, `CREATE DATABASE ${name}`);
  await migrate(databaseUrl(serverUrl, name));
  // A database that somebody is connected to cannot be cloned.
  await administer(serverUrl, `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`);
}
