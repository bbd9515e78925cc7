import type { BucketLevel, RateLimit } from '@hooklane/domain';
import { limitOf, tokensAt, waitForTokensMs } from '@hooklane/domain';
import type { Caller, RateLimits } from './orgs.ts';

/** What all processes share: the level of each bucket. */
export interface RateLedger {
  /** Books what this process let pass and tells what is left of each bucket, over all processes; may be negative. */
  settle(usages: readonly RateUsage[]): Promise<ReadonlyMap<string, number>>;
}

export interface RateUsage {
  bucket: string;
  limit: RateLimit;
  /** Tokens taken since this process settled last. */
  used: number;
  /** Over how long they were taken, ms. What came in during that time pays for them. */
  overMs: number;
}

/** What one request asks of one bucket. */
export interface RateDemand {
  bucket: string;
  /** What callers see: `org-requests`, `key-events`. */
  name: string;
  limit: RateLimit;
  count: number;
}

/** What is left of a limit, for the caller. */
export interface RateQuota {
  name: string;
  limit: RateLimit;
  /** Whole tokens that could be taken now; not negative. */
  remaining: number;
  /** Until the bucket is full again, ms. */
  resetMs: number;
}

export interface RateVerdict {
  allowed: boolean;
  /** When it would be allowed if nobody else asks, ms from now; 0 when it is. */
  retryAfterMs: number;
  quotas: RateQuota[];
}

/**
 * Rate limits that several processes share without waiting for each other. {@link RateLimiter.take} decides at once,
 * by what this process knows; {@link RateLimiter.settle}, called about ten times a second, books what was taken and
 * learns what the others took.
 *
 * Until then each process may spend the same tokens: after a pause n processes together let n bursts pass instead of
 * one, and a busy limit is overdrawn by what passes between two settlements. What was overdrawn is a debt in the ledger
 * that all of them wait for, so that over time no more passes than the limit. While the ledger is away each process
 * keeps the limit by itself.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, KnownBucket>();
  readonly #ledger: RateLedger;
  readonly #clock: () => number;

  /** `clock` in ms, never going back. */
  constructor(ledger: RateLedger, clock: () => number) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** Takes from all buckets or from none: what is refused costs nothing. Never waits. */
  take(demands: readonly RateDemand[]): RateVerdict {
    const nowMs = this.#clock();
    const asked = demands.map((demand) => ({ demand, bucket: this.#refilled(demand, nowMs) }));
    const waits = asked.map(({ demand, bucket }) => waitForTokensMs(bucket.level.tokens, demand.count, demand.limit));
    const retryAfterMs = Math.max(0, ...waits);
    const allowed = retryAfterMs === 0;
    for (const { demand, bucket } of asked) {
      bucket.touchedAtMs ??= nowMs;
      if (allowed) spend(bucket, demand.count);
    }
    return { allowed, retryAfterMs, quotas: asked.map(({ demand, bucket }) => quotaOf(demand, bucket.level.tokens)) };
  }

  /** Does nothing, and asks nobody, where no bucket was touched since it was called last. Rejects when the ledger is away. */
  async settle(): Promise<void> {
    const usages = this.#usages(this.#clock());
    if (usages.length === 0) return;
    const levels = await this.#ledger.settle(usages);
    const nowMs = this.#clock();
    for (const [name, tokens] of levels) this.#learn(name, tokens, nowMs);
  }

  /** Buckets known to this process: for metrics and tests. */
  get size(): number {
    return this.#buckets.size;
  }

  #refilled({ bucket: name, limit }: RateDemand, nowMs: number): KnownBucket {
    const known = this.#buckets.get(name);
    const bucket = known ?? { level: { tokens: limit.burst, atMs: nowMs }, limit, used: 0, touchedAtMs: null };
    if (known === undefined) this.#buckets.set(name, bucket);
    bucket.limit = limit;
    bucket.level = { tokens: tokensAt(bucket.level, limit, nowMs), atMs: nowMs };
    return bucket;
  }

  /** What is told to the ledger is forgotten here, also if it does not arrive: what passed was already paid for locally. */
  #usages(nowMs: number): RateUsage[] {
    const usages: RateUsage[] = [];
    for (const [name, bucket] of this.#buckets) {
      const { limit, used, touchedAtMs, level } = bucket;
      // A full bucket nobody uses is as good as one never heard of.
      if (touchedAtMs === null && tokensAt(level, limit, nowMs) >= limit.burst) this.#buckets.delete(name);
      if (touchedAtMs === null) continue;
      usages.push({ bucket: name, limit, used, overMs: nowMs - touchedAtMs });
      Object.assign(bucket, { used: 0, touchedAtMs: null });
    }
    return usages;
  }

  /** What was taken while the ledger was asked is not in its answer. */
  #learn(name: string, tokens: number, nowMs: number): void {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) bucket.level = { tokens: tokens - bucket.used, atMs: nowMs };
  }
}

/** What a request of a caller demands: of its key and of its org. `fallback`: of orgs that have no limit of their own. */
export function demandsOf(
  caller: Pick<Caller, 'keyId' | 'org' | 'rateLimits'>,
  fallback: RateLimits,
  asked: { kind: 'requests' | 'events'; count: number },
): RateDemand[] {
  const { kind, count } = asked;
  const field = LIMIT_FIELDS[kind];
  const limits = [
    { holder: 'org', id: caller.org.id, perSecond: caller.rateLimits.org[field] ?? fallback[field] },
    { holder: 'key', id: caller.keyId, perSecond: caller.rateLimits.key[field] },
  ];
  return limits.flatMap(({ holder, id, perSecond }) =>
    perSecond === null
      ? []
      : [{ bucket: `${id}/${kind}`, name: `${holder}-${kind}`, limit: limitOf(perSecond), count }],
  );
}

interface KnownBucket {
  level: BucketLevel;
  /** As it was asked for last. */
  limit: RateLimit;
  /** Not yet told to the ledger. */
  used: number;
  /** When it was first asked of since the ledger was told; null: not since. */
  touchedAtMs: number | null;
}

const LIMIT_FIELDS = { requests: 'requestsPerSecond', events: 'eventsPerSecond' } as const;

function spend(bucket: KnownBucket, count: number): void {
  bucket.level.tokens -= count;
  bucket.used += count;
}

function quotaOf({ name, limit }: RateDemand, tokens: number): RateQuota {
  const remaining = Math.max(0, Math.floor(tokens));
  return { name, limit, remaining, resetMs: waitForTokensMs(tokens, limit.burst, limit) };
}
