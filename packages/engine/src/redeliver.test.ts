import { beforeEach, expect, it } from 'vitest';
import type { Stores } from '../../../test/conformance/stores.ts';
import { by, newOrg, newWebhook, publishOne } from '../../../test/conformance/stores.ts';
import { createMemoryStores } from '../../../test/support/memory/stores.ts';
import { FakeQueue } from '../../../test/support/memory/work-fakes.ts';
import type { RedeliverPorts } from './redeliver.ts';
import { redeliver } from './redeliver.ts';
import type { Webhook } from './webhooks.ts';

let stores: Stores;
let queue: FakeQueue;
let ports: RedeliverPorts;
let webhook: Webhook;

beforeEach(async () => {
  stores = await createMemoryStores();
  queue = new FakeQueue();
  ports = { redeliveries: stores.redeliveries, webhooks: stores.webhooks, queue };
  webhook = await newWebhook(stores, (await newOrg(stores)).id);
});

it('makes the delivery due and announces it', async () => {
  const { deliveryId } = await publishOne(stores, webhook, { attempts: 2 });
  const ref = { deliveryId, webhookId: webhook.id, attempt: 3 };
  expect(await redeliver(ports, webhook.orgId, deliveryId)).toMatchObject({ ref, webhook: { id: webhook.id } });
  expect(queue.announced).toEqual([{ refs: [ref], delayMs: 0 }]);
});

it('succeeds also when the queue does not take it: the relay will find it', async () => {
  queue.taken = false;
  const { deliveryId } = await publishOne(stores, webhook);
  expect(await redeliver(ports, webhook.orgId, deliveryId)).toMatchObject({ ref: { deliveryId } });
});

it('refuses what has not ended, whose event is gone, and what is for a webhook that is not active', async () => {
  const pending = await publishOne(stores, webhook, { state: 'pending' });
  const pruned = await publishOne(stores, webhook);
  await stores.pruneEvent(pruned.eventId);
  const again = (deliveryId: typeof pending.deliveryId) => redeliver(ports, webhook.orgId, deliveryId);

  await expect(again(pending.deliveryId)).rejects.toMatchObject({ code: 'delivery_pending' });
  await expect(again(pruned.deliveryId)).rejects.toMatchObject({ code: 'event_gone' });
  await stores.webhooks.suspend({ orgId: webhook.orgId, id: webhook.id, by }, 'manual');
  await expect(again((await publishOne(stores, webhook)).deliveryId)).rejects.toMatchObject({
    code: 'webhook_not_active',
  });
  await stores.webhooks.delete({ orgId: webhook.orgId, id: webhook.id, by });
  await expect(again(pruned.deliveryId)).rejects.toMatchObject({ code: 'not_found' });
  expect(queue.announced).toEqual([]);
});

it('refuses on what the store says, when that changed since it looked', async () => {
  const { deliveryId } = await publishOne(stores, webhook);
  for (const [kind, code] of [
    ['unknown', 'not_found'],
    ['not_active', 'webhook_not_active'],
  ] as const) {
    ports = { ...ports, redeliveries: { ...stores.redeliveries, redeliver: async () => ({ kind }) } };
    await expect(redeliver(ports, webhook.orgId, deliveryId)).rejects.toMatchObject({ code });
  }
});
