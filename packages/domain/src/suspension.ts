import type { Origin, Outcome } from './delivery.ts';
import type { FailurePolicy } from './failure-policy.ts';

/** The run of failures a webhook is in. */
export interface FailureRun {
  /** Failures in a row, up to now. */
  failures: number;
  /** Time since the first failure of the run. */
  lastedMs: number;
}

/**
 * Suspend only when there were many failures in a row **and** they have gone on for long: a pure count would
 * suspend a busy webhook within seconds of an outage, a pure time a quiet one after a single failure.
 */
export function suspensionDue(run: FailureRun, rule: FailurePolicy['suspend']): boolean {
  return rule !== null && run.failures >= rule.afterFailures && run.lastedMs >= rule.afterMs;
}

/** What an attempt says about its webhook's health. A ping says nothing bad, an alert nothing at all; a blocked address is a failure too. */
export function healthSign(outcome: Outcome, origin: Origin): 'success' | 'failure' | 'none' {
  if (origin === 'alert') return 'none';
  if (outcome.kind === 'accepted') return 'success';
  return origin === 'ping' ? 'none' : 'failure';
}
