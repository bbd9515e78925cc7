import type { ThrottleReason } from '@hooklane/domain';
import { asksForLess, formatId, isRedelivery } from '@hooklane/domain';
import type { AttemptView } from '@hooklane/engine';
import { z } from 'zod';
import { idText, time, timestamp } from '../../contract/fields.ts';
import { showBody, shownBody } from './shown-body.ts';

const sentHeaders = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

export const originSchema = z
  .enum(['event', 'ping', 'alert', 'resend', 'redeliver', 'replay'])
  .meta({ id: 'Origin', description: 'Why there was something to send.' });

export const outcomeSchema = z
  .enum(['accepted', 'rejected', 'timed-out', 'unreachable', 'blocked'])
  .meta({ id: 'Outcome', description: 'What an attempt came to.' });

export const attemptSchema = z
  .strictObject({
    id: idText('att'),
    webhook_id: idText('wh'),
    delivery_id: idText('dlv'),
    event_id: idText('evt'),
    event_type: z.string(),
    number: z.int().min(1).describe('From 1; a retry is an attempt after the first.'),
    origin: originSchema,
    redelivery: z.boolean().describe('Whether somebody asked for it: by a resend, a redelivery or a replay.'),
    outcome: outcomeSchema,
    detail: z.string().nullable().describe('Phase, network code or reason of an outcome without a status.'),
    status: z.int().nullable().describe('The HTTP status of the receiver; null when it gave none.'),
    throttled: z
      .boolean()
      .describe('Whether it was held up, or the next one is, so that the receiver gets no more than it can take.'),
    throttled_by: z
      .enum(['receiver', 'rate_limit', 'max_in_flight', 'host'])
      .nullable()
      .describe(
        'By what: the receiver asked for less (a 429, or a 502, 503 or 504 with `Retry-After`); or before it was sent it waited for the `rate_limit` or `max_in_flight` of its webhook, or for what the operator lets one host get.',
      ),
    started_at: timestamp,
    duration_ms: z.number(),
    request: z
      .strictObject({
        method: z.literal('POST'),
        url: z.string(),
        headers: sentHeaders,
        ...z.strictObject(shownBody).partial().shape,
      })
      .describe(
        'What was sent. Values of headers that look like credentials are masked. The body is there only where one attempt is asked for, and while its event is stored.',
      ),
    response: z
      .strictObject({
        status: z.int(),
        headers: sentHeaders,
        ...shownBody,
        truncated: z.boolean().describe('There was more: the first 4 KiB are kept.'),
      })
      .nullable(),
    next_step: z.enum(['delivered', 'retry', 'divert', 'discard']),
    next_attempt_at: timestamp.nullable(),
  })
  .meta({
    id: 'Attempt',
    description: 'One HTTP request of a delivery.',
    examples: [
      {
        id: 'att_01ja8v5qk3f7nr2xw9m4t6y0bc',
        webhook_id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
        delivery_id: 'dlv_01ja8v5qk3f7nr2xw9m4t6y0bc',
        event_id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc',
        event_type: 'invoice.paid',
        number: 1,
        origin: 'event',
        redelivery: false,
        outcome: 'rejected',
        detail: null,
        status: 503,
        throttled: true,
        throttled_by: 'receiver',
        started_at: '2026-01-02T03:04:05.000Z',
        duration_ms: 87,
        request: {
          method: 'POST',
          url: 'https://example.com/hooks',
          headers: { 'content-type': 'application/json', 'webhook-id': 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc' },
        },
        response: {
          status: 503,
          headers: { 'retry-after': '5' },
          body: 'busy',
          body_base64: null,
          size_bytes: 4,
          truncated: false,
        },
        next_step: 'retry',
        next_attempt_at: '2026-01-02T03:04:10.000Z',
      },
    ],
  });

/** `sent`: the body that was sent; left out of lists, and where the event is gone. */
export function presentAttempt(attempt: AttemptView, sent: Buffer | null = null): z.output<typeof attemptSchema> {
  return {
    id: formatId('att', attempt.id),
    webhook_id: formatId('wh', attempt.webhookId),
    delivery_id: formatId('dlv', attempt.deliveryId),
    event_id: formatId('evt', attempt.eventId),
    event_type: attempt.eventType,
    number: attempt.number,
    origin: attempt.origin,
    redelivery: isRedelivery(attempt.origin),
    outcome: attempt.outcome,
    detail: attempt.detail,
    status: attempt.status,
    throttled: throttledBy(attempt) !== null,
    throttled_by: throttledBy(attempt),
    started_at: time(attempt.startedAt),
    duration_ms: attempt.durationMs,
    request: { method: 'POST', url: attempt.url, headers: attempt.requestHeaders, ...(sent && showBody(sent)) },
    response: responseOf(attempt),
    next_step: attempt.nextStep,
    next_attempt_at: time(attempt.nextAttemptAt),
  };
}

/** What the receiver says comes first: it decides when the next one goes. */
function throttledBy({ status, responseHeaders, waitedFor }: AttemptView): ThrottleReason | null {
  const saysWhen = responseHeaders !== null && Object.hasOwn(responseHeaders, 'retry-after');
  return status !== null && asksForLess(status, saysWhen) ? 'receiver' : waitedFor;
}

function responseOf({ status, responseHeaders, responseBody, responseTruncated }: AttemptView) {
  if (status === null) return null;
  const body = showBody(responseBody ?? Buffer.alloc(0));
  return { status, headers: responseHeaders ?? {}, ...body, truncated: responseTruncated };
}
