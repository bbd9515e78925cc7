import type { DeliveryId } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { Webhook } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { idText } from '../../contract/fields.ts';
import type { RouteContext } from '../context.ts';
import { attemptSchema, presentAttempt } from './attempt.ts';

/** The attempt that a call has caused; a worker makes it. */
export interface Started {
  webhook: Webhook;
  deliveryId: DeliveryId;
  number: number;
}

const startedSchema = z
  .strictObject({
    delivery_id: idText('dlv'),
    webhook_id: idText('wh'),
    attempt: z.int().describe('The number of the attempt that was begun.'),
  })
  .meta({
    id: 'StartedDelivery',
    examples: [
      { delivery_id: 'dlv_01ja8v5qk3f7nr2xw9m4t6y0bc', webhook_id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc', attempt: 1 },
    ],
  });

/** The answers of a route that causes an attempt and takes `waitQuery`. */
export const startedAnswers = {
  200: { schema: attemptSchema, description: 'With `wait=true`: the attempt, which was over in time.' },
  202: { schema: startedSchema, description: 'It is under way.' },
} as const;

/** What a worker may need on top of the attempt itself, to take it up and to record it. */
const WORKER_MS = 5_000;

/** 200 with the attempt when `wait` is there and it was over in time, otherwise 202: it is under way. */
export async function answerStarted(
  { query, isGone }: { query: { wait: boolean }; isGone: () => boolean },
  { webhook, deliveryId, number }: Started,
  { attemptWait }: Pick<RouteContext, 'attemptWait'>,
) {
  const attempt = query.wait
    ? await attemptWait.until(
        { orgId: webhook.orgId, webhookId: webhook.id, deliveryId, number },
        { timeoutMs: webhook.timeoutMs + WORKER_MS, isGone },
      )
    : null;
  if (attempt) return answer(200, presentAttempt(attempt));
  const started = { delivery_id: formatId('dlv', deliveryId), webhook_id: formatId('wh', webhook.id), attempt: number };
  return answer(202, started);
}
