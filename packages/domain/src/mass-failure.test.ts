import { describe, expect, it } from 'vitest';
import { suspensionsFrozen } from './mass-failure.ts';

const RULE = { minHosts: 20, percent: 50 };

describe('suspensions', () => {
  it.each([
    ['nothing is known', { failing: 0, struck: 0, working: 0 }, false],
    ['all but a few hosts began to fail at once', { failing: 40, struck: 40, working: 3 }, true],
    ['just so many fail, and just so much of all', { failing: 20, struck: 20, working: 20 }, true],
    ['one host fewer began to fail', { failing: 19, struck: 19, working: 0 }, false],
    ['more hosts work than fail', { failing: 20, struck: 20, working: 21 }, false],
    ['many fail, but began one after the other', { failing: 200, struck: 19, working: 0 }, false],
    ['few of very many are struck', { failing: 100, struck: 100, working: 5_000 }, false],
  ])('that are free: when %s, frozen is', (_, counts, frozen) => {
    expect(suspensionsFrozen(counts, RULE, false)).toBe(frozen);
  });

  it.each([
    ['the failures are no longer new', { failing: 40, struck: 0, working: 3 }, true],
    ['a third of all still fail', { failing: 20, struck: 0, working: 40 }, true],
    ['a quarter of all still fail', { failing: 10, struck: 0, working: 30 }, true],
    ['fewer than a quarter still fail', { failing: 12, struck: 12, working: 37 }, false],
    ['fewer than half as many as it takes are left', { failing: 9, struck: 9, working: 0 }, false],
    ['nothing is known any more', { failing: 0, struck: 0, working: 0 }, false],
  ])('that are frozen: when %s, they stay so is', (_, counts, frozen) => {
    expect(suspensionsFrozen(counts, RULE, true)).toBe(frozen);
  });
});
