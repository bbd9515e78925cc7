import { randomBytes } from 'node:crypto';
import { firstUuidAt, uuidV7 } from '@hooklane/domain';
import type { EventPage } from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import type { Pool, PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamWorld } from '../../../test/conformance/event-stream.ts';
import { describeEventStream } from '../../../test/conformance/event-stream.ts';
import { openTestDatabase } from '../../../test/support/database.ts';
import { until } from '../../../test/support/until.ts';
import { createEventStore } from './accept-events.ts';
import { createEventStream, pageStatement, SCANNED_ROWS } from './event-stream.ts';

type OrgId = Awaited<ReturnType<StreamWorld['newOrg']>>;

const ids = createIdFactory();

describeEventStream('Postgres', makeWorld);

async function makeWorld(): Promise<StreamWorld & { pool: Pool }> {
  const test = await openTestDatabase();
  const { database } = test;
  const { pool } = database;
  return {
    pool,
    events: createEventStore(pool, { idempotencyMs: 60_000, enqueuedMs: 1_000 }),
    stream: createEventStream(pool),
    async newOrg() {
      const id = ids.next('org');
      await pool.query('INSERT INTO orgs (id, slug, name) VALUES ($1, $2, $2)', [id, id]);
      return id;
    },
    async passTime(ms) {
      await pool.query(`UPDATE events SET created_at = created_at - $1 * interval '1 ms'`, [ms]);
    },
    settle: () => settled(pool),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
    },
  };
}

const WAIT = { what: 'older transactions to end', timeoutMs: 20_000 };

/** Other tests share the server, and with it the numbers of transactions. */
async function settled(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ now: string }>('SELECT pg_current_xact_id() AS now');
  await until(async () => {
    const sql = 'SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AS past';
    return (await pool.query<{ past: boolean }>(sql, [rows[0]?.now])).rows[0]?.past;
  }, WAIT);
}

describe('the stream of events in Postgres', () => {
  let world: Awaited<ReturnType<typeof makeWorld>>;
  let orgId: OrgId;
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const read = (cursor: string | null, types?: string[]) =>
    world.stream.read(orgId, { types }, { limit: 1_000, cursor });

  it('keeps back what was committed after a transaction that is still open, and then shows all of it once', async () => {
    orgId = await world.newOrg();
    await world.settle();
    const before = await read(null);
    const slow = await world.pool.connect();
    await slow.query('BEGIN');
    const [slowId] = await seed(slow, { orgId, count: 1 });
    const [fastId] = await seed(world.pool, { orgId, count: 1 });

    const meanwhile = await read(before.resumeCursor);
    await slow.query('COMMIT');
    slow.release();
    await world.settle();
    const after = await read(meanwhile.resumeCursor);

    expect(meanwhile).toMatchObject({ data: [], nextCursor: null });
    expect(after.data.map((event) => event.id)).toEqual([slowId, fastId]);
  });

  it('looks through a bounded number of events for one that is rare, and says where it got to', async () => {
    orgId = await world.newOrg();
    await seed(world.pool, { orgId, count: SCANNED_ROWS + 10 });
    const [rare] = await seed(world.pool, { orgId, count: 1, type: 'rare.thing' });
    await seed(world.pool, { orgId, count: SCANNED_ROWS - 11 });
    await world.settle();

    const first = await read(null, ['rare.*']);
    const second = await read(first.nextCursor, ['rare.*']);
    const third = await read(second.nextCursor, ['rare.*']);

    expect(first.data).toEqual([]);
    expect(second.data.map((event) => event.id)).toEqual([rare]);
    expect(third).toMatchObject({ data: [], nextCursor: null });
    expect(await readAll(read)).toMatchObject({ events: 2 * SCANNED_ROWS });
  });

  it('refuses a cursor of a cluster that was ahead of this one', async () => {
    orgId = await world.newOrg();
    const cursor = (transaction: string) => Buffer.from(JSON.stringify([transaction, orgId])).toString('base64url');
    for (const transaction of ['99999999999', '18446744073709551615', '18446744073709551616', '-1']) {
      await expect(read(cursor(transaction))).rejects.toMatchObject({ code: 'invalid_cursor' });
    }
    expect(await read(cursor('3'))).toMatchObject({ data: [] });
  });
});

const DAY_MS = 24 * 3_600_000;
const DAYS = 30;
const TRANSACTIONS = 3_000;
const EVENTS = Number(process.env['STREAM_EVENTS'] ?? 30_000);

