import { formatId } from '@hooklane/domain';
import type { BatchOutcome, Publication, Published } from '@hooklane/engine';
import type { Logger } from '@hooklane/runtime';
import { refusalFor } from '../../http/problem.ts';

type Told = Readonly<Record<string, unknown>>;

/** What the line of a publish request says of its event. */
export function toldOf(publication: Publication, published: Published): Told {
  return {
    event_id: formatId('evt', published.eventId),
    type: publication.type,
    bytes: publication.payload.length,
    deliveries: published.deliveries,
    repeated: published.repeated,
  };
}

/** Of all events of a batch: they are found by the id of the request. `bytes`: of the whole body. */
export function toldOfBatch(outcomes: readonly BatchOutcome[], bytes: number): Told {
  const published = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome.published] : []));
  const failed = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [refusalFor(outcome.error)] : []));
  return {
    events: outcomes.length,
    bytes,
    deliveries: published.reduce((sum, one) => sum + one.deliveries, 0),
    repeated: published.filter((one) => one.repeated).length,
    failed: failed.length,
    codes: [...new Set(failed.map((refusal) => refusal.code))],
  };
}

/** The answer of a batch is no 500 when one of its events met a fault of ours: that has a line of its own. */
export function logFault(logger: Logger, requestId: string, outcomes: readonly BatchOutcome[]): void {
  const fault = outcomes.find((outcome) => outcome.kind === 'failed' && refusalFor(outcome.error).code === 'internal');
  if (fault?.kind === 'failed') logger.error({ err: fault.error, request_id: requestId }, 'batch.event_failed');
}
