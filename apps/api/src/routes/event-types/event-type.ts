import type { EventType, EventTypeSummary, SchemaVersion } from '@hooklane/engine';
import { z } from 'zod';
import { time, timestamp } from '../../contract/fields.ts';

const summary = {
  type: z.string(),
  description: z.string().nullable(),
  group: z.string().nullable().describe('A heading to list it under.'),
  deprecated: z.boolean().describe('Still taken; whoever publishes it is told.'),
  schema_version: z.int().nullable().describe('Of the schema that payloads are checked by; null: by none.'),
  created_at: timestamp,
  updated_at: timestamp,
};

const example = {
  type: 'invoice.paid',
  description: 'A customer has paid an invoice.',
  group: 'billing',
  deprecated: false,
  schema_version: 2,
  created_at: '2026-01-02T03:04:05.000Z',
  updated_at: '2026-02-03T04:05:06.000Z',
};

/** Draft 2020-12, or draft-07. Either may be a mere true or false. */
export const jsonSchema = z
  .union([z.boolean(), z.record(z.string(), z.unknown())])
  .meta({ id: 'JsonSchema', examples: [{ type: 'object', required: ['invoice'] }] });

export const eventTypeSummarySchema = z.strictObject(summary).meta({ id: 'EventTypeSummary', examples: [example] });

export const eventTypeSchema = z
  .strictObject({
    ...summary,
    schema: jsonSchema.nullable().describe('The schema that holds now, or of the version asked for.'),
    examples: z.array(z.unknown()).describe('Payloads as they may be.'),
  })
  .meta({
    id: 'EventType',
    examples: [
      { ...example, schema: { type: 'object', required: ['invoice'] }, examples: [{ invoice: 'inv_7', amount: 1200 }] },
    ],
  });

export const schemaVersionSchema = z
  .strictObject({ version: z.int(), created_at: timestamp })
  .meta({ id: 'SchemaVersion', examples: [{ version: 2, created_at: '2026-02-03T04:05:06.000Z' }] });

export function presentEventTypeSummary(eventType: EventTypeSummary): z.output<typeof eventTypeSummarySchema> {
  return {
    type: eventType.type,
    description: eventType.description,
    group: eventType.group,
    deprecated: eventType.deprecated,
    schema_version: eventType.schemaVersion,
    created_at: time(eventType.createdAt),
    updated_at: time(eventType.updatedAt),
  };
}

export function presentEventType(eventType: EventType) {
  const { schema, examples } = eventType;
  return { ...presentEventTypeSummary(eventType), schema, examples };
}

export function presentVersion({ version, createdAt }: SchemaVersion): z.output<typeof schemaVersionSchema> {
  return { version, created_at: time(createdAt) };
}
