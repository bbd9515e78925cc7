import { describe, expect, it } from 'vitest';
import type { HostCounts } from './mass-failure.ts';
import { suspensionsFrozen } from './mass-failure.ts';

const RULE = { minHosts: 20, percent: 50 };
/** All of one org, where nothing else is said. */
const ONE_ORG = { othersFailing: 0, othersWorking: 0 };

function isFrozen(counts: Partial<HostCounts>, wereFrozen: boolean): boolean {
  return suspensionsFrozen({ failing: 0, struck: 0, working: 0, ...ONE_ORG, ...counts }, RULE, wereFrozen);
}

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
    expect(isFrozen(counts, false)).toBe(frozen);
  });

  it.each([
    ['the failures are no longer new', { failing: 40, struck: 0, working: 3 }, true],
    ['a third of all still fail', { failing: 20, struck: 0, working: 40 }, true],
    ['a quarter of all still fail', { failing: 10, struck: 0, working: 30 }, true],
    ['fewer than a quarter still fail', { failing: 12, struck: 12, working: 37 }, false],
    ['fewer than half as many as it takes are left', { failing: 9, struck: 9, working: 0 }, false],
    ['nothing is known any more', { failing: 0, struck: 0, working: 0 }, false],
  ])('that are frozen: when %s, they stay so is', (_, counts, frozen) => {
    expect(isFrozen(counts, true)).toBe(frozen);
  });

  it.each([
    ['those of others work', { othersFailing: 1, othersWorking: 30 }, false],
    ['half of those of others fail too', { othersFailing: 10, othersWorking: 10 }, true],
    ['there are no others', ONE_ORG, true],
    ['the only one of others works', { othersFailing: 0, othersWorking: 1 }, true],
    ['both of others work', { othersFailing: 0, othersWorking: 2 }, false],
  ])('that are free: when many hosts of one org fail and %s, frozen is', (_, others, frozen) => {
    expect(isFrozen({ failing: 90, struck: 90, working: 30, ...others }, false)).toBe(frozen);
  });

  it.each([
    ['work again', { othersFailing: 7, othersWorking: 23 }, false],
    ['still fail by a quarter', { othersFailing: 8, othersWorking: 24 }, true],
  ])('that are frozen: when those of all orgs but one %s, they stay so is', (_, others, frozen) => {
    expect(isFrozen({ failing: 90, working: 30, ...others }, true)).toBe(frozen);
  });
});
