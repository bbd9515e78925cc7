import type { WebhookId } from '@hooklane/domain';

/**
 * How many attempts a worker makes at once, in all and per webhook. A webhook's share is its **lane**: one receiver
 * that hangs holds its lane, never the worker. Slots can be **reserved** while it is not known yet whom they are for.
 */
export class Slots {
  readonly #total: number;
  readonly #perWebhook: number;
  readonly #lanes = new Map<WebhookId, number>();
  readonly #line: Array<() => void> = [];
  readonly #idlers: Array<() => void> = [];
  #used = 0;
  #reserved = 0;
  #closed = false;

  constructor(limits: { total: number; perWebhook: number }) {
    this.#total = limits.total;
    this.#perWebhook = limits.perWebhook;
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
    return this.#perWebhook - (this.#lanes.get(webhook) ?? 0);
  }

  fullLanes(): WebhookId[] {
    return [...this.#lanes.keys()].filter((webhook) => this.roomInLane(webhook) <= 0);
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

  /** False when the worker, or the webhook's lane, is full. */
  enter(webhook: WebhookId): boolean {
    return this.free > 0 && this.#occupy(webhook);
  }

  leave(webhook: WebhookId): void {
    const inLane = (this.#lanes.get(webhook) ?? 0) - 1;
    // A lane exists only while it is used: a worker meets more webhooks in a year than it should remember.
    if (inLane > 0) this.#lanes.set(webhook, inLane);
    else this.#lanes.delete(webhook);
    this.#used--;
    this.#freed();
  }

  /** Sets aside as many of the free slots as are wanted and there are; returns how many. */
  reserve(wanted: number): number {
    const count = this.#closed ? 0 : Math.max(0, Math.min(wanted, this.free));
    this.#reserved += count;
    return count;
  }

  /** Gives a reserved slot to a webhook. False when its lane is full: the slot stays reserved. */
  enterReserved(webhook: WebhookId): boolean {
    if (!this.#occupy(webhook)) return false;
    this.#reserved--;
    return true;
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

  #occupy(webhook: WebhookId): boolean {
    if (this.#closed || this.roomInLane(webhook) <= 0) return false;
    this.#lanes.set(webhook, (this.#lanes.get(webhook) ?? 0) + 1);
    this.#used++;
    return true;
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
