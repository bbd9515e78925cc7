import type { DeliveryId } from '@hooklane/domain';
import { asId } from '@hooklane/domain';
import type { DeliveryFilter, HistoryStore, Page, Webhook } from '@hooklane/engine';
import type { QueryConfig } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allPages, ids, newOrg, newWebhook, publishOne } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { deliveriesQuery, LOOKED_AT, orgDeliveriesQuery } from './delivery-history.ts';
import { createHistoryStore } from './history.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.now();
const FIRST = '00000000-0000-0000-0000-000000000000';
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

let stores: PostgresStores;
let history: HistoryStore;
beforeAll(async () => {
  stores = await createPostgresStores();
  history = createHistoryStore(stores.database);
});
afterAll(() => stores[Symbol.asyncDispose]());

async function someWebhook(): Promise<Webhook> {
  return newWebhook(stores, (await newOrg(stores)).id);
}

function at(minutesAgo: number): { atMs: number } {
  return { atMs: NOW_MS - minutesAgo * MINUTE_MS };
}

async function idsOf(read: (cursor: string | null) => Promise<Page<{ id: DeliveryId }>>): Promise<DeliveryId[]> {
  return (await allPages(read)).map(({ id }) => id);
}

function listed(webhook: Webhook, filter: DeliveryFilter = {}): Promise<DeliveryId[]> {
  return idsOf((cursor) => history.deliveries(webhook, filter, { limit: 2, cursor }));
}

function listedOfOrg({ orgId }: Webhook, filter: DeliveryFilter = {}): Promise<DeliveryId[]> {
  return idsOf((cursor) => history.deliveriesOfOrg(orgId, filter, { limit: 2, cursor }));
}

test('deliveries are listed newest first, by state, type and time, of a webhook and of all of the org', async () => {
  const webhook = await someWebhook();
  const other = await newWebhook(stores, webhook.orgId);
  await publishOne(stores, await someWebhook(), at(3));
  const [first, second, third, fourth] = [
    (await publishOne(stores, webhook, { ...at(4), state: 'discarded' })).deliveryId,
    (await publishOne(stores, webhook, { ...at(3), type: 'order.made' })).deliveryId,
    (await publishOne(stores, webhook, { ...at(2), state: 'pending' })).deliveryId,
    (await publishOne(stores, other, at(1))).deliveryId,
  ];

  expect(await listed(webhook)).toEqual([third, second, first]);
  expect(await listedOfOrg(webhook)).toEqual([fourth, third, second, first]);
  for (const list of [listed, listedOfOrg]) {
    expect(await list(webhook, { state: 'discarded' })).toEqual([first]);
    expect(await list(webhook, { state: 'pending' })).toEqual([third]);
    expect(await list(webhook, { eventTypes: ['order.made', 'no.such'] })).toEqual([second]);
    const range = { since: new Date(at(3).atMs), until: new Date(at(2).atMs) };
    expect(await list(webhook, range)).toEqual([second]);
    expect(await list(webhook, { ...range, state: 'pending' })).toEqual([]);
  }
});

test('one delivery tells its type, its id on the wire and its next attempt, to its own org', async () => {
  const webhook = await someWebhook();
  const { deliveryId, eventId } = await publishOne(stores, webhook, { state: 'pending', attempts: 2, dueInMs: 60_000 });

  expect(await history.delivery(webhook.orgId, deliveryId)).toMatchObject({
    id: deliveryId,
    eventId,
    eventType: 'invoice.paid',
    sentAs: eventId,
    state: 'pending',
    next: { number: 3, dueAt: expect.any(Date), inFlight: false },
  });
  expect(await history.delivery(ids.next('org'), deliveryId)).toBeNull();
  const claimed = await publishOne(stores, webhook, { state: 'pending', claimed: true });
  expect(await history.delivery(webhook.orgId, claimed.deliveryId)).toMatchObject({ next: { inFlight: true } });
  await stores.pruneEvent(eventId);
  expect(await history.delivery(webhook.orgId, deliveryId)).toMatchObject({ eventType: null });
});

