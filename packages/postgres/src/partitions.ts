import { firstUuidAt } from '@hooklane/domain';
import type { ClientBase } from 'pg';

/** Tables in day partitions, by the time inside their UUIDv7 ids. */
export const PARTITIONED = ['events', 'deliveries'] as const;
export type PartitionedTable = (typeof PARTITIONED)[number];

/** Each delivery is updated once, when it ends, and mostly soon: room beside it, so that its indexes need not hear of it. */
const FILL_PERCENT: Readonly<Record<PartitionedTable, number>> = { events: 100, deliveries: 50 };

export const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_BEHIND = 1;
const DAYS_AHEAD = 3;

export interface DayPartition {
  name: string;
  table: PartitionedTable;
  /** UTC midnight it begins at, ms since 1970. */
  startMs: number;
}

/** Day partitions from yesterday to three days ahead, by the database clock. Returns the names of new ones. */
export async function makePartitions(client: ClientBase): Promise<string[]> {
  const today = Math.floor((await databaseNowMs(client)) / DAY_MS) * DAY_MS;
  const made: string[] = [];
  for (const table of PARTITIONED) {
    const existing = new Set((await listPartitions(client, table)).map((partition) => partition.name));
    for (let day = -DAYS_BEHIND; day <= DAYS_AHEAD; day++) {
      const partition = partitionOf(table, today + day * DAY_MS);
      if (existing.has(partition.name)) continue;
      if (await makePartition(client, partition)) made.push(partition.name);
    }
  }
  return made;
}

/** The database clock, whole ms since 1970. */
export async function databaseNowMs(client: Pick<ClientBase, 'query'>): Promise<number> {
  const { rows } = await client.query<{ now: number }>('SELECT floor(extract(epoch FROM now()) * 1000)::float8 AS now');
  return rows[0]?.now ?? 0;
}

/** The day partitions a table has, oldest first; the default partition is not among them. */
export async function listPartitions(
  client: Pick<ClientBase, 'query'>,
  table: PartitionedTable,
): Promise<DayPartition[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass AND c.relname ~ '_[0-9]{8}$' ORDER BY c.relname`,
    [table],
  );
  return rows.map(({ name }) => ({ name, table, startMs: startOf(name) }));
}

function partitionOf(table: PartitionedTable, startMs: number): DayPartition {
  return { name: `${table}_${new Date(startMs).toISOString().slice(0, 10).replaceAll('-', '')}`, table, startMs };
}

function startOf(name: string): number {
  const day = name.slice(-8);
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)));
}

/**
 * Rows of that day that are in the default partition already (the reaper was away, a clock was wrong) move along:
 * Postgres refuses a partition whose rows lie in the default one. ATTACH takes ACCESS EXCLUSIVE on the default
 * partition only, and the lock is given up after 2 s rather than let publishing queue up behind it.
 */
async function makePartition(client: ClientBase, { name, table, startMs }: DayPartition): Promise<boolean> {
  const from = firstUuidAt(startMs);
  const to = firstUuidAt(startMs + DAY_MS);
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = '2s'`);
    // Two reapers at once: the second finds the table there.
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [name]);
    const there = await client.query('SELECT 1 FROM pg_class WHERE relname = $1', [name]);
    if (there.rowCount === 0) {
      await client.query(
        `CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL) WITH (fillfactor = ${FILL_PERCENT[table]})`,
      );
      await client.query(
        `WITH moved AS (DELETE FROM ${table}_default WHERE id >= '${from}' AND id < '${to}' RETURNING *)
         INSERT INTO ${name} SELECT * FROM moved`,
      );
      await client.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
    }
    await client.query('COMMIT');
    return there.rowCount === 0;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
