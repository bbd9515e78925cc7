import { randomBytes } from 'node:crypto';
import { StatsCounter } from '@hooklane/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { by, divertOne, ids, newOrg, newWebhook, publishOne } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { seedAttempts } from '../../../test/support/seed-attempts.ts';
import { until } from '../../../test/support/until.ts';
import { createDueStore } from './due-store.ts';
import { createStatsStore } from './stats.ts';

let stores: PostgresStores;
beforeAll(async () => {
  stores = await createPostgresStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

test('an org is erased with all that was its, in bounded steps, and another one keeps every row', async () => {
  const [gone, other] = [await filledOrg(), await filledOrg()];
  const before = await rowsOf(other);
  expect(Object.keys(before).sort()).toEqual((await tablesOfOrgs()).sort());
  await stores.orgs.delete(gone.slug, by);
  const preview = { orgId: null, webhookId: null, task: { kind: 'erase', orgId: gone.id } } as const;
  const previewed = await stores.operations.preview(preview);
  const operation = await erase(gone.id);
  expect(previewed).toBe(operation.total);

  const steps = await run(operation, { stepMs: 10 });

  expect(Math.max(...steps)).toBeLessThanOrEqual(10);
  expect(steps.length).toBeGreaterThan(5);
  expect(await rowsOf(gone)).toEqual({});
  expect(await rowsOf(other)).toEqual(before);
  const erased = steps.reduce((sum, moved) => sum + moved, 0);
  expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'done', moved: erased });
  expect(operation.total).toBeGreaterThan(20);
  expect(await stores.orgs.find(gone.id)).toBeNull();
  const left = await stores.audit.list({}, { limit: 100, cursor: null });
  expect(JSON.stringify(left)).not.toContain(gone.slug);
});

test('what somebody holds at the moment is erased later: nobody waits, and nothing is skipped for good', async () => {
  const org = await filledOrg();
  await stores.orgs.delete(org.slug, by);
  const operation = await erase(org.id);
  await settle(org.id);
  const { client } = await lockDue(org.id);
  for (let n = 0; n < 2; n++) {
    await ready(operation.id);
    await stores.operations.advance({ stepMs: 1_000 });
  }
  // Somebody holds a row: it is neither skipped for good nor is anybody kept waiting.
  expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'running' });
  expect(await rowsOf(org)).toMatchObject({ delivery_due: 1, orgs: 1 });
  await client.query('COMMIT');
  client.release();
  await run(operation, { stepMs: 1_000 });
  expect(await rowsOf(org)).toEqual({});
});

test('an attempt that was under way leaves nothing behind: no row of its own, and no counts', async () => {
  const org = await newOrg(stores);
  const webhook = await newWebhook(stores, org.id);
  const { deliveryId } = await publishOne(stores, webhook, { state: 'pending', attempts: 0 });
  const { database, box } = stores;
  const quiet = { claimGraceMs: 60_000, enqueuedMs: 0, onSuspended: () => {}, onUnopened: () => {} };
  const due = createDueStore(database, { ids, box, ...quiet });
  const claim = await due.claim({ deliveryId, webhookId: webhook.id, attempt: 1 });
  await stores.orgs.delete(org.slug, by);
  await run(await erase(org.id), { stepMs: 1_000 });

  const report = { outcome: { kind: 'rejected', status: 500 }, durationMs: 5, response: null } as const;
  const sent = { report, requestHeaders: {}, startedAtMs: Date.now(), waitedFor: null };
  const step = { kind: 'divert', reason: 'retries_exhausted', suspend: false } as const;
  const record = { claim: claim ?? expect.fail('nothing was claimed'), step, sent, queued: false };
  expect(await due.record(record)).toBe(false);
  const counter = new StatsCounter();
  counter.count({ ...record, recorded: true });
  await counter.flush(createStatsStore(database.pool));

  expect(await rowsOf(org)).toEqual({});
});

test('it does not end before everything that began before the deletion must have ended', async () => {
  const org = await newOrg(stores);
  const operation = await erase(org.id);
  await stores.orgs.delete(org.slug, by);
  for (let n = 0; n < 3; n++) {
    await ready(operation.id);
    await stores.operations.advance({ stepMs: 1_000 });
  }
  expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'running' });
  expect(await stores.orgs.find(org.id)).toEqual({ slug: org.slug, isDeleted: true });
});

test('another worker goes on where one has ended, and two at the same time erase nothing twice', async () => {
  const org = await filledOrg();
  await stores.orgs.delete(org.slug, by);
  const { id, total } = await erase(org.id);
  await settle(org.id);
  const isDone = async () => {
    await ready(id);
    await Promise.all([1, 2, 3].map(() => stores.operations.advance({ stepMs: 10 })));
    return (await stores.operations.get(null, id))?.state === 'done';
  };
  await until(isDone, { what: 'the erasure' });
  // Its webhooks and its own row come on top of what was counted.
  expect((await stores.operations.get(null, id))?.moved).toBe((total ?? 0) + 2 + 1);
});

interface SomeOrg {
  id: Awaited<ReturnType<typeof newOrg>>['id'];
  slug: string;
}