/** Deliveries of an event each, as old as they are many seconds, all delivered but the oldest. */
async function seedMany(webhook: Webhook, count: number): Promise<DeliveryId> {
  const made = Array.from({ length: count }, (_, n) => NOW_MS - (count - n) * 1_000);
  const deliveries = made.map((ms) => ids.next('dlv', ms));
  await stores.database.pool.query(
    `WITH seed AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS s(event_id, delivery_id, n)),
     stored AS (
       INSERT INTO events (id, org_id, type, payload, occurred_at, request_id) SELECT event_id, $3, 'a.b', '1', now(), 'r' FROM seed
     )
     INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state)
     SELECT delivery_id, event_id, $4, $3, 'event', CASE n WHEN 1 THEN 'discarded' ELSE 'delivered' END FROM seed`,
    [made.map((ms) => ids.next('evt', ms)), deliveries, webhook.orgId, webhook.id],
  );
  return deliveries[0] ?? asId('dlv', FIRST);
}

test('a page that finds little is short rather than slow, and the next one goes on from there', async () => {
  const webhook = await someWebhook();
  const oldest = await seedMany(webhook, LOOKED_AT + 500);
  const page = (cursor: string | null) => history.deliveries(webhook, { state: 'discarded' }, { limit: 10, cursor });

  const first = await page(null);
  expect(first).toEqual({ data: [], nextCursor: expect.any(String) });
  expect(await page(first.nextCursor)).toMatchObject({ data: [{ id: oldest }], nextCursor: null });

  const ofOrg = await idsOf((cursor) =>
    history.deliveriesOfOrg(webhook.orgId, { state: 'discarded' }, { limit: 10, cursor }),
  );
  expect(ofOrg).toEqual([oldest]);
});

test('a page of an org is as short where an event went to thousands of webhooks, or to none', async () => {
  const webhook = await someWebhook();
  const { eventId } = await publishOne(stores, webhook, { ...at(1), state: 'discarded' });
  const found = (await listedOfOrg(webhook)).at(0);
  await stores.database.pool.query(
    `WITH others AS (
       INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state)
       SELECT gen_random_uuid(), $1, $2, $3, 'event', 'delivered' FROM generate_series(1, $4)
     )
     INSERT INTO events (id, org_id, type, payload, occurred_at, request_id)
     SELECT id, $3, 'a.b', '1', now(), 'r' FROM unnest($5::uuid[]) id`,
    [
      eventId,
      webhook.id,
      webhook.orgId,
      2 * LOOKED_AT,
      Array.from({ length: LOOKED_AT }, () => ids.next('evt', NOW_MS)),
    ],
  );
  const filter = { state: 'discarded' } as const;
  const page = (cursor: string | null) => history.deliveriesOfOrg(webhook.orgId, filter, { limit: 10, cursor });

  expect(await page(null)).toEqual({ data: [], nextCursor: expect.any(String) });
  expect(await listedOfOrg(webhook, filter)).toEqual([found]);
  expect(await listedOfOrg(webhook, { eventTypes: ['order.made'] })).toEqual([]);
});

/** Names of the plan's nodes, with the tables that they read. */
async function planOf({ text, values = [] }: QueryConfig): Promise<string[]> {
  const { rows } = await stores.database.pool.query(`EXPLAIN (FORMAT JSON) ${text}`, values);
  return nodesIn(rows[0]['QUERY PLAN'][0].Plan);
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: PlanNode[];
}

function nodesIn({ 'Node Type': type, 'Relation Name': table = '', Plans = [] }: PlanNode): string[] {
  return [`${type} ${table}`.trim(), ...Plans.flatMap(nodesIn)];
}

test('every list goes by an index, and sorts nothing but what is pending', async () => {
  const webhook = await someWebhook();
  await seedMany(webhook, 6_000);
  await stores.database.pool.query('ANALYZE');
  const range = { from: FIRST, before: LAST };
  const filters: DeliveryFilter[] = [{}, { state: 'delivered' }, { eventTypes: ['a.b'] }, { state: 'pending' }];

  for (const filter of filters) {
    const nodes = [
      ...(await planOf(deliveriesQuery({ webhook, filter, range }, 51))),
      ...(await planOf(orgDeliveriesQuery({ orgId: webhook.orgId, filter, after: [LAST, LAST] }, 51))),
    ];
    // Days that have nothing yet, and what nobody has had to keep, are read as they are.
    const scans = nodes.filter((node) => /^Seq Scan (events|deliveries)_\d{8}$/.test(node));
    expect({ filter, scans: scans.filter((node) => node.endsWith(today())) }).toEqual({ filter, scans: [] });
    if (filter.state !== 'pending') expect(nodes.filter((node) => node === 'Sort')).toEqual([]);
  }
});

function today(): string {
  return new Date(NOW_MS).toISOString().slice(0, 10).replaceAll('-', '');
}
