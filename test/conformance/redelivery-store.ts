import type { Webhook } from '@hooklane/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MakeStores, Stores } from './stores.ts';
import { by, divertOne, ids, newOrg, newWebhook, publishOne } from './stores.ts';

export function describeRedeliveryStore(make: MakeStores): void {
  describe('a store of redeliveries', () => {
    let stores: Stores;
    let webhook: Webhook;
    beforeAll(async () => {
      stores = await make();
    });
    beforeEach(async () => {
      webhook = await newWebhook(stores, (await newOrg(stores)).id);
    });
    afterAll(() => stores[Symbol.asyncDispose]());

    test.each(['delivered', 'discarded'] as const)(
      'makes a %s delivery due, its attempts numbered on',
      async (state) => {
        const { deliveryId, eventId } = await publishOne(stores, webhook, { state, attempts: 4 });

        const verdict = await stores.redeliveries.redeliver(webhook.orgId, deliveryId);

        expect(verdict).toEqual({ kind: 'due', ref: { deliveryId, webhookId: webhook.id, attempt: 5 } });
        const seen = await stores.delivery(deliveryId);
        expect(seen).toMatchObject({ eventId, state: 'pending', reason: null, sentAs: null });
        expect(seen?.due).toMatchObject({ attempt: 5, origin: 'redeliver', sentAs: null });
        expect(seen?.due?.inMs).toBeLessThanOrEqual(0);
      },
    );

    test('takes a diverted one out of the diverted events', async () => {
      const { eventId } = await divertOne(stores, webhook, { attempts: 11 });
      const [deliveryId = ids.next('dlv')] = await stores.deliveriesOf(webhook.id);

      const verdict = await stores.redeliveries.redeliver(webhook.orgId, deliveryId);

      expect(verdict).toEqual({ kind: 'due', ref: { deliveryId, webhookId: webhook.id, attempt: 12 } });
      expect(await stores.diverted.get(webhook, eventId)).toBeNull();
      expect(await stores.delivery(deliveryId)).toMatchObject({ state: 'pending', due: { origin: 'redeliver' } });
    });

    test('does so once for many who ask at the same time', async () => {
      const { deliveryId } = await publishOne(stores, webhook);

      const asking = Array.from({ length: 8 }, () => stores.redeliveries.redeliver(webhook.orgId, deliveryId));
      const kinds = (await Promise.all(asking)).map((verdict) => verdict.kind);

      expect(kinds.toSorted()).toEqual(['due', ...Array.from({ length: 7 }, () => 'pending')]);
      expect(await stores.deliveriesOf(webhook.id)).toEqual([deliveryId]);
    });

    test('leaves a pending one as it is', async () => {
      const { deliveryId } = await publishOne(stores, webhook, { state: 'pending', attempts: 2 });

      expect(await stores.redeliveries.redeliver(webhook.orgId, deliveryId)).toEqual({ kind: 'pending' });

      expect((await stores.delivery(deliveryId))?.due).toMatchObject({ attempt: 3, origin: 'event' });
    });

    test('lets a ping stay one', async () => {
      const { deliveryId } = await publishOne(stores, webhook, { origin: 'ping', state: 'discarded' });

      await stores.redeliveries.redeliver(webhook.orgId, deliveryId);

      expect((await stores.delivery(deliveryId))?.due).toMatchObject({ origin: 'ping', attempt: 2 });
    });

    test('says when the event is gone, and changes nothing', async () => {
      const { deliveryId, eventId } = await publishOne(stores, webhook);
      await stores.pruneEvent(eventId);

      expect(await stores.redeliveries.redeliver(webhook.orgId, deliveryId)).toEqual({ kind: 'event_gone' });

      expect(await stores.delivery(deliveryId)).toMatchObject({ state: 'delivered', due: null });
    });

    test('says when nothing may be sent to the webhook', async () => {
      const { deliveryId } = await publishOne(stores, webhook);
      await stores.webhooks.suspend({ orgId: webhook.orgId, id: webhook.id, by }, 'manual');

      expect(await stores.redeliveries.redeliver(webhook.orgId, deliveryId)).toEqual({ kind: 'not_active' });

      expect(await stores.delivery(deliveryId)).toMatchObject({ state: 'delivered', due: null });
    });

    test('knows the deliveries of an org only', async () => {
      const { deliveryId } = await publishOne(stores, webhook);
      const strange = ids.next('org');

      expect(await stores.redeliveries.webhookOf(webhook.orgId, deliveryId)).toBe(webhook.id);
      expect(await stores.redeliveries.webhookOf(strange, deliveryId)).toBeNull();
      expect(await stores.redeliveries.redeliver(strange, deliveryId)).toEqual({ kind: 'unknown' });
      expect(await stores.redeliveries.webhookOf(webhook.orgId, ids.next('dlv'))).toBeNull();
    });
  });
}
