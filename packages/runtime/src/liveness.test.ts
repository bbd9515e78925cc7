import { describe, expect, it } from 'vitest';
import { isStuck } from './liveness.ts';

describe('isStuck', () => {
  it.each([
    [false, []],
    [false, [0, 12, 180, 4_900, 3]],
    // A machine that slept for an hour.
    [false, [0, 0, 3_600_000, 0, 0]],
    [false, [9_000, 9_000]],
    [true, [9_000, 0, 9_000, 0, 9_000]],
    [true, [5_001, 5_001, 5_001, 5_001, 5_001]],
  ])('is %s for beats that came %j ms late', (stuck, latenesses) => {
    expect(isStuck(latenesses)).toBe(stuck);
  });
});
