import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitOf, tokensAt, waitForTokensMs } from './rate-limit.ts';

const TEN = limitOf(10);

describe('a bucket', () => {
  it.each<[string, [number, number, number]]>([
    ['fills with time', [0, 500, 5]],
    ['holds no more than its burst', [3, 60_000, 10]],
    ['pays its debt first', [-20, 1_000, -10]],
    ['gains nothing from a clock that went back', [4, -5_000, 4]],
    ['fills by parts of a token', [0, 1, 0.01]],
  ])('%s: tokens, ms passed and tokens then are %j', (_, [tokens, passedMs, after]) => {
    expect(tokensAt({ tokens, atMs: 1_000 }, TEN, 1_000 + passedMs)).toBeCloseTo(after, 9);
  });

  it('that holds more than a limit that was lowered holds what the new one allows', () => {
    expect(tokensAt({ tokens: 100, atMs: 0 }, TEN, 0)).toBe(10);
  });
});

describe('waiting for tokens', () => {
  it.each<[string, [number, number, number]]>([
    ['nothing where there are enough', [1, 1, 0]],
    ['a tenth of a second for one of ten a second', [0, 1, 100]],
    ['only for what is missing', [0.5, 1, 50]],
    ['for the debt too', [-5, 1, 600]],
    ['as long as several take', [2, 5, 300]],
    ['until the bucket is full where more is asked than it holds', [4, 1_000, 600]],
    ['nothing where more is asked of a full bucket', [10, 1_000, 0]],
    ['nothing for nothing', [0, 0, 0]],
  ])('takes %s: tokens held, asked for and ms to wait are %j', (_, [tokens, count, waitMs]) => {
    expect(waitForTokensMs(tokens, count, TEN)).toBe(waitMs);
  });

  it('for as long as it says is enough, and less is not', () => {
    const limit = fc.record({
      perSecond: fc.integer({ min: 1, max: 10_000 }),
      burst: fc.integer({ min: 1, max: 10_000 }),
    });
    const tokens = fc.double({ min: -1_000, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(limit, tokens, fc.integer({ min: 1, max: 20_000 }), (bucket, held, count) => {
        const wait = waitForTokensMs(held, count, bucket);
        const after = (ms: number) => tokensAt({ tokens: held, atMs: 0 }, bucket, ms);
        expect(after(wait)).toBeGreaterThanOrEqual(Math.min(count, bucket.burst) - 1e-6);
        if (wait > 1) expect(after(wait - 1)).toBeLessThan(Math.min(count, bucket.burst) + 1e-6);
      }),
    );
  });
});

describe('over time', () => {
  it('no more passes than the burst and what came in, but for what one batch overdraws', () => {
    const asks = fc.array(fc.record({ afterMs: fc.nat(400), count: fc.integer({ min: 1, max: 50 }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(asks, (list) => {
        let level = { tokens: TEN.burst, atMs: 0 };
        let nowMs = 0;
        let passed = 0;
        for (const { afterMs, count } of list) {
          nowMs += afterMs;
          const tokens = tokensAt(level, TEN, nowMs);
          if (waitForTokensMs(tokens, count, TEN) > 0) continue;
          level = { tokens: tokens - count, atMs: nowMs };
          passed += count;
        }
        expect(passed).toBeLessThanOrEqual(TEN.burst + (nowMs / 1000) * TEN.perSecond + 50);
      }),
    );
  });
});
