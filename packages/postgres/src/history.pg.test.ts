import { randomBytes } from 'node:crypto';
import type { DeliveryState } from '@hooklane/domain';
import { uuidV7 } from '@hooklane/domain';
import type { HistoryStore } from '@hooklane/engine';
import { LOGGED_ATTEMPTS } from '@hooklane/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allPages, divertOne, ids, newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { seedAttempts } from '../../../test/support/seed-attempts.ts';
import { createHistoryStore } from './history.ts';

let stores: PostgresStores;
let history: HistoryStore;
beforeAll(async () => {
  stores = await createPostgresStores();
  history = createHistoryStore(stores.database);
});
afterAll(() => stores[Symbol.asyncDispose]());

async function someWebhook() {
  const { id, orgId } = await newWebhook(stores, (await newOrg(stores)).id);
  return { id, orgId, webhookId: id };
}

test('the log shows the newest 100 attempts of a webhook, page by page, while older ones wait for the reaper', async () => {
  const webhook = await someWebhook();
  const stored = await seedAttempts(stores.database, { ...webhook, count: LOGGED_ATTEMPTS + 30 });
  const newest = stored.slice(30).reverse();

  const all = await allPages((cursor) => history.attempts(webhook, {}, { limit: 33, cursor }));

  expect(all.map((attempt) => attempt.id)).toEqual(newest);
});

test('a filter picks among the newest 100 attempts and finds none beyond', async () => {
  const webhook = await someWebhook();
  const startMs = Date.now() - 3_600_000;
  await seedAttempts(stores.database, { ...webhook, count: 5, startMs, outcome: 'rejected' });
  await seedAttempts(stores.database, { ...webhook, count: 97, startMs: startMs + 1_000 });
  const failed = (limit: number) => history.attempts(webhook, { status: 'failed' }, { limit, cursor: null });
  const succeeded = await allPages((cursor) => history.attempts(webhook, { status: 'success' }, { limit: 50, cursor }));

  expect(succeeded).toHaveLength(97);
  expect((await failed(10)).data.map((attempt) => attempt.number)).toEqual([5, 4, 3]);
  expect(await failed(3)).toMatchObject({ nextCursor: null });
});

test('one attempt is found by its id while the log shows it', async () => {
  const webhook = await someWebhook();
  const stored = await seedAttempts(stores.database, { ...webhook, count: LOGGED_ATTEMPTS + 1 });
  const other = await newOrg(stores);
  const [beyond = ids.next('att'), oldest = ids.next('att')] = stored;

  expect(await history.attempt(webhook, oldest)).toMatchObject({ id: oldest, number: 2, webhookId: webhook.id });
  expect(await history.attempt(webhook, beyond)).toBeNull();
  expect(await history.attempt({ ...webhook, orgId: other.id }, oldest)).toBeNull();
});

test('an answer is given back byte for byte', async () => {
  const webhook = await someWebhook();
  const responseBody = Buffer.from([0x6f, 0x6b, 0x00, 0xff]);
  const [id = ids.next('att')] = await seedAttempts(stores.database, { ...webhook, count: 1, responseBody });

  expect(await history.attempt(webhook, id)).toEqual({
    id,
    webhookId: webhook.id,
    deliveryId: expect.any(String),
    eventId: expect.any(String),
    eventType: 'invoice.paid',
    number: 1,
    origin: 'event',
    outcome: 'accepted',
    detail: null,
    status: 200,
    startedAt: expect.any(Date),
    durationMs: 12,
    waitedFor: null,
    url: 'https://receiver.example/hook',
    encoding: null,
    sentAs: null,
    requestHeaders: { 'x-masked': '***' },
    responseHeaders: null,
    responseBody,
    responseTruncated: false,
    nextStep: 'delivered',
    nextAttemptAt: null,
  });
});

test('an attempt is found by its delivery and number once it is recorded', async () => {
  const webhook = await someWebhook();
  const deliveryId = ids.next('dlv');
  const delivery = { orgId: webhook.orgId, webhookId: webhook.id, deliveryId };
  expect(await history.attemptOf(delivery, 1)).toBeNull();

  // The worker's clock is a little behind.
  const [, second] = await seedAttempts(stores.database, {
    ...webhook,
    count: 2,
    deliveryId,
    startMs: Date.now() - 5_000,
  });

  expect(await history.attemptOf(delivery, 2)).toMatchObject({ id: second, deliveryId, number: 2 });
  expect(await history.attemptOf(delivery, 3)).toBeNull();
  expect(await history.attemptOf({ ...delivery, orgId: ids.next('org') }, 2)).toBeNull();
});

