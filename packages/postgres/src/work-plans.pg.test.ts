import { randomBytes } from 'node:crypto';
import type { OrgId, WebhookId } from '@hooklane/domain';
import type { AttemptRecord } from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import type { Pool, QueryConfig } from 'pg';
import { escapeLiteral } from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase, openTestDatabase } from '../../../test/support/database.ts';
import { ACCEPTED, reportOf } from '../../../test/support/memory/work-fakes.ts';
import { seedWebhook } from '../../../test/support/seed-webhook.ts';
import { createEventStore } from './accept-events.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import { createDueStore } from './due-store.ts';
import { createSecretBox } from './secret-box.ts';

const WEBHOOKS = 200;
const DUE_OF_EACH = 100;
/** Read or written for ten deliveries out of 20,000; a scan of any of the tables is far more. */
const MOST_BLOCKS = 1_200;
const ORGS = 3_000;
/** Of idempotency, used before. */
const KEYS = 3_000;
/** As connections come to do by themselves, for some statements sooner than for others. */
const KEEP_PLANS = 'SET plan_cache_mode = force_generic_plan';
const ONE_CONNECTION = { name: 'test', poolSize: 1, statementTimeoutMs: 20_000, onError: () => {} };

test('whatever is done with due work goes by an index, however much of it there is', async () => {
  await using stage = await openTestDatabase();
  const { database } = stage;
  await seedWebhooks(database.pool, WEBHOOKS);
  await database.pool.query('ANALYZE');
  const watched = watch(database, ({ text, values }) => ({ text, values: [...values] }));

  await doAll(watched.database, await webhooksOf(database.pool));

  expectIndexes(watched.plans);
});

test('a plan that was made when there was next to nothing does as well when there is much', async () => {
  await using stage = await createTestDatabase();
  // On one connection, which keeps its plans.
  const database = openDatabase({ ...ONE_CONNECTION, url: stage.url });
  await using _ = { [Symbol.asyncDispose]: () => database.close() };
  await database.pool.query(KEEP_PLANS);
  await seedWebhooks(database.pool, 1);
  await database.pool.query('ANALYZE');
  await doAll(database, await webhooksOf(database.pool));
  await seedWebhooks(database.pool, WEBHOOKS);
  const watched = watch(database, ({ name, values }) => ({ text: `EXECUTE ${name}${literals(values)}`, values: [] }));

  await doAll(watched.database, (await webhooksOf(database.pool)).slice(1));

  expectIndexes(watched.plans);
});

test('results are written on connections that plan once', async () => {
  await using stage = await createTestDatabase();
  const database = openDatabase({ ...ONE_CONNECTION, url: stage.url, poolSize: 3, steady: 1 });
  await using _ = { [Symbol.asyncDispose]: () => database.close() };
  await seedWebhooks(database.pool, 1);

  await doAll(database, await webhooksOf(database.pool));

  const kept = 'SELECT name, custom_plans::int AS planned FROM pg_prepared_statements';
  expect((await database.steady.query(kept)).rows).toEqual([{ name: 'record_attempts', planned: 0 }]);
});

test('what an event costs to accept does not grow with the orgs and keys there are', async () => {
  await using stage = await createTestDatabase();
  const database = openDatabase({ ...ONE_CONNECTION, url: stage.url });
  await using _ = { [Symbol.asyncDispose]: () => database.close() };
  const [orgId] = await seedOrgs(database.pool, 1);
  await database.pool.query('ANALYZE');
  // The plan of the sixth is kept.
  for (let n = 0; n < 8; n++) await accept(database, orgId);
  await seedOrgs(database.pool, ORGS);
  await seedKeys(database.pool, KEYS);
  const watched = watch(database, ({ name, values }) => ({ text: `EXECUTE ${name}${literals(values)}`, values: [] }));

  await accept(watched.database, orgId);

  expect(watched.plans.get('accept_events')?.blocks).toBeLessThan(ORGS / 10);
  expect(watched.plans.get('given_answers')?.blocks).toBeLessThan(10);
});

/** Everything that is done with due work, to ten deliveries at a time. */
async function doAll(database: Database, webhookIds: readonly WebhookId[]): Promise<void> {
  const due = createDueStore(database, {
    ids: createIdFactory(),
    box: BOX,
    claimGraceMs: 15_000,
    enqueuedMs: 10_000,
    onSuspended: () => {},
    onUnopened: () => {},
  });
  const refs = await due.relay(10);
  const claims = await Promise.all(refs.map((ref) => due.claim(ref)));
  await Promise.all(claims.map((claim) => claim !== null && due.record(delivered(claim))));
  await due.release(await due.take({ limit: 10, includeQueued: false }));
  const shares = webhookIds.slice(-5).map((webhookId) => ({ webhookId, limit: 2, includeQueued: true }));
  expect(await due.takeShares(shares)).toHaveLength(2 * shares.length);
  await due.unqueue(refs);
  await due.waiting();
}

function expectIndexes(plans: ReadonlyMap<string, Plan>): void {
  const names = [
    'claim_named',
    'record_attempts',
    'relay_due',
    'release_claims',
    'take_any',
    'take_shares',
    'unqueue_due',
    'waiting_webhooks',
  ];
  expect([...plans.keys()].toSorted()).toEqual(expect.arrayContaining(names));
  for (const [name, { scans, blocks }] of plans) {
    expect({ name, scans }).toEqual({ name, scans: [] });
    expect({ name, blocks, isFrugal: blocks < MOST_BLOCKS }).toMatchObject({ isFrugal: true });
  }
}

