import { DomainError, scanBatchBody } from '@hooklane/domain';
import type { Publication } from '@hooklane/engine';
import { z } from 'zod';
import type { PayloadLimits } from '../../contract/route.ts';
import { parse, refuseProtoKeys } from '../../http/read-body.ts';
import { invalidField } from '../../http/zod-problems.ts';
import { envelope, keyedBy, payloadField, readEnvelope, unkeyedOf, visibleAscii, withKey } from './envelope.ts';
import type { PublishRequest } from './publish-body.ts';

export const BATCH_EVENTS = 1_000;
export const BATCH_BYTES = 8 * 1024 * 1024;

/** Where the list is looked for its events; how deep each of them may be is asked of each. */
const BATCH_DEPTH = 10_000;

const item = {
  ...envelope,
  idempotency_key: visibleAscii
    .optional()
    .describe('As the header `Idempotency-Key` of an event that is published alone; the two are the same keys.'),
};
const itemSchema = z.strictObject({ ...item, payload: z.unknown() });

const batch = {
  request_id: envelope.request_id.describe('For the events that have none of their own.'),
};
const batchSchema = z.strictObject({ ...batch, events: z.unknown() });

/** For the document: the body is read by {@link batchOf}. */
export const newEventBatch = z
  .strictObject({
    ...batch,
    events: z
      .array(z.strictObject({ ...item, payload: payloadField }).meta({ id: 'NewBatchEvent' }))
      .min(1)
      .max(BATCH_EVENTS),
  })
  .meta({
    id: 'NewEventBatch',
    examples: [
      {
        events: [
          { type: 'invoice.paid', id: 'inv_7-paid', payload: { invoice: 'inv_7' } },
          { type: 'invoice.sent', idempotency_key: '5f0c1e7a', payload: { invoice: 'inv_8' } },
        ],
      },
    ],
  });

/** Of one event of a batch: what it asks for, or why it is refused. */
export type BatchItem = { publication: Publication } | { error: unknown };

/** Throws what is wrong with the batch as a whole. */
export function batchOf(request: PublishRequest, limits: PayloadLimits): BatchItem[] {
  const { body, requestId } = request;
  const scan = scanBatchBody(body, { maxDepth: BATCH_DEPTH, maxEvents: BATCH_EVENTS });
  if (!scan.ok) throw new DomainError(scan.code, scan.message);
  const parsed: unknown = JSON.parse(scan.envelope);
  refuseProtoKeys(scan.envelope, parsed);
  const fields = parse(batchSchema, parsed);
  const { events } = scan;
  if (events === null || events.length === 0) throw invalidField('events', `must be 1 to ${BATCH_EVENTS} events`);
  const given = { ...request, requestId: fields.request_id ?? requestId };
  return events.map(({ start, end }, at) => itemOf({ ...given, body: body.subarray(start, end) }, at, limits));
}

function itemOf(request: PublishRequest, at: number, limits: PayloadLimits): BatchItem {
  try {
    return { publication: publicationAt(request, at, limits) };
  } catch (error) {
    return { error };
  }
}

/** The key of the whole batch serves the events that have no key and no id: they are known by their place in it. */
function publicationAt(request: PublishRequest, at: number, limits: PayloadLimits): Publication {
  const read = readEnvelope(request.body, itemSchema, limits);
  const unkeyed = unkeyedOf(read, request);
  const { idempotency_key: key, id } = read.fields;
  if (key === undefined && id === undefined && request.key !== undefined) {
    return withKey(`batch:${at}:${request.key}`, unkeyed);
  }
  return keyedBy(key, unkeyed);
}
