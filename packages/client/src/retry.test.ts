import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryDelayMs } from './retry.ts';

test('delays double from 200 ms up to 8 s', () => {
  const longest = [1, 2, 3, 6, 7, 20].map((retry) => retryDelayMs({ retry, random: 1 }));
  expect(longest).toEqual([200, 400, 800, 6_400, 8_000, 8_000]);
});

test('up to half of a delay is left out at random', () => {
  expect(retryDelayMs({ retry: 3, random: 0 })).toBe(400);
  expect(retryDelayMs({ retry: 3, random: 0.5 })).toBe(600);
});

test('what the API asks for replaces the own delay', () => {
  expect(retryDelayMs({ retry: 5, retryAfterMs: 1_000, random: 0 })).toBe(1_000);
});

test('no wait is longer than 30 s, whatever the API asks for', () => {
  expect(retryDelayMs({ retry: 1, retryAfterMs: 3_600_000, random: 0 })).toBe(30_000);
});

test('a Retry-After that cannot be read counts as none', () => {
  expect(retryDelayMs({ retry: 1, retryAfterMs: Number.NaN, random: 0 })).toBe(100);
});

test('no delay is zero, which would end the retries', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.option(fc.double(), { nil: undefined }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (retry, retryAfterMs, random) => {
        const delayMs = retryDelayMs({ retry, retryAfterMs, random });
        return delayMs > 0 && delayMs <= 30_000;
      },
    ),
  );
});
