import type { Destination, Outcome } from '@hooklane/domain';
import { asId, DEFAULT_FAILURE_POLICY, laneRules, NO_BRAND, UNTHROTTLED } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { ACCEPTED, NO_THROTTLES, reportOf } from '../../../test/support/memory/work-fakes.ts';
import type { Place } from './lanes.ts';
import { Lanes } from './lanes.ts';
import { Throttles } from './throttles.ts';

const RULES = laneRules({ total: 40, perWebhook: 10, slowPercent: 25, slowAfterMs: 1_000 });
const [A, B] = [asId('wh', 'a'), asId('wh', 'b')];
const HUNG: Outcome = { kind: 'timed-out', phase: 'headers' };

let nowMs: number;
let lanes: Lanes;
beforeEach(() => {
  nowMs = 0;
  lanes = new Lanes(RULES, new Throttles(NO_THROTTLES), () => nowMs);
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
    // There are ten slow slots, and nobody else is slow.
    expect(lanes.room(A, 34)).toBe(4);
  });

  it('is fast again when its attempts ended quickly after all, and smaller for what hung', () => {
    for (let n = 0; n < 20; n++) attempt(A, 5);
    const hanging = sending(A);
    nowMs = 1_000;
    lanes.room(A, 40);
    end(hanging, reportOf(HUNG, 15_000));
    for (let n = 0; n < 3; n++) attempt(A, 5);
    expect(lanes.room(A, 40)).toBe(8);
  });

  it('is not slow for one attempt that hangs while others are answered', () => {
    for (let n = 0; n < 20; n++) attempt(A, 5);
    sending(A);
    const tarpits = Array.from({ length: 8 }, (_, n) => sending(asId('wh', `tarpit-${n}`)));
    nowMs = 1_000;
    // Nine share ten slots.
    expect(lanes.room(A, 31)).toBe(1);
    attempt(A, 5);
    expect(lanes.room(A, 31)).toBe(6);
    for (const place of tarpits) end(place, reportOf(HUNG, 15_000));
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
  it('leave three eighths of the slots to the others, then three quarters', () => {
    const hanging: Place[] = [];
    const open = () => {
      for (let n = 0; n < 100; n++) {
        const who = asId('wh', `tarpit-${n}`);
        if (lanes.room(who, 40 - hanging.length) > 0) hanging.push(sending(who));
      }
    };
    open();
    expect(hanging).toHaveLength(25);
    nowMs = 5_000;
    open();
    expect(hanging).toHaveLength(25);
    nowMs = 15_000;
    for (const place of hanging.splice(0)) end(place, reportOf(HUNG, 15_000));
    for (let round = 0; round < 3; round++) open();
    const known = hanging.filter((place) => Number(place.webhookId.slice(7)) < 25);
    // Ten slots are for slow ones, and two of them for those that answer.
    expect(known).toHaveLength(8);
  });

  it('do not hold up one that is fast', () => {
    for (let n = 0; n < 3; n++) attempt(B, 5);
    for (let n = 0; n < 20; n++) sending(asId('wh', `tarpit-${n}`));
    expect(lanes.room(B, 20)).toBe(5);
    nowMs = 5_000;
    expect(lanes.room(B, 20)).toBe(5);
  });
});

describe('a host', () => {
  it('gets no more than it may from all webhooks there together', () => {
    const rules = { maxInFlight: 3, perSecond: null };
    lanes = new Lanes(RULES, new Throttles({ host: rules, workers: () => 1 }), () => nowMs);
    const places = [A, A, B].map((who) => lanes.enter(who));
    expect(places.map((place) => place.learn(destinationAt('one.example')))).toEqual([true, true, true]);
    expect([lanes.room(A, 40), lanes.room(B, 40)]).toEqual([0, 0]);
    const fourth = lanes.enter(asId('wh', 'c'));
    expect(fourth.learn(destinationAt('one.example'))).toBe(false);
    for (const place of [...places, fourth]) lanes.leave(place);
    expect([lanes.room(A, 40), lanes.room(B, 40)]).toEqual([2, 2]);
  });

  it('is another one when the URL is', () => {
    lanes = new Lanes(
      RULES,
      new Throttles({ host: { maxInFlight: 1, perSecond: null }, workers: () => 1 }),
      () => nowMs,
    );
    const place = lanes.enter(A);
    place.learn(destinationAt('one.example'));
    place.learn(destinationAt('two.example'));
    const other = lanes.enter(B);
    expect(other.learn(destinationAt('one.example'))).toBe(true);
  });
});

