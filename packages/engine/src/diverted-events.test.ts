import { beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../../test/conformance/stores.ts';
import { by, newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import { createMemoryStores } from '../../../test/support/memory/stores.ts';
import { FakeQueue } from '../../../test/support/memory/work-fakes.ts';
import type { DivertedPorts } from './diverted-events.ts';
import { resendOne } from './diverted-events.ts';
import { createIdFactory } from './ids.ts';
import type { Webhook } from './webhooks.ts';

const ids = createIdFactory();

let stores: Stores;
let queue: FakeQueue;
let ports: DivertedPorts;
let webhook: Webhook;

beforeEach(async () => {
  stores = await createMemoryStores();
  queue = new FakeQueue();
  const { diverted, webhooks } = stores;
  ports = { diverted, webhooks, queue };
  webhook = await newWebhook(stores, (await newOrg(stores)).id);
});

describe('sending one event again', () => {
  it('makes it due as the attempt after its last one, and announces it', async () => {
    const eventId = await divert(webhook, { attempts: 11 });
    const ref = await resendOne(ports, webhook, eventId);
    expect(ref).toMatchObject({ webhookId: webhook.id, attempt: 12 });
    expect(queue.announced).toEqual([{ refs: [ref], delayMs: 0 }]);
    expect(await stores.diverted.get(webhook, eventId)).toBeNull();
  });

  it('succeeds also when the queue does not take it: the relay will find it', async () => {
    queue.taken = false;
    expect(await resendOne(ports, webhook, await divert(webhook))).toMatchObject({ webhookId: webhook.id });
  });

  it('that is not diverted is refused, and nothing is announced', async () => {
    const eventId = await divert(webhook);
    await resendOne(ports, webhook, eventId);
    await expect(resendOne(ports, webhook, eventId)).rejects.toMatchObject({ code: 'not_diverted' });
    expect(queue.announced).toHaveLength(1);
  });

  it.each(['suspended', 'disabled'] as const)('to a webhook that is %s is refused', async (standing) => {
    const eventId = await divert(webhook);
    await stop(standing);
    await expect(resendOne(ports, webhook, eventId)).rejects.toMatchObject({ code: 'webhook_not_active' });
    expect(await stores.diverted.get(webhook, eventId)).not.toBeNull();
  });

  it('of another org finds no webhook', async () => {
    const eventId = await divert(webhook);
    const other = { orgId: (await newOrg(stores)).id, id: webhook.id };
    await expect(resendOne(ports, other, eventId)).rejects.toMatchObject({ code: 'not_found' });
  });
});

async function divert(of: Webhook, { attempts = 1 } = {}): Promise<ReturnType<typeof ids.next<'evt'>>> {
  const eventId = ids.next('evt');
  await stores.divert({
    orgId: of.orgId,
    webhookId: of.id,
    eventId,
    eventType: 'invoice.paid',
    payload: Buffer.from('{}'),
    attempts,
    reason: 'retries_exhausted',
    divertedAt: new Date(),
  });
  return eventId;
}

async function stop(standing: 'suspended' | 'disabled'): Promise<void> {
  const { orgId, id } = webhook;
  if (standing === 'suspended') await stores.webhooks.suspend({ orgId, id, by }, 'manual');
  else await stores.webhooks.change({ orgId, id, by }, (now) => ({ ...now, enabled: false }));
}
