import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@hooklane/domain';
import type { PruneStore } from '@hooklane/engine';
import { prune } from '@hooklane/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { by, divertOne, ids, newOrg, newSecret, newWebhook } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { seedAttempts } from '../../../test/support/seed-attempts.ts';
import { createPruneStore } from './prune.ts';

let stores: PostgresStores;
let store: PruneStore;
beforeEach(async () => {
  stores = await createPostgresStores();
  store = createPruneStore(stores.database);
});
afterEach(() => stores[Symbol.asyncDispose]());

async function query<T>(sql: string, values: unknown[] = []): Promise<T[]> {
  return (await stores.database.pool.query(sql, values)).rows;
}

async function logged(webhookId: string): Promise<string[]> {
  const rows = await query<{ id: string }>('SELECT id FROM attempts WHERE webhook_id = $1 ORDER BY id', [webhookId]);
  return rows.map((row) => row.id);
}

async function walk(keep: number): Promise<{ deleted: number; steps: number }> {
  let [deleted, steps] = [0, 0];
  let after: string | null = null;
  do {
    const step: { deleted: number; next: string | null } = await store.pruneAttempts(keep, after);
    deleted += step.deleted;
    after = step.next;
    steps++;
  } while (after !== null);
  return { deleted, steps };
}

test('only attempts beyond the newest of each webhook are pruned', async () => {
  const org = await newOrg(stores);
  const kept = new Map<string, string[]>();
  for (const count of [1, 10, 11, 40]) {
    const { id } = await newWebhook(stores, org.id);
    const seeded = await seedAttempts(stores.database, { orgId: org.id, webhookId: id, count });
    kept.set(id, seeded.slice(-10));
  }

  expect(await walk(10)).toEqual({ deleted: 31, steps: 1 });

  for (const [id, expected] of kept) expect(await logged(id)).toEqual(expected);
  expect(await walk(10)).toEqual({ deleted: 0, steps: 1 });
});

test('the walk goes over all webhooks in steps, however many there are', async () => {
  const org = await newOrg(stores);
  await stores.database.pool.query(
    `WITH webhook AS (
       INSERT INTO webhooks (id, org_id, name, url, events, failure_policy, timeout_ms, enabled)
       SELECT gen_random_uuid(), $1, 'w', 'https://receiver.example/', '{}', '{}', 1000, true FROM generate_series(1, 450)
       RETURNING id
     )
     INSERT INTO attempts (webhook_id, id, org_id, delivery_id, event_id, event_type, number, origin, outcome, started_at,
                           duration_ms, url, request_headers, response_truncated, next_step)
     SELECT w.id, gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), 't', 1, 'event', 'accepted', now(),
            1, 'https://receiver.example/', '{}', false, 'delivered'
     FROM webhook w CROSS JOIN generate_series(1, 3)`,
    [org.id],
  );

  expect(await walk(2)).toEqual({ deleted: 450, steps: 3 });

  const counts = await query('SELECT count(*)::int AS n FROM attempts GROUP BY webhook_id');
  expect(counts).toEqual(Array.from({ length: 450 }, () => ({ n: 2 })));
});

test('two reapers that prune at the same time delete each row once and wait for nobody', async () => {
  const org = await newOrg(stores);
  const webhooks = await Promise.all(Array.from({ length: 6 }, () => newWebhook(stores, org.id)));
  for (const { id } of webhooks) {
    await seedAttempts(stores.database, { orgId: org.id, webhookId: id, count: 3_000 });
    await divertOne(stores, { orgId: org.id, id });
  }

  const passes = await Promise.all([walk(5), walk(5), walk(5), store.expireDiverted(0, 4), store.expireDiverted(0, 4)]);

  const attempts = passes.slice(0, 3).map((pass) => (typeof pass === 'number' ? 0 : pass.deleted));
  expect(attempts.reduce((sum, deleted) => sum + deleted)).toBe(6 * 2_995);
  for (const { id } of webhooks) expect(await logged(id)).toHaveLength(5);
  const expired = passes.slice(3).reduce<number>((sum, pass) => sum + (typeof pass === 'number' ? pass : 0), 0);
  expect(await query('SELECT FROM diverted_events')).toHaveLength(6 - expired);
});

test('a row that somebody else holds is left, and not waited for', async () => {
  const { orgId, id: webhookId } = await newWebhook(stores, (await newOrg(stores)).id);
  const [held, , ...newest] = await seedAttempts(stores.database, { orgId, webhookId, count: 10 });

  await stores.database.transaction(async (client) => {
    await client.query('SELECT FROM attempts WHERE id = $1 FOR UPDATE', [held]);
    expect(await walk(8)).toEqual({ deleted: 1, steps: 1 });
  });

  expect(await logged(webhookId)).toEqual([held, ...newest]);
});

