import { formatId } from '@hooklane/domain';
import type { Comparison, FigureStore } from '@hooklane/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { divertOne, newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { seedDue } from '../../../test/support/seed-due.ts';
import { createFigureStore } from './figures.ts';

let stores: PostgresStores;
let figures: FigureStore;
beforeEach(async () => {
  stores = await createPostgresStores();
  figures = createFigureStore(stores.database.pool);
});
afterEach(() => stores[Symbol.asyncDispose]());

async function seeded(count: number, dueInMs = 0): Promise<void> {
  const org = await newOrg(stores);
  const { id } = await newWebhook(stores, org.id);
  await seedDue(stores.database.pool, { webhookId: formatId('wh', id), count, dueInMs });
}

const run = (sql: string) => stores.database.pool.query(sql);

test('the oldest due delivery is that of which nobody is at, and none is of no age', async () => {
  expect(await figures.pulse()).toMatchObject({ oldestDueMs: 0 });
  await seeded(3, -60_000);
  expect((await figures.pulse()).oldestDueMs).toBeGreaterThanOrEqual(60_000);
  await run(`UPDATE delivery_due SET claimed_until = now() + interval '1 minute'`);
  expect(await figures.pulse()).toMatchObject({ oldestDueMs: 0 });
});

test('a transaction that somebody left open grows old', async () => {
  const client = await stores.database.pool.connect();
  try {
    await client.query('SET idle_in_transaction_session_timeout = 0');
    await client.query('BEGIN; SELECT 1');
    await client.query('SELECT pg_sleep(0.2)');
    expect((await figures.pulse()).oldestTransactionMs).toBeGreaterThan(150);
  } finally {
    client.release(true);
  }
});

test('every pending delivery, webhook and diverted event is counted in one place', async () => {
  await seeded(5);
  await seeded(2, 3_600_000);
  await run(`UPDATE delivery_due SET claimed_until = now() + interval '1 minute'
             WHERE delivery_id IN (SELECT delivery_id FROM delivery_due WHERE due_at <= now() LIMIT 2)`);
  const org = await newOrg(stores);
  const webhook = await newWebhook(stores, org.id);
  await divertOne(stores, webhook);
  await run(`UPDATE webhooks SET suspended_at = now(), suspended_reason = 'manual' WHERE id = '${webhook.id}'`);
  expect(await figures.census()).toMatchObject({
    pending: { due: 3, claimed: 2, scheduled: 2 },
    webhooks: { active: 2, failing: 0, suspended: 1, disabled: 0 },
    diverted: { count: 1 },
    operationsRunning: 0,
    sealingKeys: 1,
  });
});

test('deliveries that agree with their rows are no mismatch, in steps and from either end', async () => {
  await seeded(5);
  const seen: Comparison[] = [];
  let from: Comparison['next'] | 'first' = 'first';
  while (from !== null) {
    const step: Comparison = await figures.compare(from, 2);
    seen.push(step);
    from = step.next;
  }
  expect(seen.map(({ compared, mismatched }) => [compared, mismatched])).toEqual([
    [2, 0],
    [2, 0],
    [1, 0],
  ]);
  expect(await figures.compare('newest', 100)).toEqual({ compared: 5, mismatched: 0, next: null });
});

test.each([
  [
    'work was lost',
    `DELETE FROM delivery_due WHERE delivery_id = (SELECT min(delivery_id::text)::uuid FROM delivery_due)`,
    1,
  ],
  ['work is left of what was delivered', `UPDATE deliveries SET state = 'delivered'`, 3],
  [
    'a diverted event is missing',
    `WITH gone AS (DELETE FROM delivery_due) UPDATE deliveries SET state = 'diverted'`,
    3,
  ],
  [
    'history was lost in the middle',
    `DELETE FROM deliveries WHERE id = (SELECT id FROM deliveries ORDER BY id OFFSET 1 LIMIT 1)`,
    1,
  ],
])('a mismatch is found where %s', async (_, harm, expected) => {
  await seeded(3);
  await run(harm);
  expect((await figures.compare('first', 100)).mismatched).toBe(expected);
  expect((await figures.compare('newest', 100)).mismatched).toBe(expected);
});
