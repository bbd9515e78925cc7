import { describe, expect, it } from 'vitest';
import type { BusyLane, LaneRecord, LaneSign, Load } from './lane.ts';
import { afterAttempt, laneRoom, laneRules, newLane, speedOf } from './lane.ts';

const RULES = laneRules({ total: 400, perWebhook: 50, slowPercent: 25, slowAfterMs: 1_000 });
const IDLE: Load = { free: 400, unproven: 0, slow: 0, slowWebhooks: 0 };

const QUICK = { durationMs: 20, failed: false };
const FAILED = { durationMs: 20, failed: true };
const SLOW = { durationMs: 1_000, failed: false };
const HUNG = { durationMs: 15_000, failed: true };

function after(signs: readonly Omit<LaneSign, 'nowMs'>[], from: LaneRecord = newLane(RULES)): LaneRecord {
  return signs.reduce((record, sign) => afterAttempt(record, { ...sign, nowMs: 0 }, RULES), from);
}

function times<T>(count: number, thing: T): T[] {
  return Array.from({ length: count }, () => thing);
}

const FAST = after(times(100, QUICK));

function room(lane: Partial<BusyLane>, load: Partial<Load> = {}, nowMs = 0): number {
  const busy = { record: FAST, inFlight: 0, isOverdue: false, ...lane };
  return laneRoom(busy, { ...IDLE, ...load }, { nowMs, rules: RULES });
}

describe('the record of a webhook', () => {
  it.each([
    ['nothing', [], { speed: 'unproven', size: 2 }],
    ['two quick answers', times(2, QUICK), { speed: 'unproven', size: 4 }],
    ['three quick answers', times(3, QUICK), { speed: 'fast', size: 5 }],
    ['a hundred quick answers', times(100, QUICK), { speed: 'fast', size: 50 }],
    ['quick failures: they hold no slot for long', times(20, FAILED), { speed: 'fast', size: 12 }],
    ['one slow answer', [...times(9, QUICK), SLOW], { speed: 'fast', size: 12 }],
    ['two slow answers', [...times(9, QUICK), SLOW, SLOW], { speed: 'slow', size: 13 }],
    ['none at all', [...times(38, QUICK), HUNG], { speed: 'slow', size: 20 }],
    ['quick answers after slow ones, but too few', [SLOW, SLOW, QUICK, QUICK], { speed: 'slow' }],
    ['enough quick answers after slow ones', [SLOW, SLOW, ...times(3, QUICK)], { speed: 'fast' }],
    ['quick ones between slow ones', [HUNG, QUICK, QUICK, SLOW, QUICK, QUICK], { speed: 'slow' }],
    ['one failure in a large lane', [...times(60, QUICK), FAILED], { speed: 'fast', size: 25 }],
  ])('after %s', (_, signs, record) => {
    expect(after(signs)).toMatchObject(record);
  });

  it('says down after three failures in a row, not after single ones', () => {
    expect(after([FAILED, FAILED, QUICK, FAILED, FAILED]).downAtMs).toBeNull();
    expect(after(times(3, FAILED)).downAtMs).toBe(0);
  });

  it('says slow as soon as an attempt under way has lasted for long', () => {
    expect([false, true].map((isOverdue) => speedOf({ record: FAST, isOverdue }))).toEqual(['fast', 'slow']);
  });
});

describe('a fast webhook', () => {
  it('may use its lane', () => {
    expect([room({}), room({ inFlight: 30 }), room({ inFlight: 50 })]).toEqual([50, 20, 0]);
  });

  it('may use a quarter of what is free, so that something stays free whoever wants all', () => {
    expect([room({}, { free: 100 }), room({ inFlight: 20 }, { free: 100 }), room({}, { free: 10 })]).toEqual([
      25, 5, 2,
    ]);
  });

  it('is not held up by slow ones', () => {
    expect(room({}, { slow: 150, unproven: 50 })).toBe(50);
  });

  it('leaves slots free beside any number like it', () => {
    const lanes = times(100, 0);
    let free = RULES.total;
    for (let moved = true; moved; ) {
      moved = false;
      for (let n = 0; n < 20; n++) {
        const inFlight = lanes[n] ?? 0;
        if (room({ inFlight }, { free }) <= 0) continue;
        lanes[n] = inFlight + 1;
        free--;
        moved = true;
      }
    }
    expect(free).toBeGreaterThan(50);
  });
});

