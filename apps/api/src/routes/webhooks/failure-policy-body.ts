import type { FailurePolicy, RetryPolicy, Trigger } from '@hooklane/domain';
import { URL_CHARS } from '@hooklane/domain';
import { z } from 'zod';
import { triggerSchema } from './failure-policy.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
const MOST_ATTEMPTS = 50;

const delayMs = z
  .int()
  .min(10)
  .max(7 * DAY_MS);
const capMs = delayMs.default(DAY_MS);
const intervalMs = delayMs.default(5 * SECOND_MS);
const maxAttempts = z.int().min(1).max(MOST_ATTEMPTS).default(11);

const retry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('linear'), interval_ms: intervalMs, cap_ms: capMs, max_attempts: maxAttempts }),
  z.strictObject({
    kind: z.literal('exponential'),
    interval_ms: intervalMs,
    factor: z.number().min(1).max(10).default(4),
    cap_ms: capMs,
    max_attempts: maxAttempts,
  }),
  z.strictObject({ kind: z.literal('list'), delays_ms: z.array(delayMs).min(1).max(MOST_ATTEMPTS) }),
]);

const trigger = triggerSchema.transform((text) => text as Trigger);

/** What a request says about failing. Each field given replaces the one there is; those left out stay. */
export const failurePolicyBody = z
  .strictObject({
    retry_on: z.array(trigger).max(64).optional(),
    retry: retry.meta({ id: 'RetryPolicyInput' }).transform(toRetryPolicy).optional(),
    expire_after_ms: z
      .int()
      .min(SECOND_MS)
      .max(30 * DAY_MS)
      .nullish(),
    suspend: z
      .strictObject({
        after_failures: z.int().min(1).max(10_000).default(20),
        after_ms: z
          .int()
          .min(0)
          .max(30 * DAY_MS)
          .default(HOUR_MS),
      })
      .nullish(),
    divert: z.boolean().optional(),
    alert_url: z.string().min(1).max(URL_CHARS).nullish(),
  })
  .meta({ id: 'FailurePolicyInput', description: 'What is given replaces what there is; what is left out stays.' });

export type FailurePolicyBody = z.output<typeof failurePolicyBody>;

export function mergeFailurePolicy(now: FailurePolicy, body: FailurePolicyBody = {}): FailurePolicy {
  return {
    retryOn: body.retry_on ?? now.retryOn,
    retry: body.retry ?? now.retry,
    expireAfterMs: body.expire_after_ms === undefined ? now.expireAfterMs : body.expire_after_ms,
    suspend: mergeSuspend(now.suspend, body.suspend),
    divert: body.divert ?? now.divert,
    alertUrl: body.alert_url === undefined ? now.alertUrl : body.alert_url,
  };
}

function mergeSuspend(now: FailurePolicy['suspend'], body: FailurePolicyBody['suspend']): FailurePolicy['suspend'] {
  if (body === undefined) return now;
  return body && { afterFailures: body.after_failures, afterMs: body.after_ms };
}

function toRetryPolicy(body: z.output<typeof retry>): RetryPolicy {
  switch (body.kind) {
    case 'none':
      return { kind: 'none' };
    case 'linear':
      return {
        kind: 'linear',
        intervalMs: body.interval_ms,
        capMs: body.cap_ms,
        maxAttempts: body.max_attempts,
      };
    case 'exponential':
      return {
        kind: 'exponential',
        intervalMs: body.interval_ms,
        factor: body.factor,
        capMs: body.cap_ms,
        maxAttempts: body.max_attempts,
      };
    case 'list':
      return { kind: 'list', delaysMs: body.delays_ms };
  }
}
