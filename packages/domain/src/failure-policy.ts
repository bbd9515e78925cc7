/** How the delays between the attempts of one delivery grow. All times in milliseconds. */
export type RetryPolicy =
  /** One attempt only. */
  | { kind: 'none' }
  /** The k-th retry waits k × interval, at most the cap. */
  | { kind: 'linear'; intervalMs: number; capMs: number; maxAttempts: number }
  /** The k-th retry waits interval × factor^(k−1), at most the cap. */
  | { kind: 'exponential'; intervalMs: number; factor: number; capMs: number; maxAttempts: number }
  /** The k-th retry waits the k-th entry; the attempts end with the list. */
  | { kind: 'list'; delaysMs: readonly number[] };

/**
 * Which failures are retried: whole classes, or single status codes such as `404`.
 * `network` covers DNS, connection, TLS, protocol and address-guard failures.
 */
export type Trigger = '4xx' | '5xx' | '3xx' | '1xx' | 'timeout' | 'network' | `${number}`;

/** Everything one webhook says about failing. */
export interface FailurePolicy {
  /** Failures that are retried. Default: all. A failure that is not listed ends the delivery at once. */
  retryOn: readonly Trigger[];
  retry: RetryPolicy;
  /**
   * An attempt that would start later than this after the event was accepted is not made; a resend starts the time
   * anew. Null: no limit (default).
   */
  expireAfterMs: number | null;
  /** Suspend the webhook when both hold; null turns the rule off (a 410 still suspends). */
  suspend: { afterFailures: number; afterMs: number } | null;
  /** Keep events that could not be delivered. False discards them, with the reason on record. Default true. */
  divert: boolean;
  /** Where the webhook's owner wants to hear that it fails, is suspended, or has events set aside. Null: nowhere. */
  alertUrl: string | null;
}

const SECOND = 1000;
const HOUR = 3_600 * SECOND;

/** 5 s, 20 s, 80 s … capped at 24 h: 11 attempts over about 78 h (Standard Webhooks asks for about 75 h). */
export const DEFAULT_RETRY: RetryPolicy = {
  kind: 'exponential',
  intervalMs: 5 * SECOND,
  factor: 4,
  capMs: 24 * HOUR,
  maxAttempts: 11,
};

export const DEFAULT_FAILURE_POLICY: FailurePolicy = {
  retryOn: ['1xx', '3xx', '4xx', '5xx', 'timeout', 'network'],
  retry: DEFAULT_RETRY,
  expireAfterMs: null,
  suspend: { afterFailures: 20, afterMs: HOUR },
  divert: true,
  alertUrl: null,
};
