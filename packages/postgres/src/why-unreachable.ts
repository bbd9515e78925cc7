import { Client } from 'pg';

/** A host that drops what comes answers nothing for minutes; the person who waits at the terminal would not know for what. */
const REACH_MS = 10_000;

/** Why nobody gets into this database, for the person who set its URL; null if one does. */
export async function whyUnreachable(databaseUrl: string): Promise<string | null> {
  try {
    const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: REACH_MS });
    // What happens to it after the answer is nothing to anybody, and would end the process.
    client.on('error', () => {});
    await client.connect().finally(() => client.end());
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Where a name has several addresses, Node's error has a code and an empty message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  return error.message || ('code' in error ? String(error.code) : error.name);
}
