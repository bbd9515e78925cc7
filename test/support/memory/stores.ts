import { createIdFactory } from '@hooklane/engine';
import type { Stores } from '../../conformance/stores.ts';
import { createMemoryAuditLog } from './audit.ts';
import { createMemoryDivertedStore } from './diverted.ts';
import { createMemoryEventTypeStore } from './event-types.ts';
import { makeDue } from './make-due.ts';
import { createMemoryOperationStore } from './operations.ts';
import { createMemoryKeyStore, createMemoryOrgStore } from './orgs.ts';
import { createMemoryPauseStore } from './pauses.ts';
import { createMemoryRedeliveryStore } from './redeliveries.ts';
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
    eventTypes: createMemoryEventTypeStore(world),
    audit: createMemoryAuditLog(world),
    configVersion: async (orgId) => world.configVersions.get(orgId) ?? 1n,
    redeliveries: createMemoryRedeliveryStore(world),
    operations: createMemoryOperationStore(world),
    pauses: createMemoryPauseStore(world),
    async divert({ payload, eventType, ...set }) {
      const deliveryId = ids.next('dlv');
      const rest = { trigger: null, message: 'the receiver answered 500', deliveryId };
      world.diverted.set(divertedKey(set.webhookId, set.eventId), { ...set, ...rest, payload, eventType });
      const { orgId, webhookId, eventId, attempts, reason } = set;
      world.events.set(eventId, { id: eventId, orgId, type: eventType, attributes: {} });
      const delivery = { id: deliveryId, eventId, webhookId, orgId, attempts, reason, sentAs: null } as const;
      world.deliveries.set(deliveryId, { ...delivery, origin: 'event', state: 'diverted' });
    },
    async publish({ id, orgId, type, attributes, deliveries }) {
      world.events.set(id, { id, orgId, type, attributes });
      for (const { dueInMs, claimed, ...delivery } of deliveries) {
        const reason = delivery.state === 'discarded' ? 'not_retried' : null;
        world.deliveries.set(delivery.id, { ...delivery, eventId: id, orgId, reason, sentAs: null });
        if (delivery.state !== 'pending') continue;
        makeDue(world, delivery.id, delivery.origin);
        Object.assign(world.due.get(delivery.id) ?? {}, { dueAtMs: Date.now() + dueInMs, claimed });
      }
    },
    async delivery(id) {
      const found = world.deliveries.get(id);
      if (found === undefined) return null;
      const due = world.due.get(id);
      const { state, reason, attempts, sentAs, eventId } = found;
      const row = due && {
        attempt: due.attempt,
        origin: due.origin,
        sentAs: due.sentAs,
        inMs: due.dueAtMs - Date.now(),
      };
      return { eventId, state, reason, attempts, sentAs, due: row ?? null };
    },
    async deliveriesOf(webhookId) {
      return [...world.deliveries.values()].filter((one) => one.webhookId === webhookId).map(({ id }) => id);
    },
    async pruneEvent(id) {
      world.events.delete(id);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
