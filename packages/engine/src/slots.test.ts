import type { WebhookId } from '@hooklane/domain';
import { asId } from '@hooklane/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_THROTTLES, openLanes, settled } from '../../../test/support/memory/work-fakes.ts';
import type { Place } from './lanes.ts';
import { Slots } from './slots.ts';

const [A, B, C] = [webhook('a'), webhook('b'), webhook('c')];

describe('the slots of a worker', () => {
  it('are given up to the total and up to the lane of a webhook', () => {
    const slots = new Slots(openLanes({ total: 3, perWebhook: 2 }), NO_THROTTLES);
    expect([A, A, A, B, C].map((who) => slots.enter(who) !== null)).toEqual([true, true, false, true, false]);
    expect([slots.free, slots.used, slots.roomInLane(A), slots.roomInLane(B)]).toEqual([0, 3, 0, 1]);
  });

  it('are given again when they were left', () => {
    const slots = new Slots(openLanes({ total: 2, perWebhook: 1 }), NO_THROTTLES);
    slots.leave(entered(slots, A));
    expect([slots.roomInLane(A), slots.free, slots.inLane(A)]).toEqual([1, 2, 0]);
    expect(slots.enter(A)).not.toBeNull();
  });

  it('that are reserved are nobody else’s, and are used by whom they turn out to be for', () => {
    const slots = new Slots(openLanes({ total: 3, perWebhook: 1 }), NO_THROTTLES);
    expect(slots.reserve(2)).toBe(2);
    expect([slots.free, slots.used]).toEqual([1, 0]);
    expect([slots.enterReserved(A), slots.enterReserved(A)]).toEqual([expect.anything(), null]);
    slots.unreserve(1);
    expect([slots.free, slots.used]).toEqual([2, 1]);
  });

  it('are reserved only as far as they are free', () => {
    const slots = new Slots(openLanes({ total: 2, perWebhook: 2 }), NO_THROTTLES);
    slots.enter(A);
    expect([slots.reserve(5), slots.reserve(5), slots.reserve(-1)]).toEqual([1, 0, 0]);
  });

  it('agree with a plain count of who is in, whatever happens', () => {
    const step = fc.record({
      what: fc.constantFrom<keyof typeof STEPS>('enter', 'leave', 'reserve', 'enterReserved', 'unreserve'),
      who: fc.constantFrom(A, B, C),
    });
    const limits = fc.record({ total: fc.integer({ min: 1, max: 6 }), perWebhook: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 60 }), (limit, steps) => {
        const slots = new Slots(openLanes(limit), NO_THROTTLES);
        const plain = new PlainCount(limit);
        for (const { what, who } of steps) {
          STEPS[what](slots, plain, who);
          expect([slots.used, slots.free, slots.roomInLane(who)]).toEqual([plain.used, plain.free, plain.room(who)]);
        }
      }),
    );
  });
});

/** The same by counting names in a list. */
class PlainCount {
  readonly #limit: { total: number; perWebhook: number };
  inside: Array<{ who: WebhookId; place: Place | null }> = [];
  reserved = 0;

  constructor(limit: { total: number; perWebhook: number }) {
    this.#limit = limit;
  }

  get used(): number {
    return this.inside.length;
  }

  get free(): number {
    return this.#limit.total - this.used - this.reserved;
  }

  room(who: WebhookId): number {
    return this.#limit.perWebhook - this.inside.filter((one) => one.who === who).length;
  }

  remove(who: WebhookId): Place | null {
    const at = this.inside.findIndex((one) => one.who === who);
    return at >= 0 ? (this.inside.splice(at, 1)[0]?.place ?? null) : null;
  }
}