describe('webhooks that nobody knows yet', () => {
  const record = newLane(RULES);

  it('start with a small lane, as long as slow and unknown ones leave half of what is not for the slow', () => {
    expect([room({ record }), room({ record, inFlight: 2 })]).toEqual([2, 0]);
    expect([room({ record }, { slow: 100, unproven: 149 }), room({ record }, { slow: 100, unproven: 150 })]).toEqual([
      1, 0,
    ]);
  });
});

describe('slow webhooks', () => {
  const record = after([...times(100, QUICK), SLOW, SLOW]);
  const hanging = after([HUNG]);

  it('share their slots evenly', () => {
    const rooms = [1, 4, 9, 99, 200].map((others) => room({ record }, { slowWebhooks: others }));
    expect(rooms).toEqual([50, 20, 10, 1, 1]);
    expect(room({ record, inFlight: 20 }, { slow: 60, slowWebhooks: 5 })).toBe(0);
    expect(room({ record, inFlight: 15 }, { slow: 60, slowWebhooks: 5 })).toBe(5);
  });

  it('use no more than there are', () => {
    const load = { slowWebhooks: 1 };
    expect([60, 99, 100, 180].map((slow) => room({ record }, { ...load, slow }))).toEqual([40, 1, 0, 0]);
  });

  it('keep away from what is for the unknown', () => {
    expect(room({ record }, { slow: 10, unproven: 240 })).toBe(0);
  });

  it('that never answer may use what nobody else does: what they owe is attempted, and set aside in the end', () => {
    expect(room({ record: hanging })).toBe(50);
  });

  it('that never answer leave a quarter of what the slow share to those that do', () => {
    expect([74, 75, 99].map((slow) => room({ record: hanging }, { slow }))).toEqual([1, 0, 0]);
    expect([74, 75, 99].map((slow) => room({ record }, { slow }))).toEqual([26, 25, 1]);
  });
});

describe('a webhook that is down', () => {
  const record = after(times(3, FAILED), FAST);

  it('has a quarter of a lane for what falls due', () => {
    expect([0, 60_000].map((nowMs) => room({ record }, {}, nowMs))).toEqual([12, 12]);
  });

  it('gets twice as much every second when it is back', () => {
    const back = after(times(100, QUICK), record);
    expect([0, 999, 1_000, 2_000, 60_000].map((nowMs) => room({ record: back }, {}, nowMs))).toEqual([
      12, 12, 24, 48, 50,
    ]);
  });
});

describe('the rules of a small worker', () => {
  it('leave everybody at least one slot', () => {
    expect(laneRules({ total: 1, perWebhook: 1, slowPercent: 1, slowAfterMs: 1 })).toMatchObject({
      start: 1,
      failingSize: 1,
      slowSlots: 1,
      keptSlots: 0,
      doubtfulSlots: 1,
    });
  });

  it('let nobody earn anything where all slots may be used by slow ones', () => {
    const rules = laneRules({ total: 400, perWebhook: 50, slowPercent: 100, slowAfterMs: 1_000 });
    const slow = afterAttempt(newLane(rules), { durationMs: 15_000, failed: true, nowMs: 0 }, rules);
    const rooms = [newLane(rules), slow].map((record) =>
      laneRoom({ record, inFlight: 0, isOverdue: false }, IDLE, { nowMs: 0, rules }),
    );
    expect(rooms).toEqual([50, 50]);
  });
});
