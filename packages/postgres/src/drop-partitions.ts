import { firstUuidAt } from '@hooklane/domain';
import type { Retention } from '@hooklane/engine';
import type { ClientBase, PoolClient } from 'pg';
import type { Database } from './database.ts';
import type { DayPartition, PartitionedTable } from './partitions.ts';
import { DAY_MS, databaseNowMs, listPartitions } from './partitions.ts';

/** Any number will do, as long as it is nobody else's. */
const STORED_EVENTS = 4_806_651_002;

/** Rows of `events_kept` deleted by one pass. */
const KEPT_STEP = 10_000;

/**
 * Keeps every stored event, and every ended delivery, until this transaction ends. **The first statement of every
 * transaction that makes a delivery of a stored event, or makes one again**: the reaper copies what is needed and then
 * drops the rest, and what came to be needed in between would be gone. Publishing and attempts do not need it, nor do resends: what
 * they make due was diverted or due before, and the copy sees one or the other.
 */
export async function holdStoredEvents(client: Pick<ClientBase, 'query'>): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock_shared($1)', [STORED_EVENTS]);
}

/** Drops the days that ended longer ago than their retention. A day that is in use is left to the next pass. */
export async function dropPartitions(
  database: Database,
  retention: Pick<Retention, 'eventsMs' | 'deliveriesMs'>,
): Promise<string[]> {
  const nowMs = await databaseNowMs(database.pool);
  const dropped = [
    ...(await dropDays(database, 'events', nowMs - retention.eventsMs)),
    ...(await dropDays(database, 'deliveries', nowMs - retention.deliveriesMs)),
  ];
  await forgetKept(database, nowMs - retention.eventsMs);
  return dropped;
}

async function dropDays(database: Database, table: PartitionedTable, endedBeforeMs: number): Promise<string[]> {
  const days = await listPartitions(database.pool, table);
  const dropped: string[] = [];
  for (const day of days) {
    if (day.startMs + DAY_MS > endedBeforeMs) continue;
    if (await dropUnlessBusy(database, day)) dropped.push(day.name);
  }
  return dropped;
}

/** lock_not_available and deadlock_detected: others were at the table, and shall not wait for us. */
const BUSY = new Set(['55P03', '40P01']);

async function dropUnlessBusy(database: Database, day: DayPartition): Promise<boolean> {
  try {
    return await database.transaction((client) => dropDay(client, day));
  } catch (error) {
    if (error instanceof Error && 'code' in error && BUSY.has(String(error.code))) return false;
    throw error;
  }
}

/**
 * DROP takes ACCESS EXCLUSIVE on the whole table and then waits only for statements that were running already: the lock
 * is held for milliseconds, and given up after 2 s rather than let publishing queue up behind it.
 */
async function dropDay(client: PoolClient, day: DayPartition): Promise<boolean> {
  await client.query(`SET LOCAL lock_timeout = '2s'`);
  const { rows } = await client.query<{ mine: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtext($1)) AND to_regclass($1) IS NOT NULL AS mine',
    [day.name],
  );
  if (!rows[0]?.mine) return false;
  await client.query('SELECT pg_advisory_xact_lock($1)', [STORED_EVENTS]);
  if (day.table === 'events') await keepNeeded(client, day);
  else if (await isDeliveryDue(client, day)) return false;
  await client.query(`DROP TABLE ${day.name}`);
  return true;
}

const KEPT =
  'id, org_id, external_id, type, attributes, payload, occurred_at, request_id, created_at, schema_version, traceparent';

/**
 * One statement, so one snapshot: an event whose delivery moves between due and diverted at this moment is seen in one
 * of the two. Nothing else can come to need an event of this day before the drop: see {@link holdStoredEvents}.
 */
async function keepNeeded(client: PoolClient, day: DayPartition): Promise<void> {
  await client.query(
    `INSERT INTO events_kept (${KEPT})
     SELECT ${KEPT} FROM ${day.name}
     WHERE id IN (
       SELECT event_id FROM delivery_due WHERE event_id >= $1 AND event_id < $2
       UNION
       SELECT event_id FROM diverted_events WHERE event_id >= $1 AND event_id < $2
     )
     ON CONFLICT DO NOTHING`,
    rangeOf(day),
  );
}

/** Its history would lose the delivery before it has ended. */
async function isDeliveryDue(client: PoolClient, day: DayPartition): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM delivery_due WHERE delivery_id >= $1 AND delivery_id < $2 LIMIT 1',
    rangeOf(day),
  );
  return rowCount === 1;
}

function rangeOf({ startMs }: DayPartition): [string, string] {
  return [firstUuidAt(startMs), firstUuidAt(startMs + DAY_MS)];
}

/** Events kept beyond their day that are no longer needed. */
async function forgetKept(database: Database, olderThanMs: number): Promise<void> {
  await database.transaction(async (client) => {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
      STORED_EVENTS,
    ]);
    if (!rows[0]?.mine) return;
    await client.query(
      `DELETE FROM events_kept WHERE id = ANY(ARRAY(
         SELECT k.id FROM events_kept k
         WHERE k.id < $1
           AND NOT EXISTS (SELECT FROM delivery_due d WHERE d.event_id = k.id)
           AND NOT EXISTS (SELECT FROM diverted_events x WHERE x.event_id = k.id)
         LIMIT $2
       ))`,
      [firstUuidAt(olderThanMs), KEPT_STEP],
    );
  });
}
