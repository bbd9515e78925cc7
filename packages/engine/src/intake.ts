import type { WebhookId } from '@hooklane/domain';
import type { AttemptPorts } from './attempt-delivery.ts';
import { attemptDelivery } from './attempt-delivery.ts';
import type { Claim, DueRef, DueStore, TakeRequest } from './due-work.ts';
import { Slots } from './slots.ts';

export interface IntakePorts extends AttemptPorts {
  due: DueStore;
  /** Our own fault around an attempt: the claim lapses and the attempt is made again. */
  onFault: (error: unknown, claim: Claim | null) => void;
  /** A slot came free after {@link Intake.take} had found none. */
  onFree: () => void;
}

export interface IntakeLimits {
  /** Attempts in flight in this worker. */
  total: number;
  /** Attempts in flight per webhook in this worker. */
  perWebhook: number;
  /** Claims taken from the store at a time. */
  takeBatch: number;
}

/**
 * Brings due work into the slots of a worker: announced by the queue, or taken straight from the store. Work whose
 * webhook has its lane full is **parked**: it stays in the store and is admitted as the lane empties. A slot is
 * reserved before work is claimed for it, so that no claim waits.
 */
export class Intake {
  readonly #ports: IntakePorts;
  readonly #limits: IntakeLimits;
  readonly #slots: Slots;
  /** Webhooks that may have work in the store which found their lane full. They take turns, in this order. */
  readonly #parked = new Set<WebhookId>();
  #admitting = false;
  #stopping = false;
  /** {@link take} found no slot. Until it was called again the parked hold back, or they would use every slot up. */
  #starved = false;

  constructor(ports: IntakePorts, limits: IntakeLimits) {
    this.#ports = ports;
    this.#limits = limits;
    this.#slots = new Slots(limits);
  }

  /** Attempts under way. */
  get inFlight(): number {
    return this.#slots.used;
  }

  /** Resolves when the delivery is claimed, or is not to be; the attempt goes on by itself. */
  async receive(ref: DueRef): Promise<void> {
    // The queue works: nobody may be about to take.
    this.#starved = false;
    const entered = await this.#slots.inTurn(() => this.#enterOrPark(ref.webhookId));
    if (entered) return this.#attempt(ref);
    if (this.#stopping) await this.#ports.due.unqueue([ref]);
  }

  /**
   * Fills free slots from the store, but leaves out what is parked: that has a way of its own. `again`: there may be
   * more.
   */
  async take(includeQueued: boolean): Promise<'again' | 'idle'> {
    for (const webhook of this.#slots.fullLanes()) this.#parked.add(webhook);
    const limit = this.#slots.reserve(this.#limits.takeBatch);
    this.#starved = limit === 0;
    if (limit === 0) return 'idle';
    const taken = await this.#takeInto({ limit, except: [...this.#parked], includeQueued });
    return taken === limit ? 'again' : 'idle';
  }

  /** Takes nothing more; resolves when every attempt under way has ended and is recorded. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#slots.close();
    return this.#slots.whenIdle();
  }

  /** In one moment: were the lane to empty in between, nobody would think of what is parked. */
  #enterOrPark(webhook: WebhookId): boolean {
    const entered = this.#slots.enter(webhook);
    if (!entered) this.#parked.add(webhook);
    return entered;
  }

  async #attempt(ref: DueRef): Promise<void> {
    let claim: Claim | null = null;
    try {
      claim = await this.#ports.due.claim(ref);
    } finally {
      if (claim === null) this.#leave(ref.webhookId);
    }
    if (claim !== null) this.#begin(claim, ref.webhookId);
  }

  /** In a slot of the lane. The lane is named apart: what was entered must be left, whatever a job said. */
  #begin(claim: Claim, lane: WebhookId): void {
    attemptDelivery(this.#ports, claim)
      .catch((error: unknown) => this.#ports.onFault(error, claim))
      .finally(() => this.#leave(lane));
  }

  #leave(webhook: WebhookId): void {
    this.#slots.leave(webhook);
    this.#onFreed();
  }

  #onFreed(): void {
    if (this.#starved) this.#ports.onFree();
    this.#admitParked();
  }

  /** One webhook at a time: meanwhile more slots come free, and the next statement brings more. */
  #admitParked(): void {
    const webhook = this.#admitting ? undefined : this.#nextParked();
    if (webhook === undefined) return;
    this.#parked.delete(webhook);
    this.#admitting = true;
    this.#admit(webhook).then(
      (isAll) => {
        this.#admitting = false;
        if (!isAll) this.#parked.add(webhook);
        this.#admitParked();
      },
      (error: unknown) => {
        this.#admitting = false;
        // Not again at once: the next slot that comes free, or the next take, is soon enough for a store that fails.
        this.#parked.add(webhook);
        this.#ports.onFault(error, null);
      },
    );
  }

  /** In quarters of a lane: one statement per freed slot would cost more than the attempts. */
  #nextParked(): WebhookId | undefined {
    if (this.#starved || this.#stopping) return undefined;
    for (const webhook of this.#parked) {
      if (this.#slots.roomInLane(webhook) >= this.#limits.perWebhook / 4) return webhook;
    }
    return undefined;
  }

  /** False: there may be more. */
  async #admit(webhook: WebhookId): Promise<boolean> {
    const limit = await this.#slots.inTurn(() => this.#slots.reserve(this.#slots.roomInLane(webhook)));
    if (limit === 0) return false;
    return (await this.#takeInto({ limit, except: [], only: webhook, includeQueued: true })) < limit;
  }

  /** Into `limit` slots that were reserved. */
  async #takeInto(request: TakeRequest): Promise<number> {
    let reserved = request.limit;
    try {
      const claims = await this.#ports.due.take(request);
      const surplus: Claim[] = [];
      for (const claim of claims) if (!this.#beginReserved(claim)) surplus.push(claim);
      reserved -= claims.length - surplus.length;
      if (surplus.length > 0) await this.#ports.due.release(surplus);
      return claims.length;
    } finally {
      this.#slots.unreserve(reserved);
      if (reserved > 0) this.#onFreed();
    }
  }

  #beginReserved(claim: Claim): boolean {
    if (!this.#slots.enterReserved(claim.webhookId)) {
      this.#parked.add(claim.webhookId);
      return false;
    }
    this.#begin(claim, claim.webhookId);
    return true;
  }
}
