import type { Outcome } from '@hooklane/domain';
import { asId, laneRules } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { ACCEPTED, reportOf } from '../../../test/support/memory/work-fakes.ts';
import type { Place } from './lanes.ts';
import { Lanes } from './lanes.ts';

const RULES = laneRules({ total: 40, perWebhook: 10, slowPercent: 25, slowAfterMs: 1_000 });
const [A, B] = [asId('wh', 'a'), asId('wh', 'b')];
const HUNG: Outcome = { kind: 'timed-out', phase: 'headers' };

let nowMs: number;
let lanes: Lanes;
beforeEach(() => {
  nowMs = 0;
  lanes = new Lanes(RULES, () => nowMs);
});

describe('a lane', () => {
  it('widens with every quick answer', () => {
    expect(lanes.room(A, 40)).toBe(2);
    for (let n = 0; n < 20; n++) attempt(A, 5);
    expect(lanes.room(A, 40)).toBe(10);
  });

  it('becomes slow while nothing answers, once the first attempt has lasted for long', () => {
    for (let n = 0; n < 20; n++) attempt(A, 5);
    for (let n = 0; n < 6; n++) sending(A);
    nowMs = 999;
    expect(lanes.room(A, 34)).toBe(2);
    nowMs = 1_000;
    // Of the ten slow slots six are taken: half of the rest is less than it has.
    expect(lanes.room(A, 34)).toBe(0);
  });

  it('is fast again when its attempts ended quickly after all, and as small as what hung made it', () => {
    for (let n = 0; n < 20; n++) attempt(A, 5);
    const hanging = sending(A);
    nowMs = 1_000;
    lanes.room(A, 40);
    end(hanging, reportOf(HUNG, 15_000));
    expect(lanes.room(A, 40)).toBe(1);
    for (let n = 0; n < 3; n++) attempt(A, 5);
    expect(lanes.room(A, 40)).toBe(4);
  });

  it('does not age by what our own stores take: it ages while it is sent', () => {
    for (let n = 0; n < 20; n++) attempt(A, 5);
    const claiming = lanes.enter(A);
    nowMs = 60_000;
    expect(lanes.room(A, 40)).toBe(9);
    lanes.leave(claiming);
    expect(lanes.inFlight(A)).toBe(0);
  });
});

describe('more webhooks that never answer than there are slots', () => {
  it('leave half of the slots to the others, then three quarters', () => {
    const hanging: Place[] = [];
    const open = () => {
      for (let n = 0; n < 100; n++) {
        const who = asId('wh', `tarpit-${n}`);
        if (lanes.room(who, 40 - hanging.length) > 0) hanging.push(sending(who));
      }
    };
    open();
    expect(hanging).toHaveLength(20);
    nowMs = 5_000;
    open();
    expect(hanging).toHaveLength(20);
    nowMs = 15_000;
    for (const place of hanging.splice(0)) end(place, reportOf(HUNG, 15_000));
    for (let round = 0; round < 3; round++) open();
    const known = hanging.filter((place) => Number(place.webhookId.slice(7)) < 20);
    expect(known).toHaveLength(10);
  });

  it('do not hold up one that is fast', () => {
    for (let n = 0; n < 3; n++) attempt(B, 5);
    for (let n = 0; n < 20; n++) sending(asId('wh', `tarpit-${n}`));
    expect(lanes.room(B, 20)).toBe(5);
    nowMs = 5_000;
    expect(lanes.room(B, 20)).toBe(5);
  });
});

function sending(webhook: typeof A): Place {
  const place = lanes.enter(webhook);
  place.sending();
  return place;
}

function attempt(webhook: typeof A, durationMs: number): void {
  end(sending(webhook), reportOf(ACCEPTED, durationMs));
}

function end(place: Place, report: ReturnType<typeof reportOf>): void {
  place.answered(report);
  lanes.leave(place);
}
