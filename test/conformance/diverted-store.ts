import type { DivertedFilter, Webhook } from '@hooklane/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MakeStores, Stores } from './stores.ts';
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
  });
}
