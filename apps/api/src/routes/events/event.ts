import { formatId } from '@hooklane/domain';
import type { EventView } from '@hooklane/engine';
import { z } from 'zod';
import { idText, time, timestamp } from '../../contract/fields.ts';
import { deliverySchema, presentDelivery } from '../deliveries/delivery.ts';

export const eventSchema = z
  .strictObject({
    id: idText('evt'),
    external_id: z.string().nullable().describe("The producer's own id, if it gave one."),
    type: z.string(),
    attributes: z.record(z.string(), z.string()),
    occurred_at: timestamp,
    created_at: timestamp,
    deliveries: z.array(deliverySchema).describe('At most 1,000.'),
    payload: z.unknown().describe('Byte for byte as it was published.'),
  })
  .meta({
    id: 'Event',
    examples: [
      {
        id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc',
        external_id: 'inv_7-paid',
        type: 'invoice.paid',
        attributes: { region: 'eu' },
        occurred_at: '2026-01-02T03:04:05.000Z',
        created_at: '2026-01-02T03:04:05.120Z',
        deliveries: [],
        payload: { invoice: 'inv_7', amount: 1200 },
      },
    ],
  });

/** Without its payload. */
export function presentEvent(event: EventView): Omit<z.output<typeof eventSchema>, 'payload'> {
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
