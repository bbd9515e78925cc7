import { formatId } from '@hooklane/domain';
import type { EventView, StoredEvent } from '@hooklane/engine';
import { z } from 'zod';
import { idText, time, timestamp } from '../../contract/fields.ts';
import { deliverySchema, presentDelivery } from '../deliveries/delivery.ts';

const stored = {
  id: idText('evt'),
  external_id: z.string().nullable().describe("The producer's own id, if it gave one."),
  request_id: z
    .string()
    .describe("The producer's name for what caused it, or the id of the request that published it."),
  type: z.string(),
  schema_version: z.int().nullable().describe('Of the schema that its payload was checked by; null: by none.'),
  attributes: z.record(z.string(), z.string()),
  occurred_at: timestamp,
  created_at: timestamp.describe('When it was accepted.'),
  payload: z.unknown().describe('Byte for byte as it was published.'),
};

const example = {
  id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc',
  external_id: 'inv_7-paid',
  request_id: 'req_5f0c1e7a9d0b4c3fa1d2e3f405162738',
  type: 'invoice.paid',
  schema_version: null,
  attributes: { region: 'eu' },
  occurred_at: '2026-01-02T03:04:05.000Z',
  created_at: '2026-01-02T03:04:05.120Z',
  payload: { invoice: 'inv_7', amount: 1200 },
};

/** As lists show it. */
export const storedEventSchema = z.strictObject(stored).meta({ id: 'StoredEvent', examples: [example] });

export const eventSchema = z
  .strictObject({
    ...stored,
    deliveries: z.array(deliverySchema).max(100).describe('The first 100, oldest first.'),
    deliveries_next_cursor: z
      .string()
      .nullable()
      .describe('For the list of its deliveries, which goes on where these end; null when these are all.'),
  })
  .meta({ id: 'Event', examples: [{ ...example, deliveries: [], deliveries_next_cursor: null }] });

/** Without its payload. */
export function presentStored(event: StoredEvent): Omit<z.output<typeof storedEventSchema>, 'payload'> {
  return {
    id: formatId('evt', event.id),
    external_id: event.externalId,
    request_id: event.requestId,
    type: event.type,
    schema_version: event.schemaVersion,
    attributes: event.attributes,
    occurred_at: time(event.occurredAt),
    created_at: time(event.createdAt),
  };
}

/** Without its payload. */
export function presentEvent(event: EventView): Omit<z.output<typeof eventSchema>, 'payload'> {
  return {
    ...presentStored(event),
    deliveries: event.deliveries.data.map(presentDelivery),
    deliveries_next_cursor: event.deliveries.nextCursor,
  };
}
