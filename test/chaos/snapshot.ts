import { Client } from 'pg';

/** Postgres as it was in one moment. Ids are UUIDs, times ms since 1970, hashes hex SHA-256. */
export interface Snapshot {
  readonly events: ReadonlyArray<{ id: string; type: string; sha: string }>;
  readonly deliveries: readonly DeliveryRow[];
  readonly due: ReadonlyArray<{ delivery_id: string }>;
  /** `sha` of the payload that would be sent again; null when it is gone. */
  readonly diverted: ReadonlyArray<{ webhook_id: string; event_id: string; delivery_id: string; sha: string | null }>;
  readonly attempts: ReadonlyArray<{ webhook_id: string; started_at: number }>;
  readonly webhooks: ReadonlyArray<{ id: string; suspended_at: number | null }>;
  /** Where a secret stands in clear. */
  readonly leaks: readonly string[];
}

export interface DeliveryRow {
  readonly id: string;
  readonly event_id: string;
  readonly webhook_id: string;
  readonly state: 'pending' | 'delivered' | 'diverted' | 'discarded';
  readonly reason: string | null;
  readonly attempts: number;
  readonly finished_at: number | null;
}

/** All of it in one repeatable-read transaction. */
export async function takeSnapshot(url: string, secrets: readonly string[]): Promise<Snapshot> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const rows = async <T extends object>(sql: string) => (await client.query<T>(sql)).rows;
    return {
      events: await rows("SELECT id, type, encode(sha256(payload), 'hex') AS sha FROM events"),
      deliveries: await rows(
        `SELECT id, event_id, webhook_id, state, reason, attempts, ${msOf('finished_at')} AS finished_at FROM deliveries`,
      ),
      due: await rows('SELECT delivery_id FROM delivery_due'),
      diverted: await rows(
        `SELECT x.webhook_id, x.event_id, x.delivery_id, encode(sha256(coalesce(e.payload, k.payload)), 'hex') AS sha
         FROM diverted_events x LEFT JOIN events e ON e.id = x.event_id LEFT JOIN events_kept k ON k.id = x.event_id`,
      ),
      attempts: await rows(`SELECT webhook_id, ${msOf('started_at')} AS started_at FROM attempts`),
      webhooks: await rows(`SELECT id, ${msOf('suspended_at')} AS suspended_at FROM webhooks`),
      leaks: await leaksIn(client, secrets),
    };
  } finally {
    await client.end();
  }
}

function msOf(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`;
}

/** Every column of every table as text, but for what producers and receivers wrote. Bytes are in hex there. */
async function leaksIn(client: Client, secrets: readonly string[]): Promise<string[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
  );
  const patterns = secrets
    .flatMap((secret) => [secret, Buffer.from(secret).toString('hex')])
    .map((text) => `%${text}%`);
  const leaks: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM "${name}" t
       WHERE (to_jsonb(t) - 'payload' - 'response_body')::text LIKE ANY($1::text[])`,
      [patterns],
    );
    const count = rows[0]?.count ?? 0;
    if (count > 0) leaks.push(`${count} rows of ${name}`);
  }
  return leaks;
}
