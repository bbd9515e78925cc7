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
 * webhook has its lane full is **parked**: it stays in the store and is admitted as the lane empties.
 */
export class Intake {
  readonly #ports: IntakePorts;
  readonly #limits: IntakeLimits;
  readonly #slots: Slots;
  readonly #parked = new Set<WebhookId>();
  #stopping = false;
  /** There may be work that found no slot. */
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
    await this.#slots.whenFree();
    if (this.#stopping) return this.#ports.due.unqueue([ref]);
    if (!this.#slots.enter(ref.webhookId)) {
      this.#parked.add(ref.webhookId);
      return;
    }
    const claim = await this.#claimOrLeave(ref);
    if (claim) this.#begin(claim);
    else this.#leave(ref.webhookId);
  }

  /** Fills free slots from the store. `again`: there may be more. */
  async take(includeQueued: boolean): Promise<'again' | 'idle'> {
    const limit = Math.min(this.#slots.free, this.#limits.takeBatch);
    this.#starved = limit <= 0;
    if (this.#stopping || this.#starved) return 'idle';
    const taken = await this.#takeInto({ limit, except: this.#slots.fullLanes(), includeQueued });
    return taken === limit ? 'again' : 'idle';
  }

  /** Takes nothing more; resolves when every attempt under way has ended and is recorded. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#slots.close();
    return this.#slots.whenIdle();
  }

  async #claimOrLeave(ref: DueRef): Promise<Claim | null> {
    try {
      return await this.#ports.due.claim(ref);
    } catch (error) {
      this.#leave(ref.webhookId);
      throw error;
    }
  }

  /** In a slot that was entered before. */
  #begin(claim: Claim): void {
    attemptDelivery(this.#ports, claim)
      .catch((error: unknown) => this.#ports.onFault(error, claim))
      .finally(() => this.#leave(claim.webhookId));
  }

  #leave(webhook: WebhookId): void {
    this.#slots.leave(webhook);
    if (this.#starved) this.#ports.onFree();
    this.#admitParked(webhook);
  }

  /** In quarters of a lane: one statement per freed slot would cost more than the attempts. */
  #admitParked(left: WebhookId): void {
    const [first] = this.#parked;
    const webhook = this.#parked.has(left) ? left : first;
    if (webhook === undefined || this.#stopping) return;
    const limit = this.#slots.freeInLane(webhook);
    if (limit < Math.min(this.#limits.perWebhook / 4, Math.max(this.#slots.free, 1))) return;
    // Out and, if there is more, in again at the end: parked webhooks take turns.
    this.#parked.delete(webhook);
    this.#takeInto({ limit, except: [], only: webhook, includeQueued: true }).then(
      (taken) => {
        if (taken === limit) this.#parked.add(webhook);
      },
      (error: unknown) => {
        this.#parked.add(webhook);
        this.#ports.onFault(error, null);
      },
    );
  }

  async #takeInto(request: TakeRequest): Promise<number> {
    const claims = await this.#ports.due.take(request);
    const surplus: Claim[] = [];
    for (const claim of claims) {
      if (!this.#stopping && this.#slots.enter(claim.webhookId)) this.#begin(claim);
      else surplus.push(claim);
    }
    for (const claim of surplus) this.#parked.add(claim.webhookId);
    if (surplus.length > 0) await this.#ports.due.release(surplus);
    return claims.length;
  }
}
