import type { DeliveryId, OrgId, WebhookId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import { mustBeActive } from './active-webhook.ts';
import type { DueQueue, DueRef } from './due-work.ts';
import { found } from './manage-webhooks.ts';
import type { Webhook, WebhookStore } from './webhooks.ts';

export type RedeliverVerdict =
  | { kind: 'due'; ref: DueRef }
  /** It has not ended. */
  | { kind: 'pending' }
  /** Its event is not stored any more. */
  | { kind: 'event_gone' }
  /** There is no such delivery. */
  | { kind: 'unknown' }
  /** Nothing may be sent to its webhook. */
  | { kind: 'not_active' };

export interface RedeliveryStore {
  /** The webhook that a delivery of this org is for; null when there is no such delivery. */
  webhookOf(orgId: OrgId, deliveryId: DeliveryId): Promise<WebhookId | null>;
  /**
   * In one transaction an ended delivery is due again, whatever became of it: the same event and bytes, its attempts
   * numbered on, with a new retry budget. What was diverted leaves the diverted events.
   */
  redeliver(orgId: OrgId, deliveryId: DeliveryId): Promise<RedeliverVerdict>;
}

export interface RedeliverPorts {
  redeliveries: RedeliveryStore;
  webhooks: Pick<WebhookStore, 'get'>;
  queue: DueQueue;
}

/** Makes one past delivery again. A webhook that is deleted takes its deliveries with it: they are not found. */
export async function redeliver(
  ports: RedeliverPorts,
  orgId: OrgId,
  deliveryId: DeliveryId,
): Promise<{ webhook: Webhook; ref: DueRef }> {
  const id = found(await ports.redeliveries.webhookOf(orgId, deliveryId));
  const webhook = await mustBeActive(ports, { orgId, id });
  const ref = refOf(await ports.redeliveries.redeliver(orgId, deliveryId));
  // Not marked as queued: what the queue does not take, the relay finds at once.
  await ports.queue.announce([ref]);
  return { webhook, ref };
}

function refOf(verdict: RedeliverVerdict): DueRef {
  switch (verdict.kind) {
    case 'due':
      return verdict.ref;
    case 'pending':
      throw new DomainError('delivery_pending');
    case 'event_gone':
      throw new DomainError('event_gone');
    case 'unknown':
      throw new DomainError('not_found');
    case 'not_active':
      throw new DomainError('webhook_not_active');
  }
}
