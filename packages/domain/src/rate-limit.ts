/**
 * A rate limit is a bucket of tokens: it fills at `perSecond` and holds `burst` at most; what passes takes tokens out.
 * Several processes share a bucket without asking each other each time, so it may be overdrawn: the debt is paid off
 * before anything else passes, and over time no more passes than the limit says.
 */
export interface RateLimit {
  /** Tokens that come in, per second; more than 0. */
  perSecond: number;
  /** Tokens that can be saved up; at least 1. */
  burst: number;
}

/** What was in a bucket at a moment. */
export interface BucketLevel {
  /** Negative: a debt. */
  tokens: number;
  /** Milliseconds on any clock that the caller keeps to. */
  atMs: number;
}

/** The bucket that lets a second's worth through at once. */
export function limitOf(perSecond: number): RateLimit {
  return { perSecond, burst: perSecond };
}

/** What is in the bucket now. A clock that went back adds nothing. */
export function tokensAt({ tokens, atMs }: BucketLevel, { perSecond, burst }: RateLimit, nowMs: number): number {
  return Math.min(burst, tokens + (Math.max(0, nowMs - atMs) * perSecond) / 1000);
}

/**
 * Milliseconds until `count` tokens may be taken from a bucket that holds `tokens`; 0: now. More than the bucket can hold
 * may be taken from a full one, and is owed: otherwise a batch larger than the limit could never pass.
 */
export function waitForTokensMs(tokens: number, count: number, { perSecond, burst }: RateLimit): number {
  const missing = Math.min(count, burst) - tokens;
  return missing <= 0 ? 0 : Math.ceil((missing * 1000) / perSecond);
}
