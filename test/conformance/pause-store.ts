import { formatId } from '@hooklane/domain';
import type { Org, PauseTarget, Webhook } from '@hooklane/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MakeStores, Stores } from './stores.ts';
import { by, ids, newOrg, newWebhook } from './stores.ts';

const EVERYBODY: PauseTarget = { scope: 'all' };

/** The promises of PauseStore; what pauses do to work is in the suite of that. */
export function describePauseStore(make: MakeStores): void {
  describe('a store of pauses', () => {
    let stores: Stores;
    let org: Org;
    let webhook: Webhook;
    let ofOrg: PauseTarget;
    let ofWebhook: PauseTarget;
    beforeAll(async () => {
      stores = await make();
    });
    beforeEach(async () => {
      org = await newOrg(stores);
      webhook = await newWebhook(stores, org.id);
      ofOrg = { scope: 'org', orgId: org.id };
      ofWebhook = { scope: 'webhook', orgId: org.id, webhookId: webhook.id };
    });
    afterAll(() => stores[Symbol.asyncDispose]());

    const pausedOrg = async () => (await stores.orgs.bySlug(org.slug))?.paused ?? null;
    const pausedWebhook = async () => (await stores.webhooks.get(org.id, webhook.id))?.paused ?? null;
    const actions = async (action: string, target: string) =>
      (await stores.audit.list({ action, target }, { limit: 100, cursor: null })).data;

    test('tells an org and a webhook of the widest pause that holds them up', async () => {
      expect([await pausedOrg(), await pausedWebhook()]).toEqual([null, null]);
      await stores.pauses.pause(ofWebhook, by);
      expect([await pausedOrg(), await pausedWebhook()]).toEqual([null, { scope: 'webhook', at: expect.any(Date) }]);
      await stores.pauses.pause(ofOrg, by);
      expect([await pausedOrg(), await pausedWebhook()]).toMatchObject([{ scope: 'org' }, { scope: 'org' }]);
      await stores.pauses.pause(EVERYBODY, by);
      expect([await pausedOrg(), await pausedWebhook()]).toMatchObject([{ scope: 'all' }, { scope: 'all' }]);
      await stores.pauses.resume(EVERYBODY, by);
      await stores.pauses.resume(ofOrg, by);
      expect([await pausedOrg(), await pausedWebhook()]).toMatchObject([null, { scope: 'webhook' }]);
      await stores.pauses.resume(ofWebhook, by);
      expect(await pausedWebhook()).toBeNull();
    });

    test('keeps the time of a pause, and notes who paused and who resumed, once each', async () => {
      await stores.pauses.pause(ofWebhook, by);
      const first = await pausedWebhook();
      expect(await stores.pauses.pause(ofWebhook, by)).toBe(true);
      expect(await pausedWebhook()).toEqual(first);
      await stores.pauses.resume(ofWebhook, by);
      expect(await stores.pauses.resume(ofWebhook, by)).toBe(true);
      const target = formatId('wh', webhook.id);
      const [paused, ...others] = await actions('webhook.paused', target);
      expect(paused).toMatchObject({ target, actor: by.actor, requestId: by.requestId });
      expect([others, await actions('webhook.resumed', target)]).toMatchObject([[], [{ target }]]);
    });

    test('notes what is done to all under no org', async () => {
      await stores.pauses.pause(EVERYBODY, by);
      await stores.pauses.resume(EVERYBODY, by);
      expect((await actions('deliveries.paused', 'all'))[0]).toMatchObject({ org: null, target: 'all' });
      expect((await actions('deliveries.resumed', 'all'))[0]).toMatchObject({ org: null, target: 'all' });
    });

    test('knows nothing of what does not exist, or is of another org', async () => {
      const other = await newOrg(stores);
      const strange: PauseTarget[] = [
        { scope: 'org', orgId: ids.next('org') },
        { scope: 'webhook', orgId: org.id, webhookId: ids.next('wh') },
        { scope: 'webhook', orgId: other.id, webhookId: webhook.id },
      ];
      for (const target of strange) {
        expect([await stores.pauses.pause(target, by), await stores.pauses.resume(target, by)]).toEqual([false, false]);
      }
      expect(await pausedWebhook()).toBeNull();
    });

    test('lists the widest first, and forgets those of what is deleted', async () => {
      const second = await newWebhook(stores, org.id);
      const other: PauseTarget = { scope: 'webhook', orgId: org.id, webhookId: second.id };
      for (const target of [ofWebhook, other, ofOrg, EVERYBODY]) await stores.pauses.pause(target, by);
      const { counts, pauses } = await stores.pauses.list(3);
      expect([counts, pauses]).toMatchObject([{ all: 1, org: 1, webhook: 2 }, [EVERYBODY, ofOrg, ofWebhook]]);
      await stores.pauses.resume(EVERYBODY, by);
      await stores.webhooks.delete({ orgId: org.id, id: webhook.id, by });
      expect((await stores.pauses.list(9)).pauses).toMatchObject([ofOrg, other]);
      await stores.orgs.delete(org.slug, by);
      expect(await stores.pauses.list(9)).toEqual({ counts: { all: 0, org: 0, webhook: 0 }, pauses: [] });
    });
  });
}
