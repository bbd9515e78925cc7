import { randomBytes } from 'node:crypto';
import type { EventId } from '@hooklane/domain';
import { asId, firstUuidAt, uuidV7 } from '@hooklane/domain';
import type { PruneStore, Webhook } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { by, divertOne, ids, newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { until } from '../../../test/support/until.ts';
import { holdStoredEvents } from './drop-partitions.ts';
import { createDueStore } from './due-store.ts';
import { createPruneStore } from './prune.ts';

const DAY_MS = 86_400_000;
const OLD_MS = Date.UTC(2026, 0, 5);
const OLD_DAY = '20260105';
const RETENTION = { eventsMs: 2 * DAY_MS, deliveriesMs: 2 * DAY_MS };

let stores: PostgresStores;
let store: PruneStore;
beforeEach(async () => {
  stores = await createPostgresStores();
  store = createPruneStore(stores.database);
  for (const table of ['events', 'deliveries']) {
    await query(
      `CREATE TABLE ${table}_${OLD_DAY} PARTITION OF ${table}
       FOR VALUES FROM ('${firstUuidAt(OLD_MS)}') TO ('${firstUuidAt(OLD_MS + DAY_MS)}')`,
    );
  }
});
afterEach(() => stores[Symbol.asyncDispose]());

async function query<T>(sql: string, values: unknown[] = []): Promise<T[]> {
  return (await stores.database.pool.query(sql, values)).rows;
}

async function newOldEvent(): Promise<EventId> {
  const id = asId('evt', uuidV7(OLD_MS + 3_600_000, randomBytes(10)));
  await query(
    `INSERT INTO events (id, org_id, type, payload, occurred_at, request_id)
     VALUES ($1, gen_random_uuid(), 't', 'bytes', now(), 'r')`,
    [id],
  );
  return id;
}

async function makeDue(eventId: EventId, client: Pick<PoolClient, 'query'> = stores.database.pool): Promise<string> {
  const deliveryId = uuidV7(OLD_MS + 3_600_001, randomBytes(10));
  await client.query(
    `INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, attempt, round_first, due_at)
     VALUES ($1, $2, gen_random_uuid(), gen_random_uuid(), 'event', 1, 1, now())`,
    [deliveryId, eventId],
  );
  return deliveryId;
}

async function kept(): Promise<string[]> {
  return (await query<{ id: string }>('SELECT id FROM events_kept ORDER BY id')).map((row) => row.id);
}

async function partitions(): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits
     WHERE inhparent IN ('events'::regclass, 'deliveries'::regclass) ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}

test('days past their retention are dropped, the others stay', async () => {
  const before = await partitions();
  const ageMs = Date.now() - OLD_MS - DAY_MS;

  expect(await store.dropPartitions({ eventsMs: ageMs + 60_000, deliveriesMs: ageMs - 60_000 })).toEqual([
    `deliveries_${OLD_DAY}`,
  ]);
  expect(await store.dropPartitions(RETENTION)).toEqual([`events_${OLD_DAY}`]);
  expect(await store.dropPartitions(RETENTION)).toEqual([]);

  expect(await partitions()).toEqual(before.filter((name) => !name.endsWith(OLD_DAY)));
});

test('events that due or diverted deliveries still need are kept, byte for byte', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  const due = await newOldEvent();
  const unneeded = await newOldEvent();
  const diverted = asId('evt', uuidV7(OLD_MS + 7_200_000, randomBytes(10)));
  await divertOne(stores, webhook, { eventId: diverted, payload: Buffer.from([0, 1, 2, 255]) });
  await makeDue(due);

  expect(await store.dropPartitions(RETENTION)).toContain(`events_${OLD_DAY}`);

  expect(await kept()).toEqual([due, diverted].sort());
  expect(await query('SELECT FROM events WHERE id = $1', [unneeded])).toEqual([]);
  expect(await stores.diverted.get(webhook, diverted)).toMatchObject({ payload: Buffer.from([0, 1, 2, 255]) });
});

test('a day of deliveries stays while one of them is due', async () => {
  const deliveryId = await makeDue(await newOldEvent());

  expect(await store.dropPartitions(RETENTION)).toEqual([`events_${OLD_DAY}`]);
  await query('DELETE FROM delivery_due WHERE delivery_id = $1', [deliveryId]);

  expect(await store.dropPartitions(RETENTION)).toEqual([`deliveries_${OLD_DAY}`]);
});

