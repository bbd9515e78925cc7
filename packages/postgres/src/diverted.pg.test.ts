import type { EventId, OrgId, WebhookId } from '@hooklane/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { by, divertOne, ids, newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { createEventStore } from './accept-events.ts';
import { createDueStore } from './due-store.ts';

let stores: PostgresStores;
beforeAll(async () => {
  stores = await createPostgresStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

async function query<T>(sql: string, values: unknown[]): Promise<T[]> {
  return (await stores.database.pool.query(sql, values)).rows;
}

async function publishTo({ orgId, id }: { orgId: OrgId; id: WebhookId }): Promise<EventId> {
  const eventId = ids.next('evt');
  const nothing = { attributes: {}, externalId: null, occurredAt: null, idempotency: null };
  const verdict = await createEventStore(stores.database.pool, { idempotencyMs: 0, enqueuedMs: 0 }).accept({
    publication: { orgId, type: 'a.b', payload: Buffer.from('1'), requestId: 'r', ...nothing },
    eventId,
    deliveries: [{ deliveryId: ids.next('dlv'), webhookId: id }],
    origin: 'event',
    configVersion: null,
    queued: false,
  });
  expect(verdict).toEqual({ kind: 'stored' });
  return eventId;
}

function delivery(eventId: string): Promise<unknown[]> {
  return query('SELECT state, reason, attempts, finished_at IS NULL AS open FROM deliveries WHERE event_id = $1', [
    eventId,
  ]);
}

test('a resent delivery is pending and due at once, with a new retry budget and unknown to the queue', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  const { eventId } = await divertOne(stores, webhook, { attempts: 11 });

  const ref = await stores.diverted.resend(webhook, eventId);

  const due = await query(
    `SELECT delivery_id, webhook_id, org_id, origin, attempt, round_first, due_at <= now() AS due, last_failure,
            enqueued_until, claimed_until, created_at > now() - interval '1 minute' AS new_round
     FROM delivery_due WHERE event_id = $1`,
    [eventId],
  );
  expect(due).toEqual([
    {
      delivery_id: ref?.deliveryId,
      webhook_id: webhook.id,
      org_id: webhook.orgId,
      origin: 'resend',
      attempt: 12,
      round_first: 12,
      due: true,
      last_failure: null,
      enqueued_until: null,
      claimed_until: null,
      new_round: true,
    },
  ]);
  expect(await delivery(eventId)).toEqual([{ state: 'pending', reason: null, attempts: 11, open: true }]);
});

test('a worker that comes back from an earlier round writes nothing', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  // Claims that have lapsed before they are given.
  const times = { claimGraceMs: -600_000, enqueuedMs: 0 };
  const due = createDueStore(stores.database, { ids, box: stores.box, ...times, onSuspended() {}, onUnopened() {} });
  const eventId = await publishTo(webhook);
  const [zombie] = await due.takeShares([{ webhookId: webhook.id, limit: 1, includeQueued: true }]);
  await stores.webhooks.suspend({ ...webhook, by }, 'manual');
  await due.drainInactive(10);
  await stores.webhooks.unsuspend({ ...webhook, by });

  await stores.diverted.resend(webhook, eventId);
  const [holder] = await due.takeShares([{ webhookId: webhook.id, limit: 1, includeQueued: true }]);

  expect([zombie?.eventId, holder?.eventId]).toEqual([eventId, eventId]);
  const delivered = { step: { kind: 'delivered' }, sent: null, queued: false } as const;
  expect(zombie && (await due.record({ claim: zombie, ...delivered }))).toBe(false);
  expect(holder && (await due.record({ claim: holder, ...delivered }))).toBe(true);
});

test('a delivery whose diverted event is deleted ends as discarded', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  const { eventId } = await divertOne(stores, webhook);

  await stores.diverted.delete({ ...webhook, by }, eventId);

  expect(await delivery(eventId)).toEqual([{ state: 'discarded', reason: 'divert_removed', attempts: 3, open: false }]);
});

test('the payload of a diverted event is found where its day partition is gone', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  const { eventId, payload } = await divertOne(stores, webhook);
  await query(
    `WITH moved AS (DELETE FROM events WHERE id = $1 RETURNING *)
     INSERT INTO events_kept SELECT id, org_id, external_id, type, attributes, payload, occurred_at, request_id, created_at
     FROM moved`,
    [eventId],
  );

  expect(await stores.diverted.get(webhook, eventId)).toMatchObject({ eventId, payload });
});

test('a step takes everything back when it is cut off', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  const { eventId } = await divertOne(stores, webhook);
  // The same delivery is due already: the insert fails after the row was deleted.
  await query(
    `INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, attempt, round_first, due_at)
     SELECT id, event_id, webhook_id, org_id, 'event', 1, 1, now() FROM deliveries WHERE event_id = $1`,
    [eventId],
  );

  await expect(stores.diverted.resend(webhook, eventId)).rejects.toThrow();

  expect(await stores.diverted.get(webhook, eventId)).not.toBeNull();
  expect(await delivery(eventId)).toMatchObject([{ state: 'diverted' }]);
});

test('a claim from before an event was set aside means nothing once it is sent again', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  const { eventId } = await divertOne(stores, webhook, { attempts: 0 });
  const claimNos = async () => {
    await stores.diverted.resend(webhook, eventId);
    const rows = await query('SELECT claim_no FROM delivery_due WHERE event_id = $1', [eventId]);
    await query(
      `WITH gone AS (DELETE FROM delivery_due WHERE event_id = $1 RETURNING *)
      INSERT INTO diverted_events (webhook_id, event_id, delivery_id, org_id, event_type, attempts, reason, message)
      SELECT webhook_id, event_id, delivery_id, org_id, 'a.b', 0, 'suspended', 'set aside before it was sent' FROM gone`,
      [eventId],
    );
    return rows;
  };
  expect(await claimNos()).not.toEqual(await claimNos());
});
