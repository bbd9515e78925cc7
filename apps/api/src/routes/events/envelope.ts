import { createHash } from 'node:crypto';
import { attributeProblems, DomainError, scanPublishBody } from '@hooklane/domain';
import type { Publication } from '@hooklane/engine';
import { z } from 'zod';
import { eventTypeName, moment } from '../../contract/fields.ts';
import type { PayloadLimits } from '../../contract/route.ts';
import { parse, refuseProtoKeys } from '../../http/read-body.ts';
import { invalidField } from '../../http/zod-problems.ts';

/** What an event may have besides its payload when it is published, alone or in a batch. */

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;
const VISIBLE_ASCII_RULE = 'must be 1 to 255 visible ASCII characters';

export const visibleAscii = z.string().regex(VISIBLE_ASCII, VISIBLE_ASCII_RULE);

/** A type that is the org's to publish. */
export const ownEventType = eventTypeName.regex(
  /^(?!hooklane\.)/,
  'must not start with hooklane., which is what we tell of ourselves',
);

export const envelope = {
  type: ownEventType,
  id: visibleAscii
    .optional()
    .describe("The producer's own id of the event. Without an idempotency key it serves as one."),
  attributes: z.record(z.string(), z.string()).optional().describe('What webhooks may filter by: at most 32.'),
  occurred_at: moment.optional().describe('Default: when it was accepted.'),
  request_id: visibleAscii
    .optional()
    .describe(
      "The producer's own name for what caused the event; events can be listed by it. Default: the id of this request, as in `x-request-id` of its answer.",
    ),
  schema_version: z
    .int()
    .min(1)
    .max(9_999)
    .optional()
    .describe('The version of its schema that the payload is checked by. Default: the current one, if there is one.'),
};

/** For the document: the payload is never parsed. */
export const payloadField = z.unknown().describe('Any JSON. Receivers get these very bytes.');

const envelopeSchema = z.strictObject({ ...envelope, payload: z.unknown() });
export type Envelope = z.output<typeof envelopeSchema>;

/** What a publication is made of; the payload stays the bytes it is. */
export type Unkeyed = Omit<Publication, 'idempotency'>;

/** Reads one event. `schema`: its fields, those of {@link envelope} and perhaps more. */
export function readEnvelope<T extends Envelope>(
  bytes: Buffer,
  schema: z.ZodType<T>,
  limits: PayloadLimits,
): { payload: Buffer; fields: T } {
  const scan = scanPublishBody(bytes, limits);
  if (!scan.ok) throw new DomainError(scan.code, scan.message);
  const parsed: unknown = JSON.parse(scan.envelope);
  refuseProtoKeys(scan.envelope, parsed);
  const fields = parse(schema, parsed);
  if (scan.payload === null) throw invalidField('payload', 'This field is required.');
  const problems = fields.attributes === undefined ? [] : attributeProblems(fields.attributes);
  if (problems.length > 0) throw new DomainError('invalid_field', undefined, { problems });
  return { payload: bytes.subarray(scan.payload.start, scan.payload.end), fields };
}

/** `requestId`: where the event names none. */
export function unkeyedOf(
  { payload, fields }: { payload: Buffer; fields: Envelope },
  { orgId, requestId, traceparent = null }: Pick<Publication, 'orgId' | 'requestId' | 'traceparent'>,
): Unkeyed {
  return {
    orgId,
    type: fields.type,
    payload,
    attributes: fields.attributes ?? {},
    externalId: fields.id ?? null,
    occurredAt: fields.occurred_at ?? null,
    requestId: fields.request_id ?? requestId,
    schemaVersion: fields.schema_version ?? null,
    traceparent,
  };
}

/**
 * The kinds of keys have prefixes of their own: an event's id must not meet another event's key. `key`: given for this
 * event alone.
 */
export function keyedBy(key: string | undefined, unkeyed: Unkeyed): Publication {
  if (key !== undefined) return withKey(`key:${key}`, unkeyed);
  return unkeyed.externalId === null ? { ...unkeyed, idempotency: null } : withKey(`id:${unkeyed.externalId}`, unkeyed);
}

export function withKey(key: string, unkeyed: Unkeyed): Publication {
  return { ...unkeyed, idempotency: { key, requestHash: hashOf(unkeyed) } };
}

/**
 * Of what was asked for, not of how it was written: the order of the envelope's fields may differ between two clients.
 * What caused the event is no part of it: a producer that tries again may have another name for that.
 */
function hashOf({ type, payload, attributes, externalId, occurredAt, schemaVersion }: Unkeyed): Buffer {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  // JSON text has no line feed of its own, so that the two parts cannot run into each other.
  const text = JSON.stringify([type, externalId, occurredAt, sorted, schemaVersion ?? null]);
  return createHash('sha256').update(text).update('\n').update(payload).digest();
}