/** With rows in every table that has rows of orgs. */
async function filledOrg(): Promise<SomeOrg> {
  const org = await newOrg(stores);
  const { pool } = stores.database;
  const webhooks = [await newWebhook(stores, org.id), await newWebhook(stores, org.id)];
  for (const webhook of webhooks) {
    await seedAttempts(stores.database, { orgId: org.id, webhookId: webhook.id, count: 12 });
    for (let n = 0; n < 3; n++) await divertOne(stores, webhook);
    await publishOne(stores, webhook, { state: 'pending', attempts: 0 });
    const of = [webhook.id, org.id];
    await pool.query('INSERT INTO webhook_health (webhook_id, org_id, failures) VALUES ($1, $2, 1)', of);
    await pool.query('INSERT INTO alert_marks (webhook_id, org_id) VALUES ($1, $2)', of);
  }
  const hash = randomBytes(32);
  const limits = { requestsPerSecond: null, eventsPerSecond: null };
  const key = { id: ids.next('key'), orgId: org.id, name: 'k', hint: 'abcd', hash, scopes: [], rateLimits: limits };
  await stores.keys.create({ ...key, expiresAt: null, by });
  await stores.eventTypes.put(
    { orgId: org.id, type: 'a.b', by },
    { description: null, group: null, deprecated: false, examples: [], schema: { type: 'object' } },
    { types: 10, versions: 10 },
  );
  await stores.operations.start({
    ...{ id: ids.next('op'), orgId: org.id, webhookId: webhooks[0]?.id ?? null, perSecond: 1, by },
    task: { kind: 'cancel_pending' },
  });
  await pool.query(`UPDATE operations SET next_step_at = now() + interval '1 day' WHERE org_id = $1`, [org.id]);
  await stores.pauses.pause({ scope: 'org', orgId: org.id }, by);
  await pool.query(
    `INSERT INTO events_kept SELECT id, org_id, external_id, type, attributes, payload, occurred_at, request_id,
       created_at, schema_version FROM events WHERE org_id = $1 LIMIT 1`,
    [org.id],
  );
  await pool.query(
    `INSERT INTO idempotency_keys (org_id, key, request_hash, event_id, deliveries, expires_at)
     VALUES ($1, 'key:a', '\\x00', $1, 1, now() + interval '1 day')`,
    [org.id],
  );
  await pool.query(
    `INSERT INTO stats (scope_id, span, start, org_id, accepted, rejected, timed_out, unreachable, blocked, delivered,
                        diverted, discarded, latency)
     SELECT s, 'hour', date_trunc('hour', now()), $1, 1, 0, 0, 0, 0, 1, 0, 0, '{}' FROM unnest($2::uuid[]) s`,
    [org.id, [org.id, ...webhooks.map(({ id }) => id)]],
  );
  return org;
}

async function tablesOfOrgs(): Promise<string[]> {
  const { rows } = await stores.database.pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
     UNION SELECT 'orgs'`,
  );
  return rows.map(({ name }) => name);
}

/** Those that have any. */
async function rowsOf({ id }: SomeOrg): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of await tablesOfOrgs()) {
    const column = table === 'orgs' ? 'id' : 'org_id';
    const sql = `SELECT count(*)::int AS count FROM ${table} WHERE ${column} = $1`;
    const { rows } = await stores.database.pool.query<{ count: number }>(sql, [id]);
    if (rows[0]?.count) counts[table] = rows[0].count;
  }
  return counts;
}

async function erase(orgId: SomeOrg['id']) {
  const task = { kind: 'erase', orgId } as const;
  const operation = { id: ids.next('op'), orgId: null, webhookId: null, task, perSecond: 1_000, by };
  const started = await stores.operations.start(operation);
  return started === 'too_many' ? expect.fail('there are too many') : started;
}

/** As if it had been deleted long ago. */
async function settle(orgId: SomeOrg['id']): Promise<void> {
  await stores.database.pool.query(`UPDATE orgs SET deleted_at = now() - interval '2 minutes' WHERE id = $1`, [orgId]);
}

async function ready(id: string): Promise<void> {
  await stores.database.pool.query('UPDATE operations SET next_step_at = now() WHERE id = $1', [id]);
}

/** What each step erased, until there is nothing left. */
async function run(operation: Awaited<ReturnType<typeof erase>>, step: { stepMs: number }): Promise<number[]> {
  if (operation.task.kind === 'erase') await settle(operation.task.orgId);
  const steps: number[] = [];
  let moved = (await stores.operations.get(null, operation.id))?.moved ?? 0;
  await until(
    async () => {
      await ready(operation.id);
      await stores.operations.advance(step);
      const now = await stores.operations.get(null, operation.id);
      steps.push((now?.moved ?? 0) - moved);
      moved = now?.moved ?? 0;
      return now?.state === 'done';
    },
    { what: 'the erasure' },
  );
  return steps;
}

/** As the record of an attempt does. */
async function lockDue(orgId: SomeOrg['id']) {
  const client = await stores.database.pool.connect();
  await client.query('BEGIN');
  // On a busy machine the steps beside it may take longer than it may be idle.
  await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  await client.query('SELECT FROM delivery_due WHERE org_id = $1 ORDER BY delivery_id LIMIT 1 FOR UPDATE', [orgId]);
  return { client };
}
