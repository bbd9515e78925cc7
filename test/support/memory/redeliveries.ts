import type { Origin } from '@hooklane/domain';
import type { RedeliveryStore } from '@hooklane/engine';
import { isActive } from './diverted.ts';
import { makeDue } from './make-due.ts';
import type { World } from './world.ts';
import { divertedKey } from './world.ts';

export function createMemoryRedeliveryStore(world: World): RedeliveryStore {
  const { deliveries, diverted, events } = world;
  return {
    async webhookOf(orgId, deliveryId) {
      const delivery = deliveries.get(deliveryId);
      return delivery?.orgId === orgId ? delivery.webhookId : null;
    },
    async redeliver(orgId, deliveryId) {
      const delivery = deliveries.get(deliveryId);
      if (delivery?.orgId !== orgId) return { kind: 'unknown' };
      if (!isActive(world, delivery)) return { kind: 'not_active' };
      if (delivery.state === 'pending') return { kind: 'pending' };
      if (!events.has(delivery.eventId)) return { kind: 'event_gone' };
      if (delivery.state === 'diverted') diverted.delete(divertedKey(delivery.webhookId, delivery.eventId));
      return {
        kind: 'due',
        ref: makeDue(world, deliveryId, keepsItsOrigin(delivery.origin) ? delivery.origin : 'redeliver'),
      };
    },
  };
}

function keepsItsOrigin(origin: Origin): boolean {
  return origin === 'ping' || origin === 'alert';
}
