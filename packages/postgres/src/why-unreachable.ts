import type { OutOfReach } from '@hooklane/runtime';
import { Client } from 'pg';
import { isConnectionError } from './connection-errors.ts';

/** A host that drops what comes answers nothing for minutes; the person who waits at the terminal would not know for what. */
const REACH_MS = 10_000;

/** Why nobody gets into this database, in a sentence for the person who set its URL, without the password; null if one does. */
export async function whyUnreachable(databaseUrl: string): Promise<OutOfReach | null> {
  try {
    const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: REACH_MS });
    // What happens to it after the answer is nothing to anybody, and would end the process.
    client.on('error', () => {});
    await client.connect().finally(() => client.end());
    return null;
  } catch (error) {
    return outOfReach(error);
  }
}

/** Who is away may come; a wrong password, or a database that there is not, stays wrong until somebody mends it. */
export function outOfReach(error: unknown): OutOfReach {
  const mayCome = isConnectionError(error);
  const what = mayCome ? 'Postgres cannot be reached' : 'Postgres does not let us in';
  return { outOfReach: `DATABASE_URL: ${what}: ${reasonOf(error)}`, mayCome };
}

/** Where a name has several addresses, Node's error has a code and an empty message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  return error.message || ('code' in error ? String(error.code) : error.name);
}