async function seedDeliveries(webhook: { orgId: string; id: string }, states: DeliveryState[]): Promise<string[]> {
  const stored = states.map((_, n) => uuidV7(Date.now() - 60_000 + n, randomBytes(10)));
  await stores.database.pool.query(
    `INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state, attempts)
     SELECT id, gen_random_uuid(), $1, $2, 'event', state, 1 FROM unnest($3::uuid[], $4::text[]) AS d(id, state)`,
    [webhook.id, webhook.orgId, stored, states],
  );
  return stored;
}

test('deliveries of a webhook are listed newest first, of one state if asked for', async () => {
  const webhook = await someWebhook();
  const [a, b, c, d] = await seedDeliveries(webhook, ['delivered', 'pending', 'delivered', 'diverted']);
  const listed = async (state?: DeliveryState, of = webhook) => {
    const all = await allPages((cursor) => history.deliveries(of, { state }, { limit: 2, cursor }));
    return all.map((delivery) => delivery.id);
  };

  expect(await listed()).toEqual([d, c, b, a]);
  expect(await listed('delivered')).toEqual([c, a]);
  expect(await listed(undefined, { ...webhook, orgId: ids.next('org') })).toEqual([]);
});

test('an event is shown with its deliveries to its own org, also when its day partition is gone', async () => {
  const { orgId, id } = await newWebhook(stores, (await newOrg(stores)).id);
  const { eventId, payload } = await divertOne(stores, { orgId, id }, { payload: Buffer.from('{"n":1e2}') });
  const expected = {
    id: eventId,
    type: 'invoice.paid',
    attributes: {},
    payload,
    requestId: 'test',
    deliveries: {
      data: [{ eventId, webhookId: id, state: 'diverted', reason: 'retries_exhausted', attempts: 3 }],
      nextCursor: null,
    },
  };

  expect(await history.event(orgId, eventId)).toMatchObject(expected);
  expect(await history.event(ids.next('org'), eventId)).toBeNull();
  expect(await history.event(orgId, ids.next('evt'))).toBeNull();

  await stores.database.pool.query(
    `WITH moved AS (DELETE FROM events WHERE id = $1 RETURNING *)
     INSERT INTO events_kept SELECT id, org_id, external_id, type, attributes, payload, occurred_at, request_id, created_at
     FROM moved`,
    [eventId],
  );
  expect(await history.event(orgId, eventId)).toMatchObject(expected);
});

test('the deliveries of an event are listed oldest first, page by page, to its own org', async () => {
  const { orgId, id } = await someWebhook();
  const { eventId } = await divertOne(stores, { orgId, id });
  const made = Array.from({ length: 104 }, (_, n) => uuidV7(Date.now() + 60_000 + n, randomBytes(10)));
  await stores.database.pool.query(
    `INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state)
     SELECT d, $2, $3, $4, 'event', 'pending' FROM unnest($1::uuid[]) d`,
    [made, eventId, id, orgId],
  );
  const list = (of: { orgId: typeof orgId; id: typeof eventId }, cursor: string | null) =>
    history.deliveriesOf(of, { limit: 50, cursor });

  const all = await allPages(async (cursor) => (await list({ orgId, id: eventId }, cursor)) ?? expect.fail('gone'));
  const shown = await history.event(orgId, eventId);

  expect(all.slice(1).map((delivery) => delivery.id)).toEqual(made);
  expect(shown?.deliveries.data).toEqual(all.slice(0, 100));
  const rest = await list({ orgId, id: eventId }, shown?.deliveries.nextCursor ?? null);
  expect(rest).toEqual({ data: all.slice(100), nextCursor: null });
  expect(await list({ orgId: ids.next('org'), id: eventId }, null)).toBeNull();
  expect(await list({ orgId, id: ids.next('evt') }, null)).toBeNull();
});

test('an event without deliveries has an empty list of them', async () => {
  const { orgId, id } = await someWebhook();
  const { eventId } = await divertOne(stores, { orgId, id });
  await stores.database.pool.query('DELETE FROM deliveries WHERE event_id = $1', [eventId]);
  const page = await history.deliveriesOf({ orgId, id: eventId }, { limit: 10, cursor: null });
  expect(page).toEqual({ data: [], nextCursor: null });
});

test('a cursor that was not written by the list is refused', async () => {
  const webhook = await someWebhook();
  const page = { limit: 10, cursor: Buffer.from('["1; DROP TABLE"]').toString('base64url') };
  await expect(history.attempts(webhook, {}, page)).rejects.toMatchObject({ code: 'invalid_cursor' });
  await expect(history.deliveries(webhook, {}, page)).rejects.toMatchObject({ code: 'invalid_cursor' });
});