test('a webhook is forgotten with all it had a day after it was deleted, not before', async () => {
  const org = await newOrg(stores);
  const [gone, recent, draining] = await Promise.all([1, 2, 3].map(() => newWebhook(stores, org.id)));
  const deleted = [gone, recent, draining].map((webhook) => webhook?.id ?? ids.next('wh'));
  for (const id of deleted) {
    await seedAttempts(stores.database, { orgId: org.id, webhookId: id, count: 3 });
    await query(`INSERT INTO webhook_health (webhook_id, org_id, failures) VALUES ($1, $2, 1)`, [id, org.id]);
    await stores.webhooks.delete({ orgId: org.id, id, by });
  }
  await query('UPDATE webhooks SET draining = false WHERE id <> $1', [deleted[2]]);
  await query(`UPDATE webhooks SET deleted_at = now() - interval '25 hours' WHERE id <> $1`, [deleted[1]]);
  const left = async (table: string, column: string) => {
    const rows = await query<{ id: string }>(`SELECT DISTINCT ${column} AS id FROM ${table}`);
    return rows.map((row) => row.id).sort();
  };
  const spared = deleted.slice(1).sort();

  await walk(100);

  expect(await left('attempts', 'webhook_id')).toEqual([deleted[1]]);
  expect(await left('webhooks', 'id')).toEqual(spared);
  expect(await left('webhook_secrets', 'webhook_id')).toEqual(spared);
  expect(await left('webhook_health', 'webhook_id')).toEqual(spared);
});

test('idempotency keys expire, no more than asked for at a time', async () => {
  await query(
    `INSERT INTO idempotency_keys (org_id, key, request_hash, event_id, deliveries, expires_at)
     SELECT gen_random_uuid(), 'k' || n, '', gen_random_uuid(), 0, now() + (n - 3.5) * interval '1 hour'
     FROM generate_series(1, 5) n`,
  );

  expect(await store.expireIdempotencyKeys(2)).toBe(2);
  expect(await store.expireIdempotencyKeys(2)).toBe(1);
  expect(await store.expireIdempotencyKeys(2)).toBe(0);
  expect(await query('SELECT key FROM idempotency_keys ORDER BY key')).toEqual([{ key: 'k4' }, { key: 'k5' }]);
});

test('diverted events past their retention go, and their deliveries end as discarded', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  const at = (agoMs: number) => ({ divertedAt: new Date(Date.now() - agoMs) });
  const old = await divertOne(stores, webhook, at(120_000));
  const young = await divertOne(stores, webhook, at(10_000));

  expect(await store.expireDiverted(60_000, 10)).toBe(1);

  expect(await stores.diverted.get(webhook, old.eventId)).toBeNull();
  expect(await stores.diverted.get(webhook, young.eventId)).not.toBeNull();
  const ended = await query('SELECT state, reason FROM deliveries WHERE event_id = $1', [old.eventId]);
  expect(ended).toEqual([{ state: 'discarded', reason: 'divert_expired' }]);
});

test('operations that ended long ago are forgotten, running ones never', async () => {
  const { orgId, id: webhookId } = await newWebhook(stores, (await newOrg(stores)).id);
  const [old, recent, running] = [ids.next('op', 1), ids.next('op', 2), ids.next('op', 3)];
  for (const id of [old, recent, running]) {
    await stores.operations.start({ id, orgId, webhookId, task: { kind: 'retry_now' }, perSecond: 1, by });
  }
  for (const id of [old, recent]) await stores.operations.cancel({ orgId, id, by });
  await query(`UPDATE operations SET finished_at = finished_at - interval '1 hour' WHERE id = $1`, [old]);
  await query(`UPDATE operations SET created_at = created_at - interval '1 hour'`);

  expect(await store.expireOperations(60_000, 10)).toBe(1);

  const { data } = await stores.operations.list({ orgId }, { limit: 10, cursor: null });
  expect(data.map(({ id }) => id)).toEqual([running, recent]);
});

test('rows that found no day partition are counted', async () => {
  expect(await store.rowsInDefault()).toBe(0);
  await query(
    `INSERT INTO events (id, org_id, type, payload, occurred_at, request_id)
     SELECT $1, gen_random_uuid(), 't', '', now(), 'r'`,
    [uuidV7(Date.UTC(2020, 0, 1), randomBytes(10))],
  );
  expect(await store.rowsInDefault()).toBe(1);
});

const DAY_MS = 86_400_000;

test('a pass of the reaper does all of it', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  await seedAttempts(stores.database, { orgId: webhook.orgId, webhookId: webhook.id, count: 7 });
  await divertOne(stores, webhook);
  await stores.webhooks.rotateSecret(
    { orgId: webhook.orgId, id: webhook.id, by },
    { secret: newSecret(), overlapMs: 0 },
  );

  // The org and its webhook were created, a secret rotated: three entries, one of them old enough.
  await query(`UPDATE audit_log SET at = now() - interval '8 days' WHERE action = 'org.created' AND org_id = $1`, [
    webhook.orgId,
  ]);
  await query(`INSERT INTO rate_buckets (bucket, tokens, at)
               VALUES ('old', 1, now() - interval '25 hours'), ('new', 1, now() - interval '23 hours')`);

  const report = await prune(
    store,
    {
      eventsMs: DAY_MS,
      deliveriesMs: DAY_MS,
      divertedMs: 1_000,
      operationsMs: 1_000,
      auditMs: 7 * DAY_MS,
      attemptsPerWebhook: 5,
    },
    new AbortController().signal,
  );

  expect(report).toEqual({
    attempts: 2,
    idempotencyKeys: 0,
    diverted: 1,
    auditEntries: 1,
    rateBuckets: 1,
    statsRows: 0,
    operations: 0,
    partitionsMade: [],
    partitionsDropped: [],
    rowsInDefault: 0,
  });
  expect(await query('SELECT bucket FROM rate_buckets')).toEqual([{ bucket: 'new' }]);
  const { data } = await stores.audit.list({ orgId: webhook.orgId }, { limit: 10, cursor: null });
  expect(data.map((entry) => entry.action)).toEqual(['secret.rotated', 'webhook.created']);
});
