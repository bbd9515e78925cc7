import { describe, expect, it } from 'vitest';
import type { ThrottleRules } from './throttle.ts';
import {
  asksForLess,
  FULL_BUCKET,
  levelAfter,
  narrowestRule,
  shareOfWorker,
  throttleRoom,
  UNTHROTTLED,
} from './throttle.ts';

const NONE = { inFlight: 0, level: FULL_BUCKET };

describe('room under a throttle', () => {
  it.each<[string, ThrottleRules, number, number]>([
    ['without limits is endless', UNTHROTTLED, 99, Number.POSITIVE_INFINITY],
    ['in flight is what is left', { maxInFlight: 5, perSecond: null }, 3, 2],
    ['is below nothing where too many began', { maxInFlight: 1, perSecond: null }, 3, -2],
    ['in a second is a quarter of it at once', { maxInFlight: null, perSecond: 40 }, 99, 10],
    ['is one at least, however low the rate', { maxInFlight: null, perSecond: 0.1 }, 0, 1],
    ['is the smaller of both', { maxInFlight: 4, perSecond: 40 }, 1, 3],
  ])('%s', (...[, rules, inFlight, room]) => {
    expect(throttleRoom({ ...NONE, inFlight }, rules, 0)).toBe(room);
  });

  it('comes back with time, never more than a quarter of a second’s worth', () => {
    const rules = { maxInFlight: null, perSecond: 40 };
    const level = levelAfter(FULL_BUCKET, 10, { rules, nowMs: 1_000 });
    const roomAt = (nowMs: number) => throttleRoom({ inFlight: 0, level }, rules, nowMs);
    expect([1_000, 1_024, 1_025, 1_100, 9_000].map(roomAt)).toEqual([0, 0, 1, 4, 10]);
  });

  it('lets no more through in a long time than the rate says', () => {
    const rules = { maxInFlight: null, perSecond: 7 };
    let level = FULL_BUCKET;
    let passed = 0;
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 100) {
      const room = throttleRoom({ inFlight: 0, level }, rules, nowMs);
      level = levelAfter(level, room, { rules, nowMs });
      passed += room;
    }
    expect(passed).toBeGreaterThanOrEqual(7 * 60);
    expect(passed).toBeLessThanOrEqual(7 * 60 + 1);
  });
});

describe('the rule that leaves no room', () => {
  it.each<[string, ThrottleRules, { inFlight: number; tokens: number }, ReturnType<typeof narrowestRule>]>([
    ['is none where there are none', UNTHROTTLED, { inFlight: 99, tokens: 0 }, null],
    ['is none where there is room', { maxInFlight: 2, perSecond: 4 }, { inFlight: 1, tokens: 1 }, null],
    ['is that of attempts in flight', { maxInFlight: 2, perSecond: 4 }, { inFlight: 2, tokens: 1 }, 'max_in_flight'],
    ['is that of attempts in a second', { maxInFlight: 2, perSecond: 4 }, { inFlight: 1, tokens: 0.9 }, 'rate_limit'],
    ['is the one in flight of both', { maxInFlight: 2, perSecond: 4 }, { inFlight: 2, tokens: 0 }, 'max_in_flight'],
  ])('%s', (...[, rules, { inFlight, tokens }, rule]) => {
    const throttled = { inFlight, level: { tokens, atMs: 0 } };
    expect(narrowestRule(throttled, rules, { nowMs: 0, wanted: 1 })).toBe(rule);
  });

  it('is looked for only where there is less room than is wanted', () => {
    const full = { inFlight: 2, level: FULL_BUCKET };
    const rules = { maxInFlight: 2, perSecond: null };
    expect(narrowestRule(full, rules, { nowMs: 0, wanted: 0 })).toBeNull();
    expect(narrowestRule({ ...full, inFlight: 3 }, rules, { nowMs: 0, wanted: 0 })).toBe('max_in_flight');
  });
});

describe('a receiver', () => {
  it.each([
    [429, false, true],
    [503, true, true],
    [502, true, true],
    [504, true, true],
    [503, false, false],
    [500, true, false],
    [200, true, false],
  ])('that answers %i (says when: %s) asks for less: %s', (status, saysWhen, isAsked) => {
    expect(asksForLess(status, saysWhen)).toBe(isAsked);
  });
});

describe('the share of a worker', () => {
  it('is so much that all together keep to the rules, and one attempt at least', () => {
    expect(shareOfWorker({ maxInFlight: 10, perSecond: 10 }, 4)).toEqual({ maxInFlight: 2, perSecond: 2.5 });
    expect(shareOfWorker({ maxInFlight: 2, perSecond: null }, 4)).toEqual({ maxInFlight: 1, perSecond: null });
    expect(shareOfWorker(UNTHROTTLED, 4)).toEqual(UNTHROTTLED);
  });
});
