import type { BucketLevel, RateLimit } from './rate-limit.ts';
import { tokensAt } from './rate-limit.ts';

/** How much one receiver, or one host, may get at most. Null: as much as there is. */
export interface ThrottleRules {
  /** Attempts under way. */
  maxInFlight: number | null;
  /** Attempts begun in a second. */
  perSecond: number | null;
}

export interface Throttled {
  inFlight: number;
  level: BucketLevel;
}

export const UNTHROTTLED: ThrottleRules = { maxInFlight: null, perSecond: null };

/** What an attempt had to wait for beside its turn: a limit of its webhook, or that of its host. */
export type WaitReason = 'rate_limit' | 'max_in_flight' | 'host';

/** Why an attempt went later than it could have, or goes again later. */
export type ThrottleReason = WaitReason | 'receiver';

/** Answers that ask for less: 429, and those that mean "later" where they say when. */
export function asksForLess(status: number, saysWhen: boolean): boolean {
  return status === 429 || (saysWhen && [502, 503, 504].includes(status));
}

/** A quarter of a second's worth, and one at least, may begin at once: what was not used is not saved up for a burst. */
const BURST_S = 1 / 4;

/** What one of several workers may do, so that together they keep to the rules; each may have one attempt under way. */
export function shareOfWorker({ maxInFlight, perSecond }: ThrottleRules, workers: number): ThrottleRules {
  return {
    maxInFlight: maxInFlight && Math.max(1, Math.floor(maxInFlight / workers)),
    perSecond: perSecond && perSecond / workers,
  };
}

/** How many attempts more may begin now. Less than 0: so many that are about to begin must not. */
export function throttleRoom({ inFlight, level }: Throttled, rules: ThrottleRules, nowMs: number): number {
  const slots = rules.maxInFlight === null ? Number.POSITIVE_INFINITY : rules.maxInFlight - inFlight;
  if (rules.perSecond === null) return slots;
  return Math.min(slots, Math.floor(tokensAt(level, bucketOf(rules.perSecond), nowMs)));
}

/** Which rule it is that leaves less room than `wanted`; null: none. */
export function narrowestRule(
  throttled: Throttled,
  rules: ThrottleRules,
  at: { nowMs: number; wanted: number },
): 'rate_limit' | 'max_in_flight' | null {
  if (throttleRoom(throttled, rules, at.nowMs) >= at.wanted) return null;
  return throttleRoom(throttled, { ...rules, perSecond: null }, at.nowMs) < at.wanted ? 'max_in_flight' : 'rate_limit';
}

/** The bucket after `count` attempts more, or, below 0, fewer. */
export function levelAfter(
  level: BucketLevel,
  count: number,
  at: { rules: ThrottleRules; nowMs: number },
): BucketLevel {
  const { rules, nowMs } = at;
  if (rules.perSecond === null) return level;
  return { tokens: tokensAt(level, bucketOf(rules.perSecond), nowMs) - count, atMs: nowMs };
}

/** Full, whatever the rules are. */
export const FULL_BUCKET: BucketLevel = { tokens: Number.MAX_SAFE_INTEGER, atMs: 0 };

function bucketOf(perSecond: number): RateLimit {
  return { perSecond, burst: Math.max(1, perSecond * BURST_S) };
}
