import type { BucketLevel } from '@hooklane/domain';
import type { RateLedger, RateUsage } from '@hooklane/engine';

export interface MemoryRateLedger extends RateLedger {
  /** Milliseconds; only the test moves it. */
  nowMs: number;
  /** What the next settlement rejects with. */
  failure: Error | null;
  /** All usages that were settled. */
  readonly settled: RateUsage[];
}

/** The levels that processes share, on a clock of their own. */
export function createMemoryRateLedger(): MemoryRateLedger {
  const levels = new Map<string, BucketLevel>();
  const ledger: MemoryRateLedger = {
    nowMs: 0,
    failure: null,
    settled: [],
    async settle(usages) {
      if (ledger.failure !== null) throw ledger.failure;
      ledger.settled.push(...usages);
      return new Map(usages.map((usage) => [usage.bucket, book(usage)]));
    },
  };

  function book({ bucket, limit: { perSecond, burst }, used, overMs }: RateUsage): number {
    const { tokens, atMs } = levels.get(bucket) ?? { tokens: burst, atMs: ledger.nowMs - overMs };
    const passedMs = Math.max(0, ledger.nowMs - atMs);
    const saved = Math.min(burst, tokens + (Math.max(0, passedMs - overMs) * perSecond) / 1000);
    const left = Math.min(burst, saved + (Math.min(passedMs, overMs) * perSecond) / 1000 - used);
    levels.set(bucket, { tokens: left, atMs: ledger.nowMs });
    return left;
  }

  return ledger;
}
