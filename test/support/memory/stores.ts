import { createIdFactory } from '@hooklane/engine';
import type { Stores } from '../../conformance/stores.ts';
import { createMemoryAuditLog } from './audit.ts';
import { createMemoryDivertedStore } from './diverted.ts';
import { createMemoryKeyStore, createMemoryOrgStore } from './orgs.ts';
import { createMemoryWebhookStore } from './webhooks.ts';
import { divertedKey, newWorld } from './world.ts';

/** The ports of configuration and of what was set aside, in Maps: for tests that need them but not Postgres. */
export async function createMemoryStores(): Promise<Stores> {
  const world = newWorld();
  const ids = createIdFactory();
  return {
    orgs: createMemoryOrgStore(world),
    keys: createMemoryKeyStore(world),
    webhooks: createMemoryWebhookStore(world),
    diverted: createMemoryDivertedStore(world),
    audit: createMemoryAuditLog(world),
    async divert(set) {
      const rest = { trigger: null, message: 'the receiver answered 500', deliveryId: ids.next('dlv') };
      world.diverted.set(divertedKey(set.webhookId, set.eventId), { ...set, ...rest });
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
