import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../chaos/plan.ts';
import { KINDS, planFaults } from '../chaos/plan.ts';

const ALL = Object.keys(KINDS) as FaultKind[];
const WITHOUT_REDIS = ALL.filter((kind) => !kind.startsWith('redis'));
const plan = (seed: number, kinds = ALL, seconds = 60) => planFaults({ seed, seconds, kinds });

describe('the plan of a chaos run', () => {
  it('is decided by its seed', () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it.each([
    ['with Redis', ALL],
    ['without', WITHOUT_REDIS],
  ])('has eight kinds or more in a minute, and every kind in five consecutive seeds (%s)', (_, kinds) => {
    for (let first = 1; first <= 50; first++) {
      const plans = Array.from({ length: 5 }, (_run, n) => plan(first + n, kinds));
      for (const faults of plans) expect(new Set(faults.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(8);
      expect(new Set(plans.flat().map(({ kind }) => kind))).toEqual(new Set(kinds));
    }
  });

  it('leaves the beginning calm, spreads the faults and ends before the run does', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const faults = plan(seed, ALL, 90);
      const times = faults.map(({ atMs }) => atMs);
      expect(times[0]).toBe(13_000);
      expect(times.every((atMs, n) => n === 0 || atMs - (times[n - 1] ?? 0) >= 4_000)).toBe(true);
      expect(Math.max(...times)).toBeLessThanOrEqual(85_500);
      expect(faults.every(({ kind, target }) => (KINDS[kind].targets as readonly string[]).includes(target))).toBe(
        true,
      );
    }
  });
});
