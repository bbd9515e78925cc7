import type { DivertedFilter, DueRef, Operation, Webhook } from '@hooklane/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import type { MakeStores, SetAside, Stores } from './stores.ts';
import { allPages, by, divertOne, ids, newOrg, newWebhook } from './stores.ts';

export function describeDivertedStore(make: MakeStores): void {
  describe('a store of diverted events', () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    afterAll(() => stores[Symbol.asyncDispose]());

    async function orgWithWebhook(): Promise<Webhook> {
      return newWebhook(stores, (await newOrg(stores)).id);
    }

    async function listed(filter: DivertedFilter): Promise<string[]> {
      const all = await allPages((cursor) => stores.diverted.list(filter, { limit: 2, cursor }));
      return all.map((diverted) => diverted.eventId);
    }

    /** Set aside one after the other, `count` of them, the oldest first. */
    async function divertMany(webhook: Webhook, count: number): Promise<SetAside[]> {
      const startMs = Date.now() - 3_600_000;
      const sets: SetAside[] = [];
      for (let n = 0; n < count; n++) {
        sets.push(await divertOne(stores, webhook, { divertedAt: new Date(startMs + n * 1_000) }));
      }
      return sets;
    }

    test('lists what was set aside, the newest first, each on one page', async () => {
      const webhook = await orgWithWebhook();
      const [older, newer] = [new Date(Date.now() - 9_000), new Date(Date.now() - 5_000)];
      const old = await divertOne(stores, webhook, { divertedAt: older });
      const together = [];
      for (let n = 0; n < 3; n++) together.push(await divertOne(stores, webhook, { divertedAt: newer }));
      await divertOne(stores, await orgWithWebhook());

      const order = await listed({ orgId: webhook.orgId });

      expect(order.slice(0, 3).toSorted()).toEqual(together.map((set) => set.eventId).toSorted());
      expect(order.slice(3)).toEqual([old.eventId]);
      expect(await listed({ webhookId: webhook.id })).toEqual(order);
      expect(await listed({})).toEqual(expect.arrayContaining(order));
    });

    test('lists an event that several webhooks could not get once for each', async () => {
      const one = await orgWithWebhook();
      const other = await newWebhook(stores, one.orgId);
      const { eventId, divertedAt } = await divertOne(stores, one);
      await divertOne(stores, other, { eventId, divertedAt });

      const all = await allPages((cursor) => stores.diverted.list({ orgId: one.orgId }, { limit: 1, cursor }));

      expect(all.map((diverted) => diverted.webhookId).toSorted()).toEqual([one.id, other.id].toSorted());
    });

    test('lists only what passes every filter', async () => {
      const webhook = await orgWithWebhook();
      const { orgId } = webhook;
      const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
      const paid = await divertOne(stores, webhook, {
        divertedAt: at(1),
        eventType: 'invoice.paid',
        reason: 'expired',
      });
      const made = await divertOne(stores, webhook, {
        divertedAt: at(2),
        eventType: 'order.made',
        reason: 'suspended',
      });

      expect(await listed({ orgId, reasons: ['expired', 'gone'] })).toEqual([paid.eventId]);
      expect(await listed({ orgId, eventTypes: ['order.made'] })).toEqual([made.eventId]);
      expect(await listed({ orgId, since: at(2) })).toEqual([made.eventId]);
      expect(await listed({ orgId, until: at(2) })).toEqual([paid.eventId]);
      expect(await listed({ orgId, since: at(1), until: at(3), reasons: ['suspended'] })).toEqual([made.eventId]);
      expect(await listed({ orgId, webhookId: ids.next('wh') })).toEqual([]);
    });

    test('refuses a cursor that it did not write', async () => {
      const page = { limit: 2, cursor: Buffer.from('["2026","x","y"]').toString('base64url') };
      await expect(stores.diverted.list({}, page)).rejects.toMatchObject({ code: 'invalid_cursor' });
    });

    test('gives one back with the bytes of its event, to its own org', async () => {
      const webhook = await orgWithWebhook();
      const set = await divertOne(stores, webhook, { payload: Buffer.from('{"n": 1e2}') });

      const { payload, ...told } = set;
      expect(await stores.diverted.get(webhook, set.eventId)).toMatchObject({ ...told, payload });
      expect(await stores.diverted.get({ ...webhook, orgId: ids.next('org') }, set.eventId)).toBeNull();
      expect(await stores.diverted.get(webhook, ids.next('evt'))).toBeNull();
    });

    test('deletes one, once, and only for its own org', async () => {
      const webhook = await orgWithWebhook();
      const { eventId } = await divertOne(stores, webhook);

      expect(await stores.diverted.delete({ ...webhook, orgId: ids.next('org'), by }, eventId)).toBe(false);
      expect(await stores.diverted.delete({ ...webhook, by }, eventId)).toBe(true);
      expect(await stores.diverted.delete({ ...webhook, by }, eventId)).toBe(false);
      expect(await listed({ orgId: webhook.orgId })).toEqual([]);
    });

    test('resends one, once: the next attempt follows those already made', async () => {
      const webhook = await orgWithWebhook();
      const { eventId } = await divertOne(stores, webhook, { attempts: 11 });

      const refs = await Promise.all(Array.from({ length: 4 }, () => stores.diverted.resend(webhook, eventId)));

      expect(refs.filter((ref) => ref !== null)).toEqual([
        { deliveryId: expect.any(String), webhookId: webhook.id, attempt: 12 },
      ]);
      expect(await listed({ orgId: webhook.orgId })).toEqual([]);
    });

    test('resends nothing to a webhook that is not active', async () => {
      const webhook = await orgWithWebhook();
      const { orgId, id } = webhook;
      const { eventId } = await divertOne(stores, webhook);

      await stores.webhooks.suspend({ orgId, id, by }, 'manual');
      expect(await stores.diverted.resend(webhook, eventId)).toBeNull();
      await stores.webhooks.unsuspend({ orgId, id, by });
      await stores.webhooks.change({ orgId, id, by }, (now) => ({ ...now, enabled: false }));
      expect(await stores.diverted.resend(webhook, eventId)).toBeNull();
      await stores.webhooks.change({ orgId, id, by }, (now) => ({ ...now, enabled: true }));
      expect(await stores.diverted.resend({ ...webhook, orgId: ids.next('org') }, eventId)).toBeNull();

      expect(await stores.diverted.get(webhook, eventId)).not.toBeNull();
      await stores.webhooks.delete({ orgId, id, by });
      expect(await stores.diverted.resend(webhook, eventId)).toBeNull();
    });

    /** Takes steps until the operation is done; the refs of each step that moved something. */
    async function run(operation: Operation, stepMs: number): Promise<DueRef[][]> {
      const steps: DueRef[][] = [];
      const step = async () => {
        const { refs } = await stores.diverted.advanceOperation({ stepMs });
        if (refs.length > 0) steps.push(refs);
        return (await stores.diverted.operation(null, operation.id))?.state === 'done';
      };
      await until(step, { what: 'the operation to be done' });
      return steps;
    }

    function start(filter: DivertedFilter, perSecond: number, orgId = filter.orgId ?? null): Promise<Operation> {
      return stores.diverted.startOperation({ id: ids.next('op'), orgId, filter, perSecond, by });
    }

    test('moves the oldest first, a bounded number in each step', async () => {
      const webhook = await orgWithWebhook();
      const sets = await divertMany(webhook, 5);
      const left = () => listed({ orgId: webhook.orgId });
      const operation = await start({ orgId: webhook.orgId, webhookId: webhook.id }, 1_000);
      expect(operation).toMatchObject({ orgId: webhook.orgId, kind: 'resend', state: 'running', total: 5, moved: 0 });

      const first = await stores.diverted.advanceOperation({ stepMs: 2 });

      expect(first.refs).toHaveLength(2);
      const newestFirst = sets.map((set) => set.eventId).reverse();
      expect(await left()).toEqual(newestFirst.slice(0, 3));
      expect((await run(operation, 2)).map((refs) => refs.length)).toEqual([2, 1]);
      expect(await stores.diverted.operation(webhook.orgId, operation.id)).toMatchObject({
        state: 'done',
        total: 5,
        moved: 5,
        filter: { orgId: webhook.orgId, webhookId: webhook.id },
        finishedAt: expect.any(Date),
      });
    });

    test('keeps to its rate: no step before the one before it has lasted', async () => {
      const webhook = await orgWithWebhook();
      await divertMany(webhook, 3);
      const operation = await start({ webhookId: webhook.id }, 1);

      const step = () => stores.diverted.advanceOperation({ stepMs: 100 });
      const together = await Promise.all([step(), step(), step()]);

      expect(together.flatMap((one) => one.refs)).toMatchObject([{ attempt: 4 }]);
      expect(await step()).toEqual({ refs: [], busy: false });
      await stores.webhooks.delete({ orgId: webhook.orgId, id: webhook.id, by });
      await run(operation, 100);
    });

    test('tells whether another operation is waiting for its turn', async () => {
      const webhook = await orgWithWebhook();
      const operations = [await start({ webhookId: webhook.id }, 1), await start({ webhookId: webhook.id }, 1)];

      expect(await stores.diverted.advanceOperation({ stepMs: 10 })).toEqual({ refs: [], busy: true });
      expect(await stores.diverted.advanceOperation({ stepMs: 10 })).toEqual({ refs: [], busy: false });

      for (const { id } of operations) {
        expect(await stores.diverted.operation(null, id)).toMatchObject({ state: 'done', moved: 0 });
      }
    });

    test('leaves what was set aside after the operation began', async () => {
      const webhook = await orgWithWebhook();
      await divertMany(webhook, 2);
      const operation = await start({ webhookId: webhook.id }, 1_000);
      const later = await divertOne(stores, webhook, { divertedAt: new Date(Date.now() + 3_600_000) });

      const steps = await run(operation, 10);

      expect(steps.flat()).toHaveLength(2);
      expect(await listed({ webhookId: webhook.id })).toEqual([later.eventId]);
    });

    test('works across orgs by filter, and passes over webhooks that are not active', async () => {
      const eventType = `replayed.${ids.next('evt')}`;
      const [one, other, suspended] = [await orgWithWebhook(), await orgWithWebhook(), await orgWithWebhook()];
      await stores.webhooks.suspend({ orgId: suspended.orgId, id: suspended.id, by }, 'manual');
      for (const webhook of [one, suspended, other]) await divertOne(stores, webhook, { eventType });
      const spared = await divertOne(stores, one);
      const operation = await start({ eventTypes: [eventType], since: new Date(0) }, 1_000, null);
      expect(operation).toMatchObject({ orgId: null, total: 3 });

      const steps = await run(operation, 1_000);

      const moved = steps.flat().map((ref) => ref.webhookId);
      expect(moved.toSorted()).toEqual([one.id, other.id].toSorted());
      expect(await listed({ eventTypes: [eventType] })).toHaveLength(1);
      expect(await listed({ webhookId: one.id })).toEqual([spared.eventId]);
      expect(await stores.diverted.operation(null, operation.id)).toMatchObject({
        moved: 2,
        total: 3,
        filter: { since: new Date(0) },
      });
    });

    test('shows an operation to its own org only', async () => {
      const webhook = await orgWithWebhook();
      const operation = await start({ orgId: webhook.orgId }, 1);

      expect(await stores.diverted.operation(webhook.orgId, operation.id)).toEqual(operation);
      expect(await stores.diverted.operation(ids.next('org'), operation.id)).toBeNull();
      await run(operation, 10);
    });

    test('moves each row once when four workers take steps at the same time', async () => {
      const webhook = await orgWithWebhook();
      await Promise.all(Array.from({ length: 60 }, () => divertOne(stores, webhook)));
      const operation = await start({ webhookId: webhook.id }, 3_000);
      const rival = await start({ webhookId: webhook.id }, 2_000);

      const steps = (await Promise.all([1, 2, 3, 4].map(() => run(operation, 1)))).flat().concat(await run(rival, 1));

      const moved = steps.flat().map((ref) => ref.deliveryId);
      expect(moved).toHaveLength(60);
      expect(new Set(moved).size).toBe(60);
      const told = [
        await stores.diverted.operation(null, operation.id),
        await stores.diverted.operation(null, rival.id),
      ];
      expect((told[0]?.moved ?? 0) + (told[1]?.moved ?? 0)).toBe(60);
    });
  });
}
