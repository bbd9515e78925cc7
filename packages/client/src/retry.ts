/**
 * When a call may be made again.
 * `always`: doing it twice comes to the same (reads, deletes, merges, publishing with an idempotency key).
 * `if-not-done`: only when the API certainly did nothing; after a lost answer it might have.
 */
export type Repeat = 'always' | 'if-not-done';

/** The failures after which a call is made again. */
export function retriedFailures(repeat: Repeat): { statusCodes: number[]; errorCodes: string[] } {
  return repeat === 'always'
    ? { statusCodes: [408, 429, 500, 502, 503, 504], errorCodes: NETWORK_FAILURES }
    : { statusCodes: [429, 503], errorCodes: ['ECONNREFUSED'] };
}

/**
 * Milliseconds to wait before a retry: what the API asked for, at most 30 s; else 200 ms doubling up to 8 s, of which
 * a random half is left out, so that callers that failed together do not come back together.
 */
export function retryDelayMs({ retry, retryAfterMs, random }: RetryMoment): number {
  if (retryAfterMs !== undefined && !Number.isNaN(retryAfterMs)) {
    // 0 would mean to got: do not retry.
    return Math.min(Math.max(retryAfterMs, 1), RETRY_AFTER_CAP_MS);
  }
  const ceilingMs = Math.min(FIRST_DELAY_MS * 2 ** (retry - 1), DELAY_CAP_MS);
  return ceilingMs * (0.5 + random / 2);
}

export interface RetryMoment {
  /** 1 for the first retry. */
  retry: number;
  /** The Retry-After of the answer, if it had one. */
  retryAfterMs?: number | undefined;
  /** At least 0, less than 1. */
  random: number;
}

const RETRY_AFTER_CAP_MS = 30_000;
const FIRST_DELAY_MS = 200;
const DELAY_CAP_MS = 8_000;

// Not among them: TLS and certificate failures, which stay until somebody mends them.
const NETWORK_FAILURES = [
  'ETIMEDOUT',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'ERR_STREAM_PREMATURE_CLOSE',
];
