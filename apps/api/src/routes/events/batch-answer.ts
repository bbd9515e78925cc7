import type { BatchOutcome } from '@hooklane/engine';
import { z } from 'zod';
import { problemOf, refusalFor } from '../../http/problem.ts';
import { presentPublished, published } from './published.ts';

const acceptedItem = z.strictObject({ status: z.literal(202), ...published }).meta({
  id: 'AcceptedBatchItem',
  description: 'Stored; it will be delivered.',
  examples: [{ status: 202, id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc', deliveries: 3 }],
});

const refusedItem = z
  .strictObject({
    status: z.int().describe('As it would be answered alone.'),
    error: z.strictObject({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      code: z.string(),
      detail: z.string().optional(),
      errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
    }),
  })
  .meta({
    id: 'RefusedBatchItem',
    description: 'Not stored; with 503, not known to be: send it again with the same key.',
  });

export const batchAnswer = z
  .strictObject({ data: z.array(z.union([acceptedItem, refusedItem])).describe('In the order of the events.') })
  .meta({
    id: 'BatchAnswer',
    examples: [{ data: [{ status: 202, id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc', deliveries: 3 }] }],
  });

/** Where nothing was stored and our side is to blame for all of it, the batch fails as one request: throws why. */
export function presentBatch(outcomes: readonly BatchOutcome[]): {
  status: 202 | 207;
  body: z.output<typeof batchAnswer>;
} {
  const [first] = outcomes;
  if (first?.kind === 'failed' && outcomes.every(isOurFault)) throw first.error;
  const isAll = outcomes.every((outcome) => outcome.kind === 'accepted');
  return { status: isAll ? 202 : 207, body: { data: outcomes.map(presentItem) } };
}

function isOurFault(outcome: BatchOutcome): boolean {
  return outcome.kind === 'failed' && refusalFor(outcome.error).status >= 500;
}

function presentItem(outcome: BatchOutcome): z.output<typeof batchAnswer>['data'][number] {
  if (outcome.kind === 'accepted') return { status: 202, ...presentPublished(outcome.published) };
  const refusal = refusalFor(outcome.error);
  return { status: refusal.status, error: problemOf(refusal) };
}
