import { limitOf } from '@hooklane/domain';
import type { RateLedger, RateUsage } from '@hooklane/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ids } from './stores.ts';

export interface LedgerWorld extends AsyncDisposable {
  readonly ledger: RateLedger;
  /** Makes everything that was settled that much older. */
  passTime(ms: number): Promise<void>;
}

export function describeRateLedger(make: () => Promise<LedgerWorld>): void {
  describe('a ledger of rate limits', () => {
    let world: LedgerWorld;
    beforeAll(async () => {
      world = await make();
    });
    afterAll(() => world[Symbol.asyncDispose]());

    const newBucket = () => `${ids.next('org')}/events`;

    async function settle(bucket: string, usage: Partial<RateUsage> = {}): Promise<number> {
      const levels = await world.ledger.settle([{ bucket, limit: limitOf(10), used: 1, overMs: 0, ...usage }]);
      return levels.get(bucket) ?? Number.NaN;
    }

    test('begins with a full bucket', async () => {
      expect(await settle(newBucket(), { used: 4 })).toBeCloseTo(6, 1);
    });

    test('adds up what several processes used', async () => {
      const bucket = newBucket();
      await settle(bucket, { used: 3 });
      expect(await settle(bucket, { used: 4 })).toBeCloseTo(3, 0);
    });

    test('remembers a debt until it is paid', async () => {
      const bucket = newBucket();
      expect(await settle(bucket, { used: 30 })).toBeCloseTo(-20, 0);
      await world.passTime(1_500);
      expect(await settle(bucket, { used: 0 })).toBeCloseTo(-5, 0);
    });

    test('saves up no more than the burst', async () => {
      const bucket = newBucket();
      await settle(bucket);
      await world.passTime(3_600_000);
      expect(await settle(bucket, { used: 2 })).toBeCloseTo(8, 1);
    });

    test('lets what came in during a use pay for it', async () => {
      const bucket = newBucket();
      await settle(bucket, { used: 10 });
      await world.passTime(60_000);
      expect(await settle(bucket, { used: 300, overMs: 30_000 })).toBeCloseTo(10, 0);
      expect(await settle(newBucket(), { used: 35, overMs: 3_000 })).toBeCloseTo(5, 1);
    });

    test('counts the time that two uses have in common once', async () => {
      const bucket = newBucket();
      await settle(bucket, { used: 10 });
      await world.passTime(1_000);
      await settle(bucket, { used: 10, overMs: 1_000 });
      // Counted twice it were 0; while it is asked a little time passes.
      expect(await settle(bucket, { used: 10, overMs: 1_000 })).toBeLessThan(-7);
    });

    test('takes a limit that was changed as it is now', async () => {
      const bucket = newBucket();
      await settle(bucket, { limit: limitOf(1_000) });
      expect(await settle(bucket, { used: 0 })).toBe(10);
    });

    test('books many buckets at once, and none of others', async () => {
      const usages = Array.from({ length: 50 }, (_, used) => ({
        bucket: newBucket(),
        limit: limitOf(10),
        used,
        overMs: 0,
      }));
      const levels = await world.ledger.settle(usages);
      expect(levels.size).toBe(50);
      for (const { bucket, used } of usages) expect(levels.get(bucket)).toBeCloseTo(10 - used, 1);
    });

    test('loses nothing of what many processes book at the same time, in whatever order', async () => {
      const buckets = Array.from({ length: 20 }, newBucket);
      const settleAll = (order: string[]) =>
        world.ledger.settle(
          order.map((bucket) => ({ bucket, limit: { perSecond: 0.001, burst: 1_000 }, used: 1, overMs: 0 })),
        );
      await Promise.all(Array.from({ length: 40 }, (_, n) => settleAll(n % 2 === 0 ? buckets : buckets.toReversed())));
      const levels = await settleAll(buckets);
      for (const bucket of buckets) expect(levels.get(bucket)).toBeCloseTo(959, 0);
    });
  });
}
