import type { NewWebhook } from '@hooklane/client';
import type { Range } from './world.ts';

/** What a webhook says about failing, in the model's own words. Delays are the same for all retries. */
export interface Policy {
  readonly maxAttempts: number;
  readonly delayMs: number;
  readonly divert: boolean;
  readonly suspend: { readonly afterFailures: number; readonly afterMs: number } | null;
  readonly expireAfterMs: number | null;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const patient: Policy = {
  maxAttempts: 3,
  delayMs: 10 * MINUTE,
  divert: true,
  suspend: null,
  expireAfterMs: null,
};

export const POLICIES = {
  patient,
  'one-shot': { ...patient, maxAttempts: 1 },
  'suspended-soon': { ...patient, maxAttempts: 4, suspend: { afterFailures: 2, afterMs: 0 } },
  'suspended-later': { ...patient, suspend: { afterFailures: 2, afterMs: 5 * MINUTE } },
  'not-diverting': { ...patient, maxAttempts: 2, divert: false, suspend: { afterFailures: 3, afterMs: 0 } },
  expiring: { ...patient, maxAttempts: 5, expireAfterMs: 15 * MINUTE },
  // So soon that the retry rides in the queue.
  quick: { ...patient, delayMs: 20 * SECOND },
} satisfies Record<string, Policy>;

export type PolicyName = keyof typeof POLICIES;

export function wirePolicy(policy: Policy): NonNullable<NewWebhook['failure_policy']> {
  const { maxAttempts, delayMs, divert, suspend, expireAfterMs } = policy;
  return {
    retry: { kind: 'linear', interval_ms: delayMs, cap_ms: delayMs, max_attempts: maxAttempts },
    divert,
    suspend: suspend && { after_failures: suspend.afterFailures, after_ms: suspend.afterMs },
    expire_after_ms: expireAfterMs,
  };
}

/** What a throttled receiver asks for: more than any policy's own delay. */
export const RETRY_AFTER_MS = HOUR;

export type Verdict =
  | { readonly is: 'delivered' }
  | { readonly is: 'retry'; readonly delay: Range }
  | { readonly is: 'aside'; readonly reason: string };

/** Everything that may follow from an answer: more than one only where times were not seen exactly. */
export function verdicts(
  policy: Policy,
  attempt: { readonly status: number; readonly numberInRound: number; readonly age: Range },
): Verdict[] {
  const { status, numberInRound, age } = attempt;
  if (status === 200) return [{ is: 'delivered' }];
  if (status === 410) return [{ is: 'aside', reason: 'gone' }];
  if (numberInRound >= policy.maxAttempts) return [{ is: 'aside', reason: 'retries_exhausted' }];
  const delay = delayOf(policy, status);
  const limit = policy.expireAfterMs ?? Number.POSITIVE_INFINITY;
  const verdictsHere: Verdict[] = [];
  if (age.min + delay.min <= limit) verdictsHere.push({ is: 'retry', delay });
  if (age.max + delay.max > limit) verdictsHere.push({ is: 'aside', reason: 'expired' });
  return verdictsHere;
}

/** ± 20 %; a longer wish of the receiver wins. */
function delayOf({ delayMs }: Policy, status: number): Range {
  const wish = status === 429 ? RETRY_AFTER_MS : 0;
  return { min: Math.max(delayMs * 0.8, wish), max: Math.max(delayMs * 1.2, wish) };
}

/** Whether the rule suspends a webhook: `may` and not `must` where the times leave it open. */
export function suspends(policy: Policy, run: { readonly failures: number; readonly lasted: Range }) {
  const rule = policy.suspend;
  const enough = rule !== null && run.failures >= rule.afterFailures;
  return { may: enough && run.lasted.max >= rule.afterMs, must: enough && run.lasted.min >= rule.afterMs };
}
