import type { FailurePolicy, RetryPolicy } from '@hooklane/domain';
import { z } from 'zod';

export const triggerSchema = z
  .string()
  .regex(
    /^([1345]xx|timeout|network|[1345]\d\d)$/,
    'must be 1xx, 3xx, 4xx, 5xx, timeout, network or a status code that is not 2xx',
  );

const retrySchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('linear'), interval_ms: z.int(), cap_ms: z.int(), max_attempts: z.int() }),
    z.strictObject({
      kind: z.literal('exponential'),
      interval_ms: z.int(),
      factor: z.number(),
      cap_ms: z.int(),
      max_attempts: z.int(),
    }),
    z.strictObject({ kind: z.literal('list'), delays_ms: z.array(z.int()) }),
  ])
  .meta({ id: 'RetryPolicy' });

export const failurePolicySchema = z
  .strictObject({
    retry_on: z.array(triggerSchema).describe('Failures that are retried: classes, or single status codes.'),
    retry: retrySchema,
    expire_after_ms: z
      .int()
      .nullable()
      .describe(
        'An attempt that would start later than this after the event was accepted is not made. Null: no limit.',
      ),
    suspend: z
      .strictObject({ after_failures: z.int(), after_ms: z.int() })
      .nullable()
      .describe('Suspended when both hold; null: never for failing.'),
    divert: z.boolean().describe('Keep events that could not be delivered.'),
    alert_url: z
      .string()
      .nullable()
      .describe('Told, signed like any other delivery, when the webhook fails, is suspended, or has events set aside.'),
  })
  .meta({ id: 'FailurePolicy' });

export function presentFailurePolicy(policy: FailurePolicy): z.output<typeof failurePolicySchema> {
  return {
    retry_on: [...policy.retryOn],
    retry: presentRetry(policy.retry),
    expire_after_ms: policy.expireAfterMs,
    suspend: policy.suspend && { after_failures: policy.suspend.afterFailures, after_ms: policy.suspend.afterMs },
    divert: policy.divert,
    alert_url: policy.alertUrl,
  };
}

function presentRetry(retry: RetryPolicy): z.output<typeof retrySchema> {
  switch (retry.kind) {
    case 'none':
      return { kind: retry.kind };
    case 'linear': {
      const { kind, intervalMs, capMs, maxAttempts } = retry;
      return { kind, interval_ms: intervalMs, cap_ms: capMs, max_attempts: maxAttempts };
    }
    case 'exponential': {
      const { kind, intervalMs, factor, capMs, maxAttempts } = retry;
      return { kind, interval_ms: intervalMs, factor, cap_ms: capMs, max_attempts: maxAttempts };
    }
    case 'list':
      return { kind: retry.kind, delays_ms: [...retry.delaysMs] };
  }
}
