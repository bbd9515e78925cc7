import { createHash } from 'node:crypto';
import { attributeProblems, DomainError, isEventType, scanPublishBody } from '@hooklane/domain';
import type { Publication } from '@hooklane/engine';
import { z } from 'zod';
import { parse, refuseProtoKeys } from './parse.ts';
import { moment } from './schemas.ts';
import { invalidField } from './zod-problems.ts';

/** A publish request as it came. */
export interface PublishRequest {
  orgId: Publication['orgId'];
  requestId: string;
  body: Buffer;
  /** The `Idempotency-Key` header. */
  key: string | string[] | undefined;
}

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

const envelopeSchema = z.strictObject({
  type: z.string().refine(isEventType, 'must be an event type such as invoice.paid'),
  /** Cut out before: it is never parsed. */
  payload: z.unknown(),
  id: z.string().regex(VISIBLE_ASCII, 'must be 1 to 255 visible ASCII characters').optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  occurred_at: moment.optional(),
});

/** Reads the body of a publish request; the payload stays the bytes it is. */
export function publicationOf(request: PublishRequest, limits: { maxDepth: number; maxBytes: number }): Publication {
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

function readBody(body: Buffer, limits: { maxDepth: number; maxBytes: number }) {
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
function idempotencyKey(header: PublishRequest['key'], externalId: string | null): string | null {
  if (header === undefined) return externalId === null ? null : `id:${externalId}`;
  if (typeof header !== 'string' || !VISIBLE_ASCII.test(header)) throw new DomainError('idempotency_key_invalid');
  return `key:${header}`;
}

/** Of what was asked for, not of how it was written: the order of the envelope's fields may differ between two clients. */
function hashOf({ type, payload, attributes, externalId, occurredAt }: Omit<Publication, 'idempotency'>): Buffer {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  // JSON text has no line feed of its own, so that the two parts cannot run into each other.
  const envelope = JSON.stringify([type, externalId, occurredAt, sorted]);
  return createHash('sha256').update(envelope).update('\n').update(payload).digest();
}
