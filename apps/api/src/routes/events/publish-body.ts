import { createHash } from 'node:crypto';
import { attributeProblems, DomainError, scanPublishBody } from '@hooklane/domain';
import type { Publication } from '@hooklane/engine';
import { z } from 'zod';
import { eventTypeName, moment } from '../../contract/fields.ts';
import type { PayloadLimits } from '../../contract/route.ts';
import { parse, refuseProtoKeys } from '../../http/read-body.ts';
import { invalidField } from '../../http/zod-problems.ts';

/** A publish request as it came. */
export interface PublishRequest {
  orgId: Publication['orgId'];
  requestId: string;
  body: Buffer;
  /** The `Idempotency-Key` header, already checked. */
  key: string | undefined;
}

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

export const idempotencyKeySchema = z.string().regex(VISIBLE_ASCII).optional();

const envelope = {
  type: eventTypeName,
  id: z
    .string()
    .regex(VISIBLE_ASCII, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .describe("The producer's own id of the event. Without an `Idempotency-Key` it serves as one."),
  attributes: z.record(z.string(), z.string()).optional().describe('What webhooks may filter by: at most 32.'),
  occurred_at: moment.optional().describe('Default: when it was accepted.'),
};

const envelopeSchema = z.strictObject({
  ...envelope,
  /** Cut out before: it is never parsed. */
  payload: z.unknown(),
});

/** For the document: the body is read by {@link publicationOf}. */
export const newEvent = z
  .strictObject({ ...envelope, payload: z.unknown().describe('Any JSON. Receivers get these very bytes.') })
  .meta({
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
  const { payload, fields } = readBody(request.body, limits);
  const unkeyed = {
    orgId: request.orgId,
    type: fields.type,
    payload,
    attributes: fields.attributes ?? {},
    externalId: fields.id ?? null,
    occurredAt: fields.occurred_at ?? null,
    requestId: request.requestId,
  };
  const key = idempotencyKey(request.key, unkeyed.externalId);
  return { ...unkeyed, idempotency: key === null ? null : { key, requestHash: hashOf(unkeyed) } };
}

function readBody(body: Buffer, limits: PayloadLimits) {
  const scan = scanPublishBody(body, limits);
  if (!scan.ok) throw new DomainError(scan.code, scan.message);
  const envelope: unknown = JSON.parse(scan.envelope);
  refuseProtoKeys(scan.envelope, envelope);
  const fields = parse(envelopeSchema, envelope);
  if (scan.payload === null) throw invalidField('payload', 'This field is required.');
  const problems = fields.attributes === undefined ? [] : attributeProblems(fields.attributes);
  if (problems.length > 0) throw new DomainError('invalid_field', undefined, { problems });
  return { payload: body.subarray(scan.payload.start, scan.payload.end), fields };
}

/** The two kinds have prefixes of their own: an event's id must not meet another event's key. */
function idempotencyKey(header: string | undefined, externalId: string | null): string | null {
  if (header !== undefined) return `key:${header}`;
  return externalId === null ? null : `id:${externalId}`;
}

/** Of what was asked for, not of how it was written: the order of the envelope's fields may differ between two clients. */
function hashOf({ type, payload, attributes, externalId, occurredAt }: Omit<Publication, 'idempotency'>): Buffer {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  // JSON text has no line feed of its own, so that the two parts cannot run into each other.
  const envelope = JSON.stringify([type, externalId, occurredAt, sorted]);
  return createHash('sha256').update(envelope).update('\n').update(payload).digest();
}
