import { formatId } from '@hooklane/domain';
import type { BatchOutcome, Publication, Published } from '@hooklane/engine';
import type { Logger } from '@hooklane/runtime';
import { refusalFor } from '../../http/problem.ts';

export function logPublished(logger: Logger, publication: Publication, published: Published): void {
  logger.info(
    {
      event_id: formatId('evt', published.eventId),
      org_id: formatId('org', publication.orgId),
      type: publication.type,
      bytes: publication.payload.length,
      deliveries: published.deliveries,
      repeated: published.repeated,
      request_id: publication.requestId,
    },
    'event.published',
  );
}

interface PublishedBatch {
  orgId: Publication['orgId'];
  requestId: string;
  /** Of the whole body. */
  bytes: number;
  outcomes: readonly BatchOutcome[];
}

/** One line for all: its events are found by the id of the request. */
export function logBatch(logger: Logger, { orgId, requestId, bytes, outcomes }: PublishedBatch): void {
  const published = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome.published] : []));
  const failed = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [refusalFor(outcome.error)] : []));
  logger.info(
    {
      org_id: formatId('org', orgId),
      events: outcomes.length,
      bytes,
      deliveries: published.reduce((sum, one) => sum + one.deliveries, 0),
      repeated: published.filter((one) => one.repeated).length,
      failed: failed.length,
      codes: [...new Set(failed.map((refusal) => refusal.code))],
      request_id: requestId,
    },
    'batch.published',
  );
  const fault = outcomes.find((outcome) => outcome.kind === 'failed' && refusalFor(outcome.error).code === 'internal');
  if (fault?.kind === 'failed') logger.error({ err: fault.error, request_id: requestId }, 'batch.event_failed');
}
