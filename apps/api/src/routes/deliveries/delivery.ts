import { formatId } from '@hooklane/domain';
import type { AttemptView, DeliveryDetail, DeliveryFilter, DeliveryView } from '@hooklane/engine';
import { z } from 'zod';
import { eventTypeName, idText, moment, repeatable, time, timestamp } from '../../contract/fields.ts';
import { pageQuery } from '../../contract/paging.ts';
import { attemptSchema, originSchema, presentAttempt } from './attempt.ts';

export const deliveryState = z
  .enum(['pending', 'delivered', 'diverted', 'discarded'])
  .meta({ id: 'DeliveryState', description: 'Where a delivery stands.' });

const fields = {
  id: idText('dlv'),
  event_id: idText('evt'),
  event_type: z.string().nullable().describe('Null when the event is not stored any more.'),
  webhook_id: idText('wh'),
  origin: originSchema,
  state: deliveryState,
  reason: z.string().nullable().describe('Why it was diverted or discarded.'),
  attempts: z.int().describe('Attempts made by the time it ended last.'),
  created_at: timestamp,
  finished_at: timestamp.nullable(),
};

const example = {
  id: 'dlv_01ja8v5qk3f7nr2xw9m4t6y0bc',
  event_id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc',
  event_type: 'invoice.paid',
  webhook_id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
  origin: 'event',
  state: 'delivered',
  reason: null,
  attempts: 2,
  created_at: '2026-01-02T03:04:05.000Z',
  finished_at: '2026-01-02T03:04:10.000Z',
};

export const deliverySchema = z
  .strictObject(fields)
  .meta({ id: 'Delivery', description: 'One event for one webhook.', examples: [example] });

export const deliveryDetailSchema = z
  .strictObject({
    ...fields,
    sent_as: idText('evt').describe('What `webhook-id` says: the id of the event, unless a replay gave it a new one.'),
    next_attempt: z
      .strictObject({
        number: z.int(),
        due_at: timestamp,
        in_flight: z.boolean().describe('A worker is making it at this moment.'),
      })
      .nullable()
      .describe('While it is pending.'),
    attempt_log: z
      .array(attemptSchema)
      .describe(
        'Its attempts, newest first, those among the last 100 of the webhook. Without the bodies that were sent.',
      ),
  })
  .meta({
    id: 'DeliveryDetail',
    description: 'A delivery with all that is known of it.',
    examples: [{ ...example, sent_as: example.event_id, next_attempt: null, attempt_log: [] }],
  });

/** Which deliveries are meant, in a query. */
export const deliveryQuery = {
  ...pageQuery,
  state: deliveryState.optional(),
  event_type: repeatable(z.array(eventTypeName).min(1).max(32)),
  since: moment.optional().describe('Made at this time or later.'),
  until: moment.optional().describe('Made before this time.'),
};

export function deliveryFilterOf(
  query: Pick<DeliveryFilter, 'state' | 'since' | 'until'> & { event_type?: string[] | undefined },
): DeliveryFilter {
  return { state: query.state, eventTypes: query.event_type, since: query.since, until: query.until };
}

export function presentDelivery(delivery: DeliveryView): z.output<typeof deliverySchema> {
  return {
    id: formatId('dlv', delivery.id),
    event_id: formatId('evt', delivery.eventId),
    event_type: delivery.eventType,
    webhook_id: formatId('wh', delivery.webhookId),
    origin: delivery.origin,
    state: delivery.state,
    reason: delivery.reason,
    attempts: delivery.attempts,
    created_at: time(delivery.createdAt),
    finished_at: time(delivery.finishedAt),
  };
}

export function presentDeliveryDetail(
  delivery: DeliveryDetail,
  attempts: readonly AttemptView[],
): z.output<typeof deliveryDetailSchema> {
  const { next } = delivery;
  return {
    ...presentDelivery(delivery),
    sent_as: formatId('evt', delivery.sentAs),
    next_attempt: next && { number: next.number, due_at: time(next.dueAt), in_flight: next.inFlight },
    attempt_log: attempts.map((attempt) => presentAttempt(attempt)),
  };
}
