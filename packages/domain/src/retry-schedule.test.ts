import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RetryPolicy } from './failure-policy.ts';
import { DEFAULT_RETRY } from './failure-policy.ts';
import { honourRetryAfter, JITTER, maxAttempts, RETRY_AFTER_CAP_MS, retryDelayMs } from './retry-schedule.ts';

const HOUR = 3_600_000;
const MIDDLE = 0.5;

const intervalMs = fc.integer({ min: 1, max: 24 * HOUR });
const attempts = fc.integer({ min: 1, max: 100 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const linear = fc
  .record({ intervalMs, capMs: intervalMs, maxAttempts: attempts })
  .map((shape): RetryPolicy => ({ kind: 'linear', ...shape }));
const exponential = fc
  .record({ intervalMs, factor: fc.double({ min: 1, max: 10, noNaN: true }), capMs: intervalMs, maxAttempts: attempts })
  .map((shape): RetryPolicy => ({ kind: 'exponential', ...shape }));
const list = fc
  .array(fc.integer({ min: 0, max: 24 * HOUR }), { maxLength: 30 })
  .map((delaysMs): RetryPolicy => ({ kind: 'list', delaysMs }));
const policy = fc.oneof(fc.constant<RetryPolicy>({ kind: 'none' }), linear, exponential, list);

/** All delays of a policy, until the attempts end. */
function delaysOf(retry: RetryPolicy, share = MIDDLE): number[] {
  const delays: number[] = [];
  for (let attempt = 1; ; attempt++) {
    const delayMs = retryDelayMs(retry, attempt, share);
    if (delayMs === null) return delays;
    delays.push(delayMs);
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** The list that the Standard Webhooks specification prints, in seconds. */
const STANDARD_WEBHOOKS_RETRY: RetryPolicy = {
  kind: 'list',
  delaysMs: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map((seconds) => seconds * 1_000),
};

describe('the presets', () => {
  it('retry for about 78 hours by default, in 11 attempts', () => {
    expect(delaysOf(DEFAULT_RETRY).map((ms) => ms / 1000)).toEqual([
      5, 20, 80, 320, 1280, 5120, 20_480, 81_920, 86_400, 86_400,
    ]);
    expect(sum(delaysOf(DEFAULT_RETRY)) / HOUR).toBeCloseTo(78.3, 1);
    expect(maxAttempts(DEFAULT_RETRY)).toBe(11);
  });

  it('retry as Standard Webhooks prints it: 75 h 35 min 5 s, in 10 attempts', () => {
    expect(sum(delaysOf(STANDARD_WEBHOOKS_RETRY))).toBe(75 * HOUR + 35 * 60_000 + 5000);
    expect(maxAttempts(STANDARD_WEBHOOKS_RETRY)).toBe(10);
  });
});

describe('retryDelayMs', () => {
  it.each<[RetryPolicy, number[]]>([
    [{ kind: 'none' }, []],
    [{ kind: 'linear', intervalMs: 10, capMs: 25, maxAttempts: 5 }, [10, 20, 25, 25]],
    [{ kind: 'exponential', intervalMs: 10, factor: 3, capMs: 100, maxAttempts: 5 }, [10, 30, 90, 100]],
    [{ kind: 'exponential', intervalMs: 10, factor: 3, capMs: 100, maxAttempts: 1 }, []],
    [{ kind: 'list', delaysMs: [7, 3, 0] }, [7, 3, 0]],
    [{ kind: 'list', delaysMs: [] }, []],
  ])('of %j', (retry, delays) => expect(delaysOf(retry)).toEqual(delays));

  it('spreads a delay over 20 % to both sides', () => {
    const retry: RetryPolicy = { kind: 'list', delaysMs: [1000] };
    expect(retryDelayMs(retry, 1, 0)).toBe(800);
    expect(retryDelayMs(retry, 1, 0.5)).toBe(1000);
    expect(retryDelayMs(retry, 1, 0.999999)).toBe(1200);
  });

  it('is a whole number within the spread of the undisturbed delay', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 120 }), random, (retry, attempt, share) => {
        const delayMs = retryDelayMs(retry, attempt, share);
        const undisturbed = retryDelayMs(retry, attempt, MIDDLE);
        expect(delayMs === null).toBe(undisturbed === null);
        if (delayMs === null || undisturbed === null) return;
        expect(Number.isSafeInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(Math.floor((undisturbed - 1) * (1 - JITTER)));
        expect(delayMs).toBeLessThanOrEqual(Math.ceil((undisturbed + 1) * (1 + JITTER)));
      }),
      { numRuns: 2000 },
    );
  });

  it('grows, or stays, from retry to retry, and never passes the cap', () => {
    fc.assert(
      fc.property(fc.oneof(linear, exponential), random, (retry, share) => {
        const delays = delaysOf(retry, share);
        expect(delays).toEqual(delays.toSorted((a, b) => a - b));
        const capMs = 'capMs' in retry ? retry.capMs : 0;
        for (const delayMs of delays) expect(delayMs).toBeLessThanOrEqual(Math.ceil(capMs * (1 + JITTER)));
      }),
    );
  });

  it('is there for every attempt but the last, and for none after it', () => {
    fc.assert(
      fc.property(policy, random, fc.nat(1000), (retry, share, beyond) => {
        expect(delaysOf(retry, share)).toHaveLength(maxAttempts(retry) - 1);
        expect(retryDelayMs(retry, maxAttempts(retry) + beyond, share)).toBeNull();
      }),
    );
  });

  it('is the cap where the growth passes all numbers', () => {
    const retry: RetryPolicy = { kind: 'exponential', intervalMs: 1000, factor: 10, capMs: HOUR, maxAttempts: 10_000 };
    expect(retryDelayMs(retry, 9999, MIDDLE)).toBe(HOUR);
  });

  it('is nothing for a policy that waits for nothing, however many attempts there were', () => {
    const retry: RetryPolicy = { kind: 'exponential', intervalMs: 0, factor: 10, capMs: HOUR, maxAttempts: 10_000 };
    expect(retryDelayMs(retry, 9999, MIDDLE)).toBe(0);
  });
});

describe('honourRetryAfter', () => {
  it.each([
    [1000, undefined, 1000],
    [1000, 5000, 5000],
    [5000, 1000, 5000],
    [5000, 0, 5000],
    [1000, 100 * 24 * HOUR, RETRY_AFTER_CAP_MS],
    [28 * HOUR, 100 * 24 * HOUR, 28 * HOUR],
  ])('own delay %i, wish %s: %i', (own, wish, expected) => expect(honourRetryAfter(own, wish)).toBe(expected));
});
