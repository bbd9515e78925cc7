import { asId, limitOf } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { describeRateLedger } from '../../../test/conformance/rate-ledger.ts';
import type { MemoryRateLedger } from '../../../test/support/memory/rate-ledger.ts';
import { createMemoryRateLedger } from '../../../test/support/memory/rate-ledger.ts';
import { NO_RATE_LIMITS } from './orgs.ts';
import type { RateDemand } from './rate-limits.ts';
import { demandsOf, RateLimiter } from './rate-limits.ts';

describeRateLedger(async () => {
  const ledger = createMemoryRateLedger();
  return {
    ledger,
    passTime: async (ms) => {
      ledger.nowMs += ms;
    },
    [Symbol.asyncDispose]: async () => {},
  };
});

let ledger: MemoryRateLedger;
let one: RateLimiter;

beforeEach(() => {
  ledger = createMemoryRateLedger();
  one = newProcess();
});

function newProcess(): RateLimiter {
  return new RateLimiter(ledger, () => ledger.nowMs);
}

function demand(changes: Partial<RateDemand> = {}): RateDemand {
  return { bucket: 'a/events', name: 'org-events', limit: limitOf(10), count: 1, ...changes };
}

/** How many of so many single requests pass. */
function passing(limiter: RateLimiter, asked: number, changes: Partial<RateDemand> = {}): number {
  return Array.from({ length: asked }, () => limiter.take([demand(changes)])).filter(({ allowed }) => allowed).length;
}

describe('one process', () => {
  it('lets a burst pass, then what comes in', () => {
    expect(passing(one, 30)).toBe(10);
    ledger.nowMs += 500;
    expect(passing(one, 30)).toBe(5);
  });

  it('tells when to come again, what is left, and when it is all there', () => {
    expect(one.take([demand({ count: 8 })])).toEqual({
      allowed: true,
      retryAfterMs: 0,
      quotas: [{ name: 'org-events', limit: limitOf(10), remaining: 2, resetMs: 800 }],
    });
    expect(one.take([demand({ count: 5 })])).toMatchObject({
      allowed: false,
      retryAfterMs: 300,
      quotas: [{ remaining: 2, resetMs: 800 }],
    });
  });

  it('lets a batch that is larger than the limit pass a full bucket, and what follows wait for it', () => {
    expect(one.take([demand({ count: 100 })]).allowed).toBe(true);
    expect(one.take([demand()])).toMatchObject({ allowed: false, retryAfterMs: 9_100 });
    ledger.nowMs += 9_100;
    expect(one.take([demand()]).allowed).toBe(true);
  });

  it('takes from all limits or from none, and tells the longest wait', () => {
    const strict = { bucket: 'k/events', name: 'key-events', limit: limitOf(2) };
    const both = () => one.take([demand({ count: 2 }), demand({ ...strict, count: 2 })]);
    expect(both().allowed).toBe(true);
    expect(both()).toMatchObject({ allowed: false, retryAfterMs: 1_000, quotas: [{ remaining: 8 }, { remaining: 0 }] });
    expect(passing(one, 30)).toBe(8);
  });

  it('asks for nothing where nothing is limited', async () => {
    expect(one.take([])).toEqual({ allowed: true, retryAfterMs: 0, quotas: [] });
    await one.settle();
    expect(ledger.settled).toEqual([]);
  });
});

describe('several processes', () => {
  it('share what is left, once they have settled', async () => {
    const other = newProcess();
    expect(passing(one, 6)).toBe(6);
    await one.settle();
    other.take([demand()]);
    await other.settle();
    expect(passing(other, 30)).toBe(3);
  });

  it('let no more pass over time than the limit, but for what each admits until it settles', async () => {
    const limiters = [one, newProcess(), newProcess()];
    let passed = 0;
    for (let step = 0; step < 300; step++) {
      for (const limiter of limiters) passed += passing(limiter, 5);
      if (step % 3 === 0) await Promise.all(limiters.map((limiter) => limiter.settle()));
      ledger.nowMs += 33;
    }
    const allowed = 10 + (ledger.nowMs / 1000) * 10;
    // Three bursts instead of one at first are a debt that is paid off: over ten seconds nothing of it is left to see.
    expect(passed).toBeLessThanOrEqual(allowed + 10);
    expect(passed).toBeGreaterThan(allowed * 0.9);
  });

  it('let one of them have all of it while the others are idle', async () => {
    newProcess().take([demand()]);
    let passed = 0;
    for (let step = 0; step < 100; step++) {
      passed += passing(one, 5);
      await one.settle();
      ledger.nowMs += 100;
    }
    expect(passed).toBeGreaterThanOrEqual(100);
  });
});

