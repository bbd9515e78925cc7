import { formatId } from '@hooklane/domain';
import type { Published } from '@hooklane/engine';
import { z } from 'zod';
import { idText } from '../../contract/fields.ts';

export const published = {
  id: idText('evt'),
  deliveries: z.int().describe('How many webhooks will get it.'),
  deprecated: z.literal(true).optional().describe('There where the catalogue calls its type deprecated.'),
};

export const publishedEvent = z
  .strictObject(published)
  .meta({ id: 'PublishedEvent', examples: [{ id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc', deliveries: 3 }] });

export function presentPublished({ eventId, deliveries, deprecated }: Published): z.output<typeof publishedEvent> {
  return { id: formatId('evt', eventId), deliveries, ...(deprecated && { deprecated }) };
}
