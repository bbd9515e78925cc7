import { formatId } from '@hooklane/domain';
import type { DivertedEvent } from '@hooklane/engine';
import { z } from 'zod';
import { idText, time, timestamp } from '../../contract/fields.ts';

export const divertReason = z
  .enum(['retries_exhausted', 'expired', 'not_retried', 'suspended', 'disabled', 'gone'])
  .meta({ id: 'DivertReason', description: 'Why an event was set aside.' });

const fields = {
  org_id: idText('org'),
  webhook_id: idText('wh'),
  event_id: idText('evt'),
  event_type: z.string(),
  attempts: z.int(),
  reason: divertReason,
  trigger: z
    .string()
    .nullable()
    .describe('What failed last: a status code, `timeout` or `network`; null when it was set aside unsent.'),
  message: z.string().describe('For people.'),
  diverted_at: timestamp,
};

const example = {
  org_id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc',
  webhook_id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
  event_id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc',
  event_type: 'invoice.paid',
  attempts: 11,
  reason: 'retries_exhausted',
  trigger: '503',
  message: 'The last of 11 attempts was answered with status 503.',
  diverted_at: '2026-01-05T09:04:05.000Z',
};

export const divertedEventSchema = z.strictObject(fields).meta({ id: 'DivertedEvent', examples: [example] });

export const divertedEventWithPayloadSchema = z
  .strictObject({ ...fields, payload: z.unknown().describe('As it was published; null when the event is gone.') })
  .meta({
    id: 'DivertedEventWithPayload',
    examples: [{ ...example, payload: { invoice: 'inv_7', amount: 1200 } }],
  });

/** Without its payload. */
export function presentDiverted(diverted: DivertedEvent): z.output<typeof divertedEventSchema> {
  return {
    org_id: formatId('org', diverted.orgId),
    webhook_id: formatId('wh', diverted.webhookId),
    event_id: formatId('evt', diverted.eventId),
    event_type: diverted.eventType,
    attempts: diverted.attempts,
    reason: diverted.reason,
    trigger: diverted.trigger,
    message: diverted.message,
    diverted_at: time(diverted.divertedAt),
  };
}