describe('settling', () => {
  it('tells what was taken and over how long, once', async () => {
    passing(one, 4);
    ledger.nowMs += 80;
    passing(one, 1);
    await one.settle();
    await one.settle();
    expect(ledger.settled).toEqual([{ bucket: 'a/events', limit: limitOf(10), used: 5, overMs: 80 }]);
  });

  it('asks about a bucket that refused, to learn when it is full again', async () => {
    passing(one, 30);
    await one.settle();
    passing(one, 1);
    await one.settle();
    expect(ledger.settled.map((usage) => usage.used)).toEqual([10, 0]);
  });

  it('keeps what was taken while the ledger was asked', async () => {
    passing(one, 4);
    const settled = one.settle();
    passing(one, 3);
    await settled;
    expect(passing(one, 30)).toBe(3);
  });

  it('forgets buckets that are full and that nobody uses', async () => {
    passing(one, 4);
    await one.settle();
    await one.settle();
    expect(one.size).toBe(1);
    ledger.nowMs += 400;
    await one.settle();
    expect(one.size).toBe(0);
  });

  it('that fails leaves the limit to this process alone, and no debt behind', async () => {
    ledger.failure = new Error('away');
    expect(passing(one, 30)).toBe(10);
    await expect(one.settle()).rejects.toThrow('away');
    for (let second = 0; second < 5; second++) {
      ledger.nowMs += 1_000;
      expect(passing(one, 30)).toBe(10);
      await expect(one.settle()).rejects.toThrow('away');
    }
    ledger.failure = null;
    ledger.nowMs += 1_000;
    expect(passing(one, 30)).toBe(10);
    await one.settle();
    expect(one.take([demand()])).toMatchObject({ allowed: false, retryAfterMs: 100 });
  });
});

describe('what a caller’s request demands', () => {
  const org = { id: asId('org', 'o1'), slug: 'acme' };
  const caller = { keyId: asId('key', 'k1'), org };
  const limits = (requestsPerSecond: number | null, eventsPerSecond: number | null) => ({
    requestsPerSecond,
    eventsPerSecond,
  });

  it('is nothing without limits', () => {
    const free = { ...caller, rateLimits: { key: NO_RATE_LIMITS, org: NO_RATE_LIMITS } };
    expect(demandsOf(free, NO_RATE_LIMITS, { kind: 'events', count: 3 })).toEqual([]);
  });

  it('is asked of the org and of the key, each by its own limit', () => {
    const both = { ...caller, rateLimits: { key: limits(5, 7), org: limits(50, null) } };
    expect(demandsOf(both, NO_RATE_LIMITS, { kind: 'requests', count: 1 })).toEqual([
      { bucket: 'o1/requests', name: 'org-requests', limit: limitOf(50), count: 1 },
      { bucket: 'k1/requests', name: 'key-requests', limit: limitOf(5), count: 1 },
    ]);
    expect(demandsOf(both, NO_RATE_LIMITS, { kind: 'events', count: 9 })).toEqual([
      { bucket: 'k1/events', name: 'key-events', limit: limitOf(7), count: 9 },
    ]);
  });

  it('is asked of an org without a limit by that of the installation, and of no key', () => {
    const free = { ...caller, rateLimits: { key: NO_RATE_LIMITS, org: limits(null, 3) } };
    expect(demandsOf(free, limits(100, 100), { kind: 'requests', count: 1 })).toMatchObject([{ limit: limitOf(100) }]);
    expect(demandsOf(free, limits(100, 100), { kind: 'events', count: 1 })).toMatchObject([{ limit: limitOf(3) }]);
  });
});
