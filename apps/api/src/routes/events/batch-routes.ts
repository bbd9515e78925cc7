import type { BatchOutcome, Publication, PublishPorts } from '@hooklane/engine';
import { publishBatch as publishAll } from '@hooklane/engine';
import { answer } from '../../contract/answer.ts';
import { route } from '../../contract/route.ts';
import { batchAnswer, presentBatch } from './batch-answer.ts';
import type { BatchItem } from './batch-body.ts';
import { BATCH_BYTES, batchOf, newEventBatch } from './batch-body.ts';
import { idempotencyKeySchema } from './publish-body.ts';
import { logFault, toldOfBatch } from './publish-log.ts';

export const publishBatch = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/events/batch',
    operationId: 'publishEvents',
    summary: 'Publish up to 1,000 events',
    description:
      'Each event is accepted or refused by itself, as if it had been published alone: a bad one does not fail the others, and the batch is not one transaction. `data` has an answer per event, in their order. The body may have 8 MiB. 202: all are stored. 207: some are not, `data` says which. An error: none is known to be stored; with 503 send the batch again, with the same keys.',
    tag: 'Events',
    access: 'events:write',
    isTraced: true,
    headers: {
      'idempotency-key': {
        schema: idempotencyKeySchema,
        description:
          'Serves the events that have neither an `idempotency_key` nor an `id`: each is known by this key and its place in the batch, so that the same batch may be sent again.',
        problem: 'idempotency_key_invalid',
      },
    },
    rawBody: { schema: newEventBatch, maxBytes: () => BATCH_BYTES },
    answers: {
      202: { schema: batchAnswer, description: 'All stored. They will be delivered.' },
      207: { schema: batchAnswer, description: 'Some stored, or none.' },
    },
    problems: ['payload_too_deep', 'schema_timeout'],
  },
  async ({ org, headers, body, requestId, traceparent, takeTokens, tell }, { ports, limits, logger }) => {
    const items = batchOf({ orgId: org.id, requestId, traceparent, body, key: headers['idempotency-key'] }, limits);
    takeTokens(items.filter((item) => 'publication' in item).length);
    const outcomes = await publishItems(ports, org.id, items);
    tell(toldOfBatch(outcomes, body.length));
    logFault(logger, requestId, outcomes);
    const { status, body: answered } = presentBatch(outcomes);
    return status === 202 ? answer(202, answered) : answer(207, answered);
  },
);

/** What could not be read is in its place among the outcomes. */
async function publishItems(
  ports: PublishPorts,
  orgId: Publication['orgId'],
  items: readonly BatchItem[],
): Promise<BatchOutcome[]> {
  const publications = items.flatMap((item) => ('publication' in item ? [item.publication] : []));
  const outcomes = (await publishAll(ports, orgId, publications)).values();
  return items.map((item) => ('error' in item ? { kind: 'failed', error: item.error } : nextOf(outcomes)));
}

function nextOf(outcomes: Iterator<BatchOutcome>): BatchOutcome {
  const { done, value } = outcomes.next();
  if (done) throw new TypeError('a batch has an outcome for each of its events');
  return value;
}
