import { z } from 'zod';
import { answer } from '../../contract/answer.ts';

/** A field of the bodies that begin an operation. */
export const dryRun = z
  .boolean()
  .default(false)
  .describe('Only tell how many would be sent (200, and nothing is begun).');

export const dryRunSchema = z
  .strictObject({
    dry_run: z.literal(true),
    would_send: z.int().nullable().describe('If it began now. Null: more than 100,000 would have to be looked at.'),
  })
  .meta({ id: 'DryRun', examples: [{ dry_run: true, would_send: 1_204 }] });

export function answerDryRun(wouldSend: number | null) {
  return answer(200, { dry_run: true as const, would_send: wouldSend });
}