async function seedOrgs(pool: Pool, count: number): Promise<OrgId[]> {
  const ids = createIdFactory();
  const orgIds = Array.from({ length: count }, () => ids.next('org'));
  await pool.query('INSERT INTO orgs (id, slug, name) SELECT id, id, id FROM unnest($1::uuid[]) AS o(id)', [orgIds]);
  return orgIds;
}

async function seedKeys(pool: Pool, count: number): Promise<void> {
  await pool.query(
    `INSERT INTO idempotency_keys (org_id, key, request_hash, event_id, deliveries, expires_at)
     SELECT id, 'key:' || n, '', id, 0, now() + interval '1 day'
     FROM generate_series(1, $1) AS g(n), (SELECT id FROM orgs LIMIT 1) AS o`,
    [count],
  );
}

/** The same event under the same key each time: all but the first are answered as it was. */
async function accept(database: Database, orgId: OrgId | undefined): Promise<void> {
  if (orgId === undefined) throw new TypeError('there is an org');
  const publication = {
    orgId,
    type: 'a.b',
    payload: Buffer.from('{}'),
    attributes: {},
    externalId: null,
    occurredAt: null,
    requestId: 'req_1',
    idempotency: { key: 'key:same', requestHash: Buffer.alloc(32) },
  };
  const draft = {
    publication,
    eventId: createIdFactory().next('evt'),
    deliveries: [],
    configVersion: null,
    queued: false,
  };
  const { accept } = createEventStore(database.pool, { idempotencyMs: 1_000, enqueuedMs: 1_000 });
  expect(['stored', 'repeated']).toContain((await accept({ ...draft, origin: 'event' })).kind);
}

const BOX = createSecretBox([{ id: 'ours', key: randomBytes(32) }]);

async function seedWebhooks(pool: Pool, count: number): Promise<void> {
  const ids = createIdFactory();
  const orgId = ids.next('org');
  for (let n = 0; n < count; n++) {
    await seedWebhook(pool, BOX, { id: ids.next('wh'), orgId, secretId: ids.next('sec'), due: DUE_OF_EACH });
  }
}

async function webhooksOf(pool: Pool): Promise<WebhookId[]> {
  const { rows } = await pool.query<{ id: WebhookId }>('SELECT id FROM webhooks ORDER BY id');
  return rows.map(({ id }) => id);
}

function delivered(claim: AttemptRecord['claim']): AttemptRecord {
  const sent = { report: reportOf(ACCEPTED, 20), requestHeaders: {}, startedAtMs: claim.claimedAtMs, waitedFor: null };
  return { claim, step: { kind: 'delivered' }, sent, queued: false };
}

interface Statement {
  name: string;
  text: string;
  values: readonly unknown[];
}

/** Explains each named statement, as executed, before it is run. */
function watch(
  database: Database,
  queryOf: (statement: Statement) => QueryConfig,
): { database: Database; plans: ReadonlyMap<string, Plan> } {
  const plans = new Map<string, Plan>();
  const pool = new Proxy(database.pool, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== 'query') return typeof value === 'function' ? value.bind(target) : value;
      return async (query: Statement) => {
        if (typeof query.name === 'string') plans.set(query.name, await planOf(target, queryOf(query)));
        return target.query({ ...query, values: [...query.values] });
      };
    },
  });
  return { database: { ...database, pool, steady: pool }, plans };
}

/** As they stand in a statement: EXPLAIN EXECUTE takes no parameters. */
function literals(values: readonly unknown[]): string {
  if (values.length === 0) return '';
  return `(${values.map((value) => (value === null ? 'NULL' : escapeLiteral(textOf(value)))).join(', ')})`;
}

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  return Array.isArray(value) ? `{${value.map(elementOf).join(',')}}` : String(value);
}

function elementOf(value: unknown): string {
  return value === null ? 'NULL' : `"${String(value).replaceAll(/["\\]/g, '\\$&')}"`;
}

interface Plan {
  /** Tables that are read from end to end. */
  scans: string[];
  /** Of 8 kB, found in memory or not. */
  blocks: number;
}

async function planOf(pool: Pool, { text, values = [] }: QueryConfig): Promise<Plan> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, [...values]);
    await client.query('ROLLBACK');
    const root: RawNode = rows[0]['QUERY PLAN'][0].Plan;
    return {
      scans: nodesOf(root).flatMap((node) => (isScanOfMuch(node) ? [`Seq Scan ${node['Relation Name']}`] : [])),
      blocks: blocksOf(root),
    };
  } finally {
    client.release();
  }
}

interface RawNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Rows Removed by Filter'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: RawNode[];
}

function nodesOf(node: RawNode): RawNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** What a CTE writes is no part of what the statement is told to have read. */
function blocksOf(root: RawNode): number {
  const writing = nodesOf(root).filter((node) => node !== root && node['Node Type'] === 'ModifyTable');
  return [root, ...writing].reduce((sum, node) => sum + node['Shared Hit Blocks'] + node['Shared Read Blocks'], 0);
}

/** Partitions of days that have nothing, and small tables, are read as they are. */
function isScanOfMuch(node: RawNode): boolean {
  if (node['Node Type'] !== 'Seq Scan') return false;
  return node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) > 2 * WEBHOOKS;
}