describe('the limits of a webhook', () => {
  it('are divided among the workers, and follow their number', () => {
    let workers = 1;
    lanes = new Lanes(RULES, new Throttles({ host: UNTHROTTLED, workers: () => workers }), () => nowMs);
    const place = lanes.enter(A);
    place.learn(destinationAt('one.example', { maxInFlight: 2, perSecond: null }));
    expect(lanes.room(A, 40)).toBe(1);
    workers = 2;
    expect(lanes.room(A, 40)).toBe(0);
  });

  it('do not count what was never sent', () => {
    const slow = destinationAt('one.example', { maxInFlight: null, perSecond: 1 });
    const first = lanes.enter(A);
    expect(first.learn(slow)).toBe(true);
    expect(lanes.room(A, 40)).toBe(0);
    lanes.leave(first);
    expect(lanes.room(A, 40)).toBe(1);
    attempt(A, 5);
    expect(lanes.room(A, 40)).toBe(0);
    nowMs += 1_000;
    expect(lanes.room(A, 40)).toBe(1);
  });
});

describe('an attempt', () => {
  const ONE_A_SECOND = { maxInFlight: null, perSecond: 1 };
  const ONE_AT_ONCE = { maxInFlight: 1, perSecond: null };

  it('waited for the limit that refused it between when it was due and when it began', () => {
    const first = begun(destinationAt('one.example', ONE_A_SECOND));
    expect(first.waitReason(5)).toBeNull();
    nowMs = 100;
    expect(lanes.room(A, 40)).toBe(0);
    lanes.leave(first);
    nowMs = 1_000;
    const second = lanes.enter(A);
    expect(second.waitReason(950)).toBe('rate_limit');
    expect(second.waitReason(850)).toBeNull();
  });

  it('waited for the attempts under way, of its webhook or of its host', () => {
    const first = begun(destinationAt('one.example', ONE_AT_ONCE));
    expect(lanes.room(A, 40)).toBe(0);
    lanes.leave(first);
    expect(lanes.enter(A).waitReason(10)).toBe('max_in_flight');

    lanes = new Lanes(RULES, new Throttles({ host: ONE_AT_ONCE, workers: () => 1 }), () => nowMs);
    const other = begun(destinationAt('one.example', ONE_A_SECOND));
    const mine = lanes.enter(B);
    expect(mine.learn(destinationAt('one.example', ONE_AT_ONCE))).toBe(false);
    lanes.leave(mine);
    lanes.leave(other);
    expect(lanes.enter(B).waitReason(10)).toBe('host');
  });

  it('waited for nothing where its lane alone was full', () => {
    const wide = destinationAt('one.example', { maxInFlight: 9, perSecond: 900 });
    const places = [begun(wide), begun(wide)];
    expect(lanes.room(A, 40)).toBe(0);
    for (const place of places) lanes.leave(place);
    expect(lanes.enter(A).waitReason(1_000)).toBeNull();
  });
});

function begun(destination: Destination): Place {
  const place = sending(A);
  expect(place.learn(destination)).toBe(true);
  return place;
}

function destinationAt(host: string, limits = UNTHROTTLED): Destination {
  const own = { url: `https://${host}/`, host, limits, headers: {}, timeoutMs: 1_000, tls: null };
  return { ...own, policy: DEFAULT_FAILURE_POLICY, numbers: { webhook: 1, org: 1 }, brand: NO_BRAND };
}

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
