import { beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../../test/conformance/stores.ts';
import { by, divertOne, newOrg, newWebhook, publishOne } from '../../../test/conformance/stores.ts';
import { createMemoryStores } from '../../../test/support/memory/stores.ts';
import { FakeQueue } from '../../../test/support/memory/work-fakes.ts';
import { createIdFactory } from './ids.ts';
import { RUNNING_PER_ORG } from './operations.ts';
import type { OperationPorts } from './run-operations.ts';
import {
  advanceOperations,
  cancelPending,
  replayAcrossOrgs,
  replayRange,
  resendAcrossWebhooks,
  resendAll,
  retryNow,
} from './run-operations.ts';
import type { Webhook } from './webhooks.ts';

let stores: Stores;
let queue: FakeQueue;
let ports: OperationPorts;
let webhook: Webhook;

beforeEach(async () => {
  stores = await createMemoryStores();
  queue = new FakeQueue();
  const { operations, webhooks } = stores;
  ports = { operations, webhooks, queue, ids: createIdFactory() };
  webhook = await newWebhook(stores, (await newOrg(stores)).id);
});

const RANGE = { since: new Date(0), until: new Date(), newIds: false, onlyMissing: false };

describe('sending all events of a webhook again', () => {
  it('starts an operation on its own events, whatever webhook the filter names', async () => {
    const other = await newWebhook(stores, webhook.orgId);
    await divertOne(stores, webhook);
    await divertOne(stores, other);
    const filter = { webhookId: other.id, reasons: ['retries_exhausted'] as const };
    const operation = await resendAll(ports, { ...webhook, by }, { filter, perSecond: 50 });
    expect(operation).toMatchObject({
      orgId: webhook.orgId,
      webhookId: webhook.id,
      task: { filter: { orgId: webhook.orgId, webhookId: webhook.id, reasons: ['retries_exhausted'] } },
      perSecond: 50,
      total: 1,
    });
    expect(queue.announced).toEqual([]);
  });

  it.each(['suspended', 'disabled'] as const)('is refused while it is %s', async (standing) => {
    await stop(standing);
    const resend = resendAll(ports, { ...webhook, by }, { filter: {}, perSecond: 50 });
    await expect(resend).rejects.toMatchObject({ code: 'webhook_not_active' });
  });
});

describe('sending all events of an org again', () => {
  it('starts an operation on its own events, whatever org the filter names, active or not', async () => {
    const foreign = await newWebhook(stores, (await newOrg(stores)).id);
    for (const each of [webhook, foreign]) await divertOne(stores, each);
    await stores.webhooks.suspend({ orgId: webhook.orgId, id: webhook.id, by }, 'manual');
    const request = { filter: { orgId: foreign.orgId }, perSecond: 50, by };
    expect(await resendAcrossWebhooks(ports, webhook.orgId, request)).toMatchObject({
      orgId: webhook.orgId,
      webhookId: null,
      task: { filter: { orgId: webhook.orgId } },
      total: 1,
    });
  });
});

describe('a replay', () => {
  it('sends the stored events of the range, and tells the workers', async () => {
    const { deliveryId } = await publishOne(stores, webhook, { attempts: 2 });
    const operation = await replayRange(ports, { ...webhook, by }, { range: RANGE, perSecond: 50 });
    expect(operation).toMatchObject({ webhookId: webhook.id, task: { kind: 'replay', range: RANGE }, total: 1 });
    await advanceOperations(ports, 100);
    expect(queue.left).toEqual([0]);
    expect(await stores.delivery(deliveryId)).toMatchObject({ state: 'pending' });
  });
});

describe('retrying now', () => {
  it('makes what waits for a retry due, and tells the workers', async () => {
    const { deliveryId } = await publishOne(stores, webhook, { state: 'pending', attempts: 1, dueInMs: 60_000 });
    await retryNow(ports, { ...webhook, by });
    await advanceOperations(ports, 100);
    expect(queue.left).toEqual([0]);
    expect(await stores.delivery(deliveryId)).toMatchObject({ state: 'pending' });
  });
});

describe('cancelling what is pending', () => {
  it('ends it, whether the webhook is active or not, and tells nobody', async () => {
    const { deliveryId } = await publishOne(stores, webhook, { state: 'pending' });
    await stores.webhooks.suspend({ orgId: webhook.orgId, id: webhook.id, by }, 'manual');
    await cancelPending(ports, { ...webhook, by });
    await advanceOperations(ports, 100);
    expect(await stores.delivery(deliveryId)).toMatchObject({ state: 'discarded', reason: 'cancelled' });
    expect(queue.announced).toEqual([]);
  });
});

describe.each([
  ['a replay', () => replayRange(ports, { ...webhook, by }, { range: RANGE, perSecond: 1 })],
  ['retrying now', () => retryNow(ports, { ...webhook, by })],
])('%s', (_, start) => {
  it('is refused while the webhook is not active', async () => {
    await stop('suspended');
    await expect(start()).rejects.toMatchObject({ code: 'webhook_not_active' });
  });

  it('finds no webhook of another org', async () => {
    webhook = { ...webhook, orgId: (await newOrg(stores)).id };
    await expect(start()).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('an operation', () => {
  it('is refused where the org has as many running as it may', async () => {
    for (let n = 0; n < RUNNING_PER_ORG; n++) await cancelPending(ports, { ...webhook, by });
    await expect(cancelPending(ports, { ...webhook, by })).rejects.toMatchObject({ code: 'too_many_operations' });
  });

  it('moves as many as its rate allows in a step, and leaves them to the store: live events would stand behind them', async () => {
    for (let i = 0; i < 5; i++) await divertOne(stores, webhook);
    await resendAll(ports, { ...webhook, by }, { filter: {}, perSecond: 8 });
    expect(await advanceOperations(ports, 250)).toBe('idle');
    expect([queue.announced, queue.left]).toEqual([[], [0]]);
    const left = await stores.diverted.list(
      { orgId: webhook.orgId, webhookId: webhook.id },
      { limit: 10, cursor: null },
    );
    expect(left.data).toHaveLength(3);
  });

  it('across orgs is nobody’s own, and covers the events of all', async () => {
    const foreign = await newWebhook(stores, (await newOrg(stores)).id);
    for (const each of [webhook, foreign]) await divertOne(stores, each);
    const operation = await replayAcrossOrgs(ports, { filter: {}, perSecond: 1_000, by });
    expect(operation).toMatchObject({ orgId: null, total: 2 });
    await advanceOperations(ports, 250);
    const left = await stores.diverted.list({}, { limit: 10, cursor: null });
    expect([left.data, queue.left]).toEqual([[], [0]]);
  });

  it('that waits behind another is told by asking to be called again', async () => {
    for (let i = 0; i < 2; i++) await resendAll(ports, { ...webhook, by }, { filter: {}, perSecond: 1 });
    expect(await advanceOperations(ports, 250)).toBe('again');
    expect(await advanceOperations(ports, 250)).toBe('idle');
  });

  it('that does not exist announces nothing', async () => {
    expect(await advanceOperations(ports, 250)).toBe('idle');
    expect(queue.left).toEqual([]);
  });
});

async function stop(standing: 'suspended' | 'disabled'): Promise<void> {
  const { orgId, id } = webhook;
  if (standing === 'suspended') await stores.webhooks.suspend({ orgId: orgId, id: id, by }, 'manual');
  else await stores.webhooks.change({ orgId, id, by }, (now) => ({ ...now, enabled: false }));
}
