import type { Publication } from '@hooklane/engine';
import { z } from 'zod';
import type { PayloadLimits } from '../../contract/route.ts';
import { envelope, keyedBy, payloadField, readEnvelope, unkeyedOf, visibleAscii } from './envelope.ts';

/** A publish request as it came. */
export interface PublishRequest {
  orgId: Publication['orgId'];
  requestId: string;
  traceparent: string | null;
  body: Buffer;
  /** The `Idempotency-Key` header, already checked. */
  key: string | undefined;
}

export const idempotencyKeySchema = visibleAscii.optional();

const envelopeSchema = z.strictObject({
  ...envelope,
  /** Cut out before: it is never parsed. */
  payload: z.unknown(),
});

/** For the document: the body is read by {@link publicationOf}. */
export const newEvent = z.strictObject({ ...envelope, payload: payloadField }).meta({
  id: 'NewEvent',
  examples: [
    {
      type: 'invoice.paid',
      id: 'inv_7-paid',
      payload: { invoice: 'inv_7', amount: 1200 },
      attributes: { region: 'eu' },
      occurred_at: '2026-01-02T03:04:05Z',
    },
  ],
});

/** Reads the body of a publish request; the payload stays the bytes it is. */
export function publicationOf(request: PublishRequest, limits: PayloadLimits): Publication {
  return keyedBy(request.key, unkeyedOf(readEnvelope(request.body, envelopeSchema, limits), request));
}
