import type { WebhookId } from '@hooklane/domain';

/**
 * How many attempts a worker makes at once, in all and per webhook. A webhook's share is its **lane**: one receiver
 * that hangs holds its lane, never the worker.
 */
export class Slots {
  readonly #total: number;
  readonly #perWebhook: number;
  readonly #lanes = new Map<WebhookId, number>();
  #used = 0;
  #closed = false;
  readonly #waiters: Array<() => void> = [];
  readonly #idlers: Array<() => void> = [];

  constructor(limits: { total: number; perWebhook: number }) {
    this.#total = limits.total;
    this.#perWebhook = limits.perWebhook;
  }

  get free(): number {
    return this.#total - this.#used;
  }

  get used(): number {
    return this.#used;
  }

  /** What this webhook may still use of the slots that are free. */
  freeInLane(webhook: WebhookId): number {
    return Math.min(this.#perWebhook - (this.#lanes.get(webhook) ?? 0), this.free);
  }

  /** False when the worker, or the webhook's lane, is full. */
  enter(webhook: WebhookId): boolean {
    if (this.freeInLane(webhook) <= 0) return false;
    this.#lanes.set(webhook, (this.#lanes.get(webhook) ?? 0) + 1);
    this.#used++;
    return true;
  }

  leave(webhook: WebhookId): void {
    const inLane = (this.#lanes.get(webhook) ?? 0) - 1;
    // A lane exists only while it is used: a worker meets more webhooks in a year than it should remember.
    if (inLane > 0) this.#lanes.set(webhook, inLane);
    else this.#lanes.delete(webhook);
    this.#used--;
    this.#waiters.shift()?.();
    if (this.#used === 0) for (const resolve of this.#idlers.splice(0)) resolve();
  }

  fullLanes(): WebhookId[] {
    const full: WebhookId[] = [];
    for (const [webhook, used] of this.#lanes) if (used >= this.#perWebhook) full.push(webhook);
    return full;
  }

  /** Resolves once a slot is free (one waiter is let go per slot, in order), or at once after {@link close}. */
  async whenFree(): Promise<void> {
    while (this.free <= 0 && !this.#closed) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves once no slot is used. */
  async whenIdle(): Promise<void> {
    if (this.#used > 0) await new Promise<void>((resolve) => this.#idlers.push(resolve));
  }

  /** Lets everyone go who waits for a slot: there will be none. */
  close(): void {
    this.#closed = true;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
