import { formatId } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import { createMemoryStores } from '../../../test/support/memory/stores.ts';
import { FakeQueue, FakeSender, UNWITNESSED } from '../../../test/support/memory/work-fakes.ts';
import { WorkScene } from '../../../test/support/memory/work-scene.ts';
import { attemptDelivery } from './attempt-delivery.ts';
import { pingWebhook } from './ping-webhook.ts';
import type { PublishPorts } from './publish-event.ts';
import type { Webhook } from './webhooks.ts';

let scene: WorkScene;
let queue: FakeQueue;
let ports: Omit<PublishPorts, 'subscriptions' | 'schemas'>;
let webhook: Webhook;

beforeEach(async () => {
  scene = await WorkScene.open();
  queue = new FakeQueue();
  const { events, due } = scene.world;
  ports = { events, due, queue, ids: scene.ids, onFault: (error) => expect.fail(String(error)) };
  const stores = await createMemoryStores();
  const stored = await newWebhook(stores, (await newOrg(stores)).id);
  webhook = { ...stored, id: await scene.newWebhook(), orgId: scene.orgId };
});

describe('a ping', () => {
  it('is due for its webhook and for no other, whatever that is subscribed to', async () => {
    await scene.newWebhook();
    const { deliveryId, webhookId } = await pingWebhook(ports, { ...webhook, events: [] }, 'req_1');
    expect(webhookId).toBe(webhook.id);
    expect([...scene.world.rows.due.values()]).toMatchObject([{ deliveryId, webhookId, origin: 'ping' }]);
    expect(queue.announced).toEqual([{ refs: [{ deliveryId, webhookId, attempt: 1 }], delayMs: 0 }]);
  });

  it('names its webhook in the payload', async () => {
    const { deliveryId } = await pingWebhook(ports, webhook, 'req_1');
    const claim = await scene.claimed({ deliveryId, webhookId: webhook.id, attempt: 1 });
    expect(claim.event?.type).toBe('ping');
    expect(JSON.parse(String(claim.event?.payload))).toEqual({ type: 'ping', webhook_id: formatId('wh', webhook.id) });
  });

  it('has the payload that receivers of its profile know', async () => {
    const { deliveryId } = await pingWebhook(ports, { ...webhook, profile: 'snyk' }, 'req_1');
    const claim = await scene.claimed({ deliveryId, webhookId: webhook.id, attempt: 1 });
    expect(JSON.parse(String(claim.event?.payload))).toEqual({ webhookId: webhook.id });
  });

  it('is sent to a suspended webhook too, and is not made again when it fails', async () => {
    await scene.world.setStanding(webhook.id, 'suspended');
    const { deliveryId } = await pingWebhook(ports, webhook, 'req_1');
    const sender = new FakeSender();
    sender.outcome = { kind: 'rejected', status: 500 };
    const { due } = scene.world;
    await attemptDelivery(
      { due, queue, sender, random: () => 0.5, observe: () => {} },
      await scene.claimed({ deliveryId, webhookId: webhook.id, attempt: 1 }),
      UNWITNESSED,
    );
    expect(sender.requests).toHaveLength(1);
    expect(await scene.world.delivery(deliveryId)).toEqual({ state: 'discarded', reason: 'ping_failed', attempts: 1 });
    expect(scene.world.rows.webhook(webhook.id).failures).toBe(0);
  });

  it('of an org that was deleted meanwhile names nothing', async () => {
    const events = { accept: async () => ({ kind: 'stale' }) as const, answered: async () => null };
    await expect(pingWebhook({ ...ports, events }, webhook, 'req_1')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('that the store refuses is our own fault', async () => {
    const events = { accept: async () => ({ kind: 'conflict' }) as const, answered: async () => null };
    await expect(pingWebhook({ ...ports, events }, webhook, 'req_1')).rejects.toMatchObject({ code: 'internal' });
  });
});
