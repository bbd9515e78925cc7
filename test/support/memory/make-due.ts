import type { DeliveryId, Origin } from '@hooklane/domain';
import type { DueRef } from '@hooklane/engine';
import type { World } from './world.ts';

/** An ended delivery is pending again, in a new round. */
export function makeDue({ deliveries, due }: World, id: DeliveryId, origin: Origin): DueRef {
  const delivery = deliveries.get(id);
  if (delivery === undefined) throw new TypeError(`no delivery ${id}`);
  Object.assign(delivery, { state: 'pending', reason: null });
  const { webhookId, sentAs, attempts } = delivery;
  const now = Date.now();
  const work = { deliveryId: id, webhookId, origin, sentAs, attempt: attempts + 1 };
  due.set(id, { ...work, dueAtMs: now, createdAtMs: now, claimed: false });
  return { deliveryId: id, webhookId, attempt: attempts + 1 };
}
