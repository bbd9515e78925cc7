import { formatId } from '@hooklane/domain';
import type { DeliveryView } from '@hooklane/engine';
import { z } from 'zod';
import { idText, time, timestamp } from '../../contract/fields.ts';
import { originSchema } from './attempt.ts';

export const deliveryState = z
  .enum(['pending', 'delivered', 'diverted', 'discarded'])
  .meta({ id: 'DeliveryState', description: 'Where a delivery stands.' });

export const deliverySchema = z
  .strictObject({
    id: idText('dlv'),
    event_id: idText('evt'),
    webhook_id: idText('wh'),
    origin: originSchema,
    state: deliveryState,
    reason: z.string().nullable().describe('Why it was diverted or discarded.'),
    attempts: z.int().describe('Attempts made, told when the delivery has ended.'),
    created_at: timestamp,
    finished_at: timestamp.nullable(),
  })
  .meta({
    id: 'Delivery',
    description: 'One event for one webhook.',
    examples: [
      {
        id: 'dlv_01ja8v5qk3f7nr2xw9m4t6y0bc',
        event_id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc',
        webhook_id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
        origin: 'event',
        state: 'delivered',
        reason: null,
        attempts: 2,
        created_at: '2026-01-02T03:04:05.000Z',
        finished_at: '2026-01-02T03:04:10.000Z',
      },
    ],
  });

export function presentDelivery(delivery: DeliveryView): z.output<typeof deliverySchema> {
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
