import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LATENCY_BUCKETS, latencyBucket, latencyQuantile } from './latency.ts';

function counted(durations: readonly number[]): number[] {
  const counts = new Array<number>(LATENCY_BUCKETS).fill(0);
  for (const ms of durations) counts[latencyBucket(ms)] = (counts[latencyBucket(ms)] ?? 0) + 1;
  return counts;
}

describe('latencyQuantile', () => {
  it('of nothing is null', () => {
    expect(latencyQuantile(counted([]), 0.5)).toBeNull();
  });

  it('is the one duration that was counted, within 12.5 %', () => {
    for (const ms of [1, 3, 12, 50, 333, 1_000, 15_000, 60_000]) {
      for (const quantile of [0, 0.5, 0.99, 1]) {
        expect(Math.abs((latencyQuantile(counted([ms]), quantile) ?? 0) / ms - 1)).toBeLessThan(0.125);
      }
    }
  });

  it('is within 12.5 % of the exact one, whatever was counted', () => {
    const durations = fc.array(fc.double({ min: 1, max: 70_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99), (values, quantile) => {
        const exact = values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(quantile * values.length)) - 1] ?? 0;
        const told = latencyQuantile(counted(values), quantile) ?? 0;
        expect(Math.abs(told / exact - 1)).toBeLessThan(0.125);
      }),
      { numRuns: 2_000 },
    );
  });

  it('has a bucket for every number', () => {
    for (const ms of [-1, 0, 0.4, Number.NaN, Number.POSITIVE_INFINITY, 1e9]) {
      expect(latencyBucket(ms)).toBeGreaterThanOrEqual(0);
      expect(latencyBucket(ms)).toBeLessThan(LATENCY_BUCKETS);
    }
  });
});
