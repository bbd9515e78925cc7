import type { LaneRules, WebhookId } from '@hooklane/domain';
import type { Place } from './lanes.ts';
import { Lanes } from './lanes.ts';
import type { ThrottleOptions } from './throttles.ts';
import { Throttles } from './throttles.ts';

/**
 * How many attempts a worker makes at once, in all and per webhook. A webhook's share is its **lane**: one receiver
 * that hangs holds its lane, never the worker. Slots can be **reserved** while it is not known yet whom they are for.
 */
export class Slots {
  readonly #total: number;
  readonly #lanes: Lanes;
  readonly #line: Array<() => void> = [];
  readonly #idlers: Array<() => void> = [];
  #used = 0;
  #reserved = 0;
  #closed = false;

  /** @param clock ms, monotonic */
  constructor(rules: LaneRules, throttling: ThrottleOptions, clock: () => number = () => performance.now()) {
    this.#total = rules.total;
    this.#lanes = new Lanes(rules, new Throttles(throttling), clock);
  }

  get free(): number {
    return this.#total - this.#used - this.#reserved;
  }

  /** By attempts; what is reserved does not count. */
  get used(): number {
    return this.#used;
  }

  /** What the webhook may still use, were all slots free. */
  roomInLane(webhook: WebhookId): number {
    return this.#closed ? 0 : this.#lanes.room(webhook, Math.max(0, this.free));
  }

  inLane(webhook: WebhookId): number {
    return this.#lanes.inFlight(webhook);
  }

  /**
   * Calls `use` as soon as a slot is free, in the order in which it was asked for, and resolves to what `use` returns.
   * The slot that `use` does not enter or reserve goes to the next in line in the same moment: none stays free while
   * somebody waits. After {@link close} `use` is called at once and gets nothing.
   */
  inTurn<T>(use: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#line.push(() => resolve(use()));
      this.#serve();
    });
  }

  /** Null when the worker, or the webhook's lane, is full. */
  enter(webhook: WebhookId): Place | null {
    return this.free > 0 ? this.#occupy(webhook) : null;
  }

  leave(place: Place): void {
    this.#lanes.leave(place);
    this.#used--;
    this.#freed();
  }

  /** Sets aside as many of the free slots as are wanted and there are; returns how many. */
  reserve(wanted: number): number {
    const count = this.#closed ? 0 : Math.max(0, Math.min(wanted, this.free));
    this.#reserved += count;
    return count;
  }

  /** Gives a reserved slot to a webhook. Null when its lane is full: the slot stays reserved. */
  enterReserved(webhook: WebhookId): Place | null {
    const place = this.#occupy(webhook);
    if (place !== null) this.#reserved--;
    return place;
  }

  unreserve(count: number): void {
    this.#reserved -= count;
    this.#freed();
  }

  /** Resolves once no slot is used or reserved. */
  async whenIdle(): Promise<void> {
    if (this.#used + this.#reserved > 0) await new Promise<void>((resolve) => this.#idlers.push(resolve));
  }

  /** Nobody enters any more, and nobody waits. */
  close(): void {
    this.#closed = true;
    this.#serve();
  }

  #occupy(webhook: WebhookId): Place | null {
    if (this.roomInLane(webhook) <= 0) return null;
    this.#used++;
    return this.#lanes.enter(webhook);
  }

  #freed(): void {
    this.#serve();
    if (this.#used + this.#reserved === 0) for (const resolve of this.#idlers.splice(0)) resolve();
  }

  #serve(): void {
    while (this.free > 0 || this.#closed) {
      const next = this.#line.shift();
      if (next === undefined) return;
      next();
    }
  }
}