test.each(['resend', 'replay'] as const)(
  'what a replay gave a new id keeps it when its history is gone, and it is sent again by a %s',
  async (kind) => {
    const webhook = await newWebhook(stores, (await newOrg(stores)).id);
    const eventId = ids.next('evt', Date.now() - 60_000);
    const [deliveryId, sentAs] = [uuidV7(OLD_MS + 1, randomBytes(10)), ids.next('evt')];
    await divertOne(stores, webhook, { eventId });
    await query('DELETE FROM deliveries WHERE event_id = $1', [eventId]);
    const carried = 'UPDATE diverted_events SET delivery_id = $2, sent_as = $3 WHERE event_id = $1';
    await query(carried, [eventId, deliveryId, sentAs]);
    await query(
      `INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state, sent_as)
       VALUES ($1, $2, $3, $4, 'replay', 'diverted', $5)`,
      [deliveryId, eventId, webhook.id, webhook.orgId, sentAs],
    );
    expect(await store.dropPartitions(RETENTION)).toContain(`deliveries_${OLD_DAY}`);

    if (kind === 'resend') await stores.diverted.resend(webhook, eventId);
    else await replayLastHour(webhook);

    expect(await query('SELECT delivery_id, sent_as FROM delivery_due')).toEqual([
      { delivery_id: deliveryId, sent_as: sentAs },
    ]);
  },
);

test.each(['its retries ran out', 'its webhook stands still'] as const)(
  'a new id goes along when a delivery is diverted because %s',
  async (why) => {
    const webhook = await newWebhook(stores, (await newOrg(stores)).id);
    const [eventId, sentAs] = [await newOldEvent(), ids.next('evt')];
    await query('UPDATE delivery_due SET webhook_id = $2, org_id = $3, sent_as = $4 WHERE delivery_id = $1', [
      await makeDue(eventId),
      webhook.id,
      webhook.orgId,
      sentAs,
    ]);
    const due = createDueStore(stores.database, {
      ids,
      box: stores.box,
      claimGraceMs: 15_000,
      enqueuedMs: 10_000,
      onSuspended: () => {},
      onUnopened: () => {},
    });

    if (why === 'its webhook stands still') {
      await query('UPDATE webhooks SET enabled = false, draining = true WHERE id = $1', [webhook.id]);
      await due.drainInactive(10);
    } else {
      const [claim] = await due.take({ limit: 1, includeQueued: true });
      const step = { kind: 'divert', reason: 'retries_exhausted', suspend: false } as const;
      if (claim !== undefined) await due.record({ claim, step, sent: null, queued: false });
    }

    expect(await query('SELECT event_id, sent_as FROM diverted_events')).toEqual([
      { event_id: eventId, sent_as: sentAs },
    ]);
  },
);

async function replayLastHour({ orgId, id: webhookId }: Webhook): Promise<void> {
  const range = { since: new Date(Date.now() - 3_600_000), until: new Date(), newIds: false, onlyMissing: false };
  const task = { kind: 'replay', range } as const;
  await stores.operations.start({ id: ids.next('op'), orgId, webhookId, task, perSecond: 100, by });
  await stores.operations.advance({ stepMs: 1_000 });
}

test('kept events go when nothing needs them any more', async () => {
  const event = await newOldEvent();
  const deliveryId = await makeDue(event);
  await store.dropPartitions(RETENTION);
  expect(await kept()).toEqual([event]);

  await query('DELETE FROM delivery_due WHERE delivery_id = $1', [deliveryId]);
  await store.dropPartitions(RETENTION);

  expect(await kept()).toEqual([]);
});

test('an event that a replay makes due while its day is about to be dropped is kept', async () => {
  const event = await newOldEvent();
  const { pool, transaction } = stores.database;

  const dropping = await transaction(async (client) => {
    await holdStoredEvents(client);
    const started = { dropped: store.dropPartitions(RETENTION) };
    await until(async () => (await pool.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount, {
      what: 'the reaper to wait for the replay',
    });
    await makeDue(event, client);
    return started;
  });

  expect(await dropping.dropped).toContain(`events_${OLD_DAY}`);
  expect(await kept()).toEqual([event]);
});

test('a day that is being read for long is left to the next pass', async () => {
  await stores.database.transaction(async (client) => {
    // The reader stands still for as long as the reaper waits for it, which is as long as it may.
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await client.query('SELECT FROM events LIMIT 1');
    expect(await store.dropPartitions(RETENTION)).toEqual([`deliveries_${OLD_DAY}`]);
  });
  expect(await partitions()).toContain(`events_${OLD_DAY}`);

  expect(await store.dropPartitions(RETENTION)).toEqual([`events_${OLD_DAY}`]);
});

test('two reapers drop each day once', async () => {
  const event = await newOldEvent();
  await makeDue(event);

  const dropped = await Promise.all([store.dropPartitions(RETENTION), store.dropPartitions(RETENTION)]);

  expect(dropped.flat()).toEqual([`events_${OLD_DAY}`]);
  expect(await kept()).toEqual([event]);
});
