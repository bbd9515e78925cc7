import type { DiscardReason, DivertReason, Origin, Outcome } from './delivery.ts';
import type { FailurePolicy, Trigger } from './failure-policy.ts';
import { honourRetryAfter, retryDelayMs } from './retry-schedule.ts';
import type { Standing } from './webhook.ts';

/** What follows from an attempt. */
export type NextStep =
  | { kind: 'delivered' }
  | { kind: 'retry'; delayMs: number }
  | { kind: 'divert'; reason: DivertReason; suspend: boolean }
  | { kind: 'discard'; reason: DiscardReason; suspend: boolean };

export interface AttemptResult {
  outcome: Outcome;
  /** From 1; a resend begins a new round. */
  attemptInRound: number;
  /** Time since the round began. */
  ageMs: number;
  origin: Origin;
  policy: FailurePolicy;
  /** In [0, 1); spreads the retries. */
  random: number;
}

/** The rule. Everything Hooklane decides about a delivery after an attempt is decided here. */
export function nextStep(result: AttemptResult): NextStep {
  const { outcome, origin, policy } = result;
  if (outcome.kind === 'accepted') return { kind: 'delivered' };
  if (origin === 'alert' && isGone(outcome)) return ALERT_FAILED;
  if (isGone(outcome)) return setAside(result, 'gone', true);
  if (origin === 'ping') return { kind: 'discard', reason: 'ping_failed', suspend: false };
  if (!isRetried(outcome, policy.retryOn)) return setAside(result, 'not_retried');

  const ownDelayMs = retryDelayMs(policy.retry, result.attemptInRound, result.random);
  if (ownDelayMs === null) return setAside(result, 'retries_exhausted');

  const delayMs = honourRetryAfter(ownDelayMs, retryAfter(outcome));
  if (policy.expireAfterMs !== null && result.ageMs + delayMs > policy.expireAfterMs)
    return setAside(result, 'expired');
  return { kind: 'retry', delayMs };
}

/** What must happen to a claimed delivery instead of an attempt; null when it may be sent. */
export function stepWithoutSending(claimed: {
  standing: Standing;
  hasEvent: boolean;
  origin: Origin;
  divert: boolean;
}): NextStep | null {
  const { standing, origin, divert } = claimed;
  if (standing === 'deleted') return { kind: 'discard', reason: 'deleted', suspend: false };
  if (!claimed.hasEvent) return { kind: 'discard', reason: 'event_missing', suspend: false };
  // An alert tells that it does not.
  if (origin === 'alert') return null;
  // A ping is how one finds out whether a suspended webhook works again.
  if (standing === 'active' || origin === 'ping') return null;
  return { kind: divert ? 'divert' : 'discard', reason: standing, suspend: false };
}

/** What a failure is called in a policy's triggers and in a diverted event. */
export function triggerOf(outcome: Outcome): Trigger {
  switch (outcome.kind) {
    case 'accepted':
    case 'rejected':
      return `${outcome.status}`;
    case 'timed-out':
      return 'timeout';
    case 'unreachable':
    case 'blocked':
      return 'network';
  }
}

/** Nobody is told that telling failed: it would never end. */
const ALERT_FAILED: NextStep = { kind: 'discard', reason: 'alert_failed', suspend: false };

function setAside({ origin, policy }: AttemptResult, reason: DivertReason, suspend = false): NextStep {
  if (origin === 'alert') return ALERT_FAILED;
  if (origin === 'ping') return { kind: 'discard', reason: 'ping_failed', suspend };
  return { kind: policy.divert ? 'divert' : 'discard', reason, suspend };
}

/** 410: the receiver says that it is gone for good (Standard Webhooks: disable at once). */
function isGone(outcome: Outcome): boolean {
  return outcome.kind === 'rejected' && outcome.status === 410;
}

function isRetried(outcome: Outcome, retryOn: readonly Trigger[]): boolean {
  if (retryOn.includes(triggerOf(outcome))) return true;
  return outcome.kind === 'rejected' && retryOn.includes(classOf(outcome.status));
}

/** HTTP lets a receiver answer 099 or 999; they count as the nearest class, lest no policy ever retries them. */
function classOf(status: number): Trigger {
  if (status < 200) return '1xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}

/** Only answers that mean "later" (Standard Webhooks); on others the header is noise. */
function retryAfter(outcome: Outcome): number | undefined {
  if (outcome.kind !== 'rejected') return undefined;
  return [429, 502, 503, 504].includes(outcome.status) ? outcome.retryAfterMs : undefined;
}