const STEPS = {
  enter(slots: Slots, plain: PlainCount, who: WebhookId) {
    const may = plain.free > 0 && plain.room(who) > 0;
    const place = slots.enter(who);
    expect(place !== null).toBe(may);
    if (may) plain.inside.push({ who, place });
  },
  leave(slots: Slots, plain: PlainCount, who: WebhookId) {
    const place = plain.remove(who);
    if (place !== null) slots.leave(place);
  },
  reserve(slots: Slots, plain: PlainCount) {
    const count = Math.min(2, plain.free);
    plain.reserved += count;
    expect(slots.reserve(2)).toBe(count);
  },
  enterReserved(slots: Slots, plain: PlainCount, who: WebhookId) {
    if (plain.reserved === 0) return;
    const may = plain.room(who) > 0;
    const place = slots.enterReserved(who);
    expect(place !== null).toBe(may);
    if (may) plain.inside.push({ who, place });
    if (may) plain.reserved--;
  },
  unreserve(slots: Slots, plain: PlainCount) {
    slots.unreserve(plain.reserved);
    plain.reserved = 0;
  },
};

describe('the line before the slots', () => {
  it('does not form while a slot is free', async () => {
    const slots = new Slots(openLanes({ total: 1, perWebhook: 1 }), NO_THROTTLES);
    expect(await slots.inTurn(() => slots.enter(A))).not.toBeNull();
  });

  it('is served in the order in which it was joined', async () => {
    const slots = new Slots(openLanes({ total: 1, perWebhook: 1 }), NO_THROTTLES);
    const first = entered(slots, A);
    const inTurn: Place[] = [];
    for (const who of [B, C]) void slots.inTurn(() => inTurn.push(entered(slots, who)));
    await settled();
    expect(inTurn).toEqual([]);
    slots.leave(first);
    expect(inTurn.map((place) => place.webhookId)).toEqual([B]);
    for (const place of [...inTurn]) slots.leave(place);
    expect(inTurn.map((place) => place.webhookId)).toEqual([B, C]);
  });

  it('passes a slot on when the one whose turn it is has no use for it', async () => {
    const slots = new Slots(openLanes({ total: 2, perWebhook: 1 }), NO_THROTTLES);
    slots.enter(A);
    const second = entered(slots, B);
    const turns = [A, A, C].map((who) => slots.inTurn(() => slots.enter(who)));
    slots.leave(second);
    expect(await Promise.all(turns)).toEqual([null, null, expect.objectContaining({ webhookId: C })]);
  });

  it('moves on when reserved slots are given back', async () => {
    const slots = new Slots(openLanes({ total: 2, perWebhook: 2 }), NO_THROTTLES);
    slots.reserve(2);
    const turns = [slots.inTurn(() => slots.enter(A)), slots.inTurn(() => slots.enter(A))];
    slots.unreserve(2);
    expect((await Promise.all(turns)).map((place) => place?.webhookId)).toEqual([A, A]);
  });

  it('is sent away with nothing once the slots are closed', async () => {
    const slots = new Slots(openLanes({ total: 1, perWebhook: 1 }), NO_THROTTLES);
    const first = entered(slots, A);
    const waiting = slots.inTurn(() => slots.enter(B));
    slots.close();
    expect(await waiting).toBeNull();
    slots.leave(first);
    expect(await slots.inTurn(() => slots.enter(B))).toBeNull();
    expect(slots.reserve(1)).toBe(0);
  });
});

describe('idle', () => {
  it('are slots of which none is used or reserved', async () => {
    const slots = new Slots(openLanes({ total: 3, perWebhook: 3 }), NO_THROTTLES);
    await slots.whenIdle();
    slots.reserve(1);
    let idle = false;
    const wait = slots.whenIdle().then(() => {
      idle = true;
    });
    const place = entered(slots, A);
    slots.unreserve(1);
    await settled();
    expect(idle).toBe(false);
    slots.reserve(1);
    slots.leave(place);
    await settled();
    expect(idle).toBe(false);
    slots.unreserve(1);
    await wait;
  });
});

function webhook(name: string): WebhookId {
  return asId('wh', name);
}

function entered(slots: Slots, who: WebhookId): Place {
  const place = slots.enter(who);
  if (place === null) throw new Error('There is no slot.');
  return place;
}
