import { formatId } from '@hooklane/domain';
import type { AttemptView, DeliveryView, EventView } from '@hooklane/engine';
import { time } from './present.ts';

/** `body` is what was sent; undefined in lists, null when the event is gone. */
export function presentAttempt(attempt: AttemptView, body?: string | null) {
  return {
    id: formatId('att', attempt.id),
    webhook_id: formatId('wh', attempt.webhookId),
    delivery_id: formatId('dlv', attempt.deliveryId),
    event_id: formatId('evt', attempt.eventId),
    event_type: attempt.eventType,
    number: attempt.number,
    origin: attempt.origin,
    outcome: attempt.outcome,
    detail: attempt.detail,
    status: attempt.status,
    started_at: time(attempt.startedAt),
    duration_ms: attempt.durationMs,
    request: { method: 'POST', url: attempt.url, headers: attempt.requestHeaders, body },
    response: responseOf(attempt),
    next_step: attempt.nextStep,
    next_attempt_at: time(attempt.nextAttemptAt),
  };
}

export function presentDelivery(delivery: DeliveryView) {
  return {
    id: formatId('dlv', delivery.id),
    event_id: formatId('evt', delivery.eventId),
    webhook_id: formatId('wh', delivery.webhookId),
    origin: delivery.origin,
    state: delivery.state,
    reason: delivery.reason,
    attempts: delivery.attempts,
    created_at: time(delivery.createdAt),
    finished_at: time(delivery.finishedAt),
  };
}

/** Without its payload. `external_id` is the producer's own. */
export function presentEvent(event: EventView) {
  return {
    id: formatId('evt', event.id),
    external_id: event.externalId,
    type: event.type,
    attributes: event.attributes,
    occurred_at: time(event.occurredAt),
    created_at: time(event.createdAt),
    deliveries: event.deliveries.map(presentDelivery),
  };
}

function responseOf({ status, responseHeaders, responseBody, responseTruncated }: AttemptView) {
  if (status === null) return null;
  return { status, headers: responseHeaders ?? {}, body: responseBody ?? '', truncated: responseTruncated };
}
