import type { RetryPolicy } from './failure-policy.ts';

/** Delays are spread by ± this share, so that a backlog does not come back as one storm. */
export const JITTER = 0.2;

/** A receiver's `Retry-After` may stretch the wait up to this; beyond it is taken for a mistake. */
export const RETRY_AFTER_CAP_MS = 24 * 60 * 60 * 1000;

/** How many attempts the policy allows in all, the first one counted. */
export function maxAttempts(policy: RetryPolicy): number {
  switch (policy.kind) {
    case 'none':
      return 1;
    case 'linear':
    case 'exponential':
      return policy.maxAttempts;
    case 'list':
      return policy.delaysMs.length + 1;
  }
}

/**
 * How long to wait after the `attempt`-th attempt (from 1) failed, in ms; null when it was the last one.
 * `random` in [0, 1) places the delay within ± {@link JITTER} of the policy's own.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number | null {
  if (attempt >= maxAttempts(policy)) return null;
  const base = baseDelayMs(policy, attempt);
  return Math.round(base * (1 - JITTER + 2 * JITTER * random));
}

/** The receiver's wish, honoured between the policy's own delay and {@link RETRY_AFTER_CAP_MS}. */
export function honourRetryAfter(delayMs: number, retryAfterMs: number | undefined): number {
  if (retryAfterMs === undefined) return delayMs;
  return Math.max(delayMs, Math.min(retryAfterMs, RETRY_AFTER_CAP_MS));
}

function baseDelayMs(policy: RetryPolicy, attempt: number): number {
  switch (policy.kind) {
    case 'none':
      return 0;
    case 'linear':
      return Math.min(policy.intervalMs * attempt, policy.capMs);
    case 'exponential': {
      // Kept finite: an interval of 0 times infinity is no number.
      const growth = Math.min(policy.factor ** (attempt - 1), Number.MAX_VALUE);
      return Math.min(policy.intervalMs * growth, policy.capMs);
    }
    case 'list':
      return policy.delaysMs[attempt - 1] ?? 0;
  }
}
