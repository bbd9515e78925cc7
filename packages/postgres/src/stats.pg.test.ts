import { latencyBucket } from '@hooklane/domain';
import type { StatsStore, WebhookTally } from '@hooklane/engine';
import { COUNTED_ROWS, emptyTally } from '@hooklane/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { divertOne, newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { seedAttempts } from '../../../test/support/seed-attempts.ts';
import { createStatsStore, forgetStats } from './stats.ts';

let stores: PostgresStores;
let store: StatsStore;
beforeEach(async () => {
  stores = await createPostgresStores();
  store = createStatsStore(stores.database.pool);
});
afterEach(() => stores[Symbol.asyncDispose]());

async function scene() {
  const org = await newOrg(stores);
  const [one, other] = [await newWebhook(stores, org.id), await newWebhook(stores, org.id)];
  return { org, one, other };
}

function tally({ orgId, id }: { orgId: WebhookTally['orgId']; id: WebhookTally['webhookId'] }, accepted: number) {
  const made: WebhookTally = { orgId, webhookId: id, ...emptyTally(), delivered: accepted };
  made.outcomes.accepted = accepted;
  made.latency[latencyBucket(100)] = accepted;
  return made;
}

function shift(by: string): Promise<unknown> {
  return stores.database.pool.query(`UPDATE stats SET start = start - $1::interval`, [by]);
}

test('tallies add up, by webhook and by org, for the hour and the day', async () => {
  const { org, one, other } = await scene();
  await Promise.all([store.add([tally(one, 1), tally(other, 10)]), store.add([tally(other, 10), tally(one, 2)])]);

  const ofOne = await store.ofWebhook(org.id, one.id);
  expect(ofOne.hour).toMatchObject({ delivered: 3, outcomes: { accepted: 3, rejected: 0 } });
  expect(ofOne.hour.latency[latencyBucket(100)]).toBe(3);
  expect(ofOne.day).toMatchObject({ delivered: 3 });
  expect((await store.ofOrg(org.id)).hour).toMatchObject({ delivered: 23, outcomes: { accepted: 23 } });
});

test('an hour is forgotten by the hour, and stays in the day', async () => {
  const { org, one } = await scene();
  await store.add([tally(one, 1)]);
  await shift('61 minutes');
  await store.add([tally(one, 2)]);

  const { hour, day } = await store.ofWebhook(org.id, one.id);
  expect({ hour: hour.delivered, day: day.delivered }).toEqual({ hour: 2, day: 3 });
  expect(await forgetStats(stores.database.pool, 100)).toBe(0);
  await shift('26 hours');
  // Minutes and hours of the webhook and of its org, twice.
  expect(await forgetStats(stores.database.pool, 100)).toBe(8);
});

test("another org's webhook has nothing to tell", async () => {
  const { one } = await scene();
  const stranger = await newOrg(stores);
  await store.add([tally(one, 1)]);
  await divertOne(stores, one);
  const told = await store.ofWebhook(stranger.id, one.id);
  expect(told).toMatchObject({ hour: { delivered: 0 }, diverted: { count: 0 }, pending: { count: 0 } });
});

test('what is there now is counted, up to a bound', async () => {
  const { org, one, other } = await scene();
  await divertOne(stores, one);
  const exact = { count: 1, capped: false };
  const addDue = (count: number) =>
    stores.database.pool.query(
      `INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, attempt, round_first, due_at)
       SELECT gen_random_uuid(), gen_random_uuid(), $1, $2, 'event', 1, 1, now() FROM generate_series(1, $3)`,
      [other.id, org.id, count],
    );
  await addDue(1);
  expect(await store.ofOrg(org.id)).toMatchObject({ pending: exact, diverted: exact });
  expect(await store.ofOrg((await newOrg(stores)).id)).toMatchObject({ pending: { count: 0 }, diverted: { count: 0 } });
  // Beyond what is read as it is.
  await addDue(3 * COUNTED_ROWS);

  const none = { count: 0, capped: false };
  const many = { count: COUNTED_ROWS, capped: true };
  expect(await store.ofWebhook(org.id, one.id)).toMatchObject({ pending: none, diverted: exact });
  expect(await store.ofWebhook(org.id, other.id)).toMatchObject({ pending: many, diverted: none });
  expect(await store.ofOrg(org.id)).toMatchObject({ pending: many, diverted: exact, lastSuccessAt: null });
});

test('the last success and failure are those of the log', async () => {
  const { org, one } = await scene();
  expect(await store.ofWebhook(org.id, one.id)).toMatchObject({ lastSuccessAt: null, lastFailureAt: null });
  await seedAttempts(stores.database, { orgId: org.id, webhookId: one.id, count: 3 });
  await stores.database.pool.query(
    `UPDATE attempts SET outcome = CASE WHEN id = (SELECT id FROM attempts ORDER BY id LIMIT 1) THEN 'rejected' ELSE 'accepted' END`,
  );
  const { lastSuccessAt, lastFailureAt } = await store.ofWebhook(org.id, one.id);
  expect(lastSuccessAt).toBeInstanceOf(Date);
  expect(lastFailureAt).toBeInstanceOf(Date);
});