/** The plans are the same with `STREAM_EVENTS=10000000`, for which this takes ten minutes. */
describe(`a page out of ${EVENTS} events over ${DAYS} days`, () => {
  let world: Awaited<ReturnType<typeof makeWorld>>;
  let orgId: OrgId;
  beforeAll(async () => {
    world = await makeWorld();
    orgId = await world.newOrg();
    await seedDays(world.pool, orgId);
  }, 1_200_000);
  afterAll(() => world[Symbol.asyncDispose]());

  const middle = new Date(Date.now() - (DAYS / 2) * DAY_MS);

  it.each([
    ['everything', {}, ['events_stream']],
    ['a pattern', { types: ['no.*'] }, ['events_stream']],
    ['one request', { requestId: 'req_7' }, ['events_request']],
    ['one external id', { externalId: 'ext-500' }, ['events_external']],
    // Of a day with next to nothing, as the first and the last one may be, either will do.
    [
      'one external id of one request',
      { externalId: 'ext-500', requestId: 'req_7' },
      ['events_external', 'events_request'],
    ],
  ])('reads %s from an index, and little of it', async (_, filter, indexes) => {
    const after = ['0', orgId] as const;
    const { text, values } = pageStatement(orgId, filter, { after, end: `${TRANSACTIONS}`, limit: 100 });
    const nodes = await planOf(world.pool, text, values ?? []);
    expect(nodes.filter((node) => node.kind === 'Seq Scan' && node.buffers > 0)).toEqual([]);
    const used = new Set(nodes.flatMap((node) => node.index ?? []));
    expect([...used].filter((index) => !indexes.includes(index))).toEqual([]);
    expect(used.size).toBeGreaterThan(0);
    expect(nodes[0]?.buffers).toBeLessThan('types' in filter ? SCANNED_ROWS : 300);
  });

  it.each([
    ['from one moment on', { since: middle }],
    ['up to a moment', { until: middle }],
    ['between two', { since: middle, until: new Date(middle.getTime() + DAY_MS) }],
    ['of a day to come', { since: new Date(Date.now() + DAY_MS) }],
  ])('finds where a range of time begins and ends: %s', async (_, filter: { since?: Date; until?: Date }) => {
    const { rows } = await world.pool.query<{ count: number }>(
      `SELECT count(*)::int FROM events WHERE created_at >= coalesce($1, '-infinity'::timestamptz)
         AND created_at < coalesce($2, 'infinity'::timestamptz)`,
      [filter.since, filter.until],
    );
    const count = rows[0]?.count ?? -1;
    const limit = 1_000;
    const read = (cursor: string | null) => world.stream.read(orgId, filter, { limit, cursor });
    expect((await read(null)).data).toHaveLength(Math.min(count, limit));
    const { events, pages } = await readAll(read);
    expect(events).toBe(count);
    // What lies before or after the range would take pages of its own to be looked through.
    expect(pages).toBeLessThanOrEqual(count / limit + 2);
  });
});

type Executor = Pick<PoolClient, 'query'>;

/** Stores events as `accept` would, in one transaction. */
async function seed(
  client: Executor,
  { orgId, count, type = 'order.made' }: { orgId: OrgId; count: number; type?: string },
): Promise<string[]> {
  const newIds = Array.from({ length: count }, () => uuidV7(Date.now(), randomBytes(10)));
  await client.query(
    `INSERT INTO events (id, org_id, type, payload, occurred_at, request_id)
     SELECT id, $2, $3, '1', now(), 'req_1' FROM unnest($1::uuid[]) id`,
    [newIds, orgId, type],
  );
  return newIds;
}

/** Spread evenly, but for those of one transaction, which were accepted at the same moment. */
async function seedDays(pool: Pool, orgId: OrgId): Promise<void> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  for (let day = today - DAYS * DAY_MS; day < today - DAY_MS; day += DAY_MS) {
    const name = `events_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
    const range = `FROM ('${firstUuidAt(day)}') TO ('${firstUuidAt(day + DAY_MS)}')`;
    await pool.query(`CREATE TABLE ${name} PARTITION OF events FOR VALUES ${range}`);
  }
  const client = await pool.connect();
  await client.query('SET statement_timeout = 0');
  await client.query(
    `INSERT INTO events (id, org_id, external_id, type, payload, occurred_at, request_id, created_at, committed_in)
     SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 19))::uuid,
            $1, CASE WHEN n % 10 = 0 THEN 'ext-' || n END, 'order.made', '1', at, 'req_' || n / 3, at, (3 + t)::text::xid8
     FROM (SELECT n, t, now() + (t::float8 / $4 - 1) * $3 * interval '1 day' AS at
           FROM generate_series(0::bigint, $2::bigint - 1) n CROSS JOIN LATERAL (SELECT n * $4 / $2 AS t) x) s`,
    [orgId, EVENTS, DAYS, TRANSACTIONS],
  );
  await client.query('ANALYZE events');
  // The numbers given above must be past.
  await client.query(
    `DO $$ BEGIN FOR i IN 1..${TRANSACTIONS + 3} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$`,
  );
  client.release();
  await settled(pool);
}

async function readAll(
  read: (cursor: string | null) => ReturnType<StreamWorld['stream']['read']>,
): Promise<{ events: number; pages: number }> {
  const seen = new Set<string>();
  let cursor: string | null = null;
  for (let pages = 1; ; pages++) {
    const page: EventPage = await read(cursor);
    for (const event of page.data) {
      expect(seen.has(event.id)).toBe(false);
      seen.add(event.id);
    }
    cursor = page.nextCursor;
    if (cursor === null) return { events: seen.size, pages };
  }
}

interface PlanNode {
  kind: string;
  /** As it is called on the whole table. */
  index: string | undefined;
  buffers: number;
}

/** As executed. */
async function planOf(pool: Pool, text: string, values: readonly unknown[]): Promise<PlanNode[]> {
  const sql = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`;
  const { rows } = await pool.query<{ 'QUERY PLAN': [{ Plan: RawNode }] }>(sql, [...values]);
  return rows.flatMap((row) => nodesOf(row['QUERY PLAN'][0].Plan));
}

interface RawNode {
  'Node Type': string;
  'Index Name'?: string;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: RawNode[];
}

function nodesOf(node: RawNode): PlanNode[] {
  const index = node['Index Name'];
  const own = {
    kind: node['Node Type'],
    index: index === undefined ? undefined : INDEX_KINDS.find(([columns]) => index.includes(columns))?.[1],
    buffers: node['Shared Hit Blocks'] + node['Shared Read Blocks'],
  };
  return [own, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Partitions made by hand get names of their own for their indexes. */
const INDEX_KINDS = [
  ['request_id', 'events_request'],
  ['external_id', 'events_external'],
  ['committed_in', 'events_stream'],
] as const;
