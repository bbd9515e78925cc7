import type { EventTypeSettings } from '@hooklane/engine';
import { z } from 'zod';
import { nameText, storableText } from '../../contract/fields.ts';
import { jsonSchema } from './event-type.ts';

const EXAMPLES = 10;

/** What a group may be called. */
export const groupName = nameText(64);

export const eventTypeBody = z
  .strictObject({
    description: storableText(2_000).nullish(),
    group: groupName.nullish().describe('A heading to list it under.'),
    deprecated: z.boolean().default(false).describe('Still taken; whoever publishes it is told.'),
    schema: jsonSchema
      .nullish()
      .describe(
        'A JSON Schema of draft 2020-12 (the default) or draft-07, at most 32 KiB and 200 subschemas, that refers to nothing but itself and has patterns without look-around and back-references. Checked are the formats `date`, `time`, `date-time`, `duration`, `uri`, `uri-reference`, `email`, `hostname`, `ipv4`, `ipv6`, `uuid` and `json-pointer`. Default: payloads are not checked.',
      ),
    examples: z.array(z.unknown()).max(EXAMPLES).default([]).describe('Payloads; they must fit the schema.'),
  })
  .meta({
    id: 'EventTypeBody',
    examples: [
      {
        description: 'A customer has paid an invoice.',
        group: 'billing',
        schema: { type: 'object', properties: { invoice: { type: 'string' } }, required: ['invoice'] },
        examples: [{ invoice: 'inv_7', amount: 1200 }],
      },
    ],
  });

export function eventTypeSettings(body: z.output<typeof eventTypeBody>): EventTypeSettings {
  const { description = null, group = null, deprecated, schema = null, examples } = body;
  return { description, group, deprecated, schema, examples };
}
