import type { DeliveryId, WebhookId } from '@hooklane/domain';
import { DomainError, profileOf } from '@hooklane/domain';
import type { EventDraft, PublishPorts } from './publish-event.ts';
import { announce } from './publish-event.ts';
import type { Webhook } from './webhooks.ts';

/** The type of the event a ping sends; its payload names the webhook, as its profile does. */
export const PING_TYPE = 'ping';

/**
 * Sends a trial event to one webhook through the whole chain: made once, never retried, never counted against it. Throws
 * `not_found` when the org was deleted meanwhile.
 */
export async function pingWebhook(
  ports: Omit<PublishPorts, 'subscriptions' | 'schemas'>,
  webhook: Webhook,
  requestId: string,
): Promise<{ webhookId: WebhookId; deliveryId: DeliveryId }> {
  const deliveryId = ports.ids.next('dlv');
  const draft: EventDraft = {
    publication: {
      orgId: webhook.orgId,
      type: PING_TYPE,
      payload: Buffer.from(JSON.stringify(payloadOf(webhook))),
      attributes: {},
      externalId: null,
      occurredAt: null,
      requestId,
      idempotency: null,
    },
    eventId: ports.ids.next('evt'),
    deliveries: [{ deliveryId, webhookId: webhook.id }],
    origin: 'ping',
    configVersion: null,
    queued: ports.queue.admits(webhook.orgId, 1),
  };
  const verdict = await ports.events.accept(draft);
  // It was matched against nothing, so that only an org which is gone since the webhook was read makes it stale.
  if (verdict.kind === 'stale') throw new DomainError('not_found');
  if (verdict.kind !== 'stored') throw new DomainError('internal', `A ping was ${verdict.kind}.`);
  announce(ports, [draft]);
  return { webhookId: webhook.id, deliveryId };
}

function payloadOf({ id, number, url, events, contentType, profile, enabled, suspended }: Webhook): unknown {
  const active = enabled && suspended === null;
  return profileOf(profile).ping({ id, number, url, events, contentType, active });
}
