import { randomBytes } from 'node:crypto';
import type { AttemptRecord } from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { openTestDatabase } from '../../../test/support/database.ts';
import { ACCEPTED, reportOf } from '../../../test/support/memory/work-fakes.ts';
import { seedWebhook } from '../../../test/support/seed-webhook.ts';
import type { Database } from './database.ts';
import { createDueStore } from './due-store.ts';
import { createSecretBox } from './secret-box.ts';

const WEBHOOKS = 200;
const DUE_OF_EACH = 100;
/** Read or written for ten deliveries out of 20,000; a scan of any of the tables is far more. */
const MOST_BLOCKS = 1_200;

test('whatever is done with due work goes by an index, however much of it there is', async () => {
  await using stage = await openTestDatabase();
  const { pool } = stage.database;
  const box = createSecretBox([{ id: 'ours', key: randomBytes(32) }]);
  const webhookIds = await seedWebhooks(pool, box);
  await pool.query('ANALYZE');
  const watched = watch(stage.database);
  const due = createDueStore(watched.database, {
    ids: createIdFactory(),
    box,
    claimGraceMs: 15_000,
    enqueuedMs: 10_000,
    onSuspended: () => {},
    onUnopened: () => {},
  });

  const refs = await due.relay(10);
  const claims = await Promise.all(refs.map((ref) => due.claim(ref)));
  await Promise.all(claims.map((claim) => claim !== null && due.record(delivered(claim))));
  await due.release(await due.take({ limit: 10, includeQueued: false }));
  const shares = webhookIds.slice(50, 55).map((webhookId) => ({ webhookId, limit: 2, includeQueued: true }));
  expect(await due.takeShares(shares)).toHaveLength(10);
  await due.unqueue(refs);
  expect(await due.waiting()).toHaveLength(WEBHOOKS);

  const names = [
    'claim_named',
    'record_attempts',
    'relay_due',
    'release_claims',
    'take_any',
    'take_shares',
    'unqueue_due',
  ];
  expect([...watched.plans.keys()].toSorted()).toEqual(expect.arrayContaining([...names, 'waiting_webhooks']));
  for (const [name, { scans, blocks }] of watched.plans) {
    expect({ name, scans }).toEqual({ name, scans: [] });
    expect({ name, blocks, isFrugal: blocks < MOST_BLOCKS }).toMatchObject({ isFrugal: true });
  }
});

async function seedWebhooks(pool: Pool, box: ReturnType<typeof createSecretBox>) {
  const ids = createIdFactory();
  const orgId = ids.next('org');
  const webhookIds = Array.from({ length: WEBHOOKS }, () => ids.next('wh'));
  for (const id of webhookIds) {
    await seedWebhook(pool, box, { id, orgId, secretId: ids.next('sec'), due: DUE_OF_EACH });
  }
  return webhookIds;
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
function watch(database: Database): { database: Database; plans: ReadonlyMap<string, Plan> } {
  const plans = new Map<string, Plan>();
  const pool = new Proxy(database.pool, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property !== 'query') return typeof value === 'function' ? value.bind(target) : value;
      return async (query: Statement) => {
        if (typeof query.name === 'string') plans.set(query.name, await planOf(target, query));
        return target.query({ ...query, values: [...query.values] });
      };
    },
  });
  return { database: { ...database, pool }, plans };
}

interface Plan {
  /** Tables that are read from end to end. */
  scans: string[];
  /** Of 8 kB, found in memory or not. */
  blocks: number;
}

async function planOf(pool: Pool, { text, values }: Statement): Promise<Plan> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, [...values]);
    await client.query('ROLLBACK');
    const root: RawNode = rows[0]['QUERY PLAN'][0].Plan;
    return {
      scans: nodesOf(root).flatMap((node) => (isScanOfMuch(node) ? [`Seq Scan ${node['Relation Name']}`] : [])),
      blocks: root['Shared Hit Blocks'] + root['Shared Read Blocks'],
    };
  } finally {
    client.release(true);
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

/** Partitions of days that have nothing, and small tables, are read as they are. */
function isScanOfMuch(node: RawNode): boolean {
  if (node['Node Type'] !== 'Seq Scan') return false;
  return node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) > 2 * WEBHOOKS;
}
