import type { LaneRules, OrgId, WebhookId } from '@hooklane/domain';
import type { AttemptPorts } from './attempt-delivery.ts';
import { attemptDelivery } from './attempt-delivery.ts';
import type { Claim, DueRef, DueStore, TakeShare } from './due-work.ts';
import type { Place } from './lanes.ts';
import { Slots } from './slots.ts';
import type { ThrottleOptions } from './throttles.ts';
import { Waiting } from './waiting.ts';

export interface IntakePorts extends AttemptPorts {
  due: DueStore;
  /** Our own fault around an attempt: the claim lapses and the attempt is made again. */
  onFault: (error: unknown, claim: Claim | null) => void;
}

export interface IntakeLimits {
  lanes: LaneRules;
  throttling: ThrottleOptions;
  /** Claims taken from the store at a time. */
  takeBatch: number;
}

/**
 * Brings due work into the slots of a worker: announced by the queue, or taken straight from the store. Work whose
 * webhook has its lane full is **parked**: it stays in the store and is admitted as the lane empties. While there is more
 * work than slots, webhooks take turns, org by org. A slot is reserved before work is claimed for it, so that no claim waits.
 */
export class Intake {
  readonly #ports: IntakePorts;
  readonly #limits: IntakeLimits;
  readonly #slots: Slots;
  /** Parked ones, and while we are behind all that have due work. */
  readonly #waiting = new Waiting();
  #admitting: Promise<void> | null = null;
  #behind = false;
  #lookAgainMs = 0;
  /** Claims taken for webhooks that wait, since it was looked who does; null: it was not, since we fell behind. */
  #foundSinceLook: number | null = null;
  #stopping = false;

  constructor(ports: IntakePorts, limits: IntakeLimits) {
    this.#ports = ports;
    this.#limits = limits;
    this.#slots = new Slots(limits.lanes, limits.throttling);
  }

  /** Attempts under way. */
  get inFlight(): number {
    return this.#slots.used;
  }

  /** There is, or was when it was looked at last, more due work in the store than is brought here by itself. */
  get isBehind(): boolean {
    return this.#behind;
  }

  /** Resolves when the delivery is claimed, or is not to be; the attempt goes on by itself. */
  async receive(ref: DueRef): Promise<void> {
    const place = await this.#slots.inTurn(() => this.#enterOrPark(ref.webhookId));
    if (place !== null) return this.#attempt(ref, place);
    if (this.#stopping) await this.#ports.due.unqueue([ref]);
  }

  /**
   * Fills free slots from the store: with the oldest, and when that is more than there is room for, webhook by webhook.
   * `again`: there may be more that could be begun at once.
   */
  async take(includeQueued: boolean): Promise<'again' | 'idle'> {
    if (this.#stopping) return 'idle';
    if (this.#behind) return this.#catchUp(includeQueued);
    this.#behind = this.#waiting.size > 0 || !(await this.#takeOldest(includeQueued));
    return this.#behind ? 'again' : 'idle';
  }

  /** From now on work is taken webhook by webhook, until none is left that waits. */
  fallBehind(): void {
    this.#behind = true;
  }

  /** Begins what lanes have room for by now. Time alone makes room, too. */
  admit(): Promise<void> {
    if (this.#stopping || this.#waiting.size === 0) return this.#admitting ?? Promise.resolve();
    this.#admitting ??= this.#admitAll().finally(() => {
      this.#admitting = null;
    });
    return this.#admitting;
  }

  /** Takes nothing more; resolves when every attempt under way has ended and is recorded. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#slots.close();
    return this.#slots.whenIdle();
  }

  /** In one moment: were the lane to empty in between, nobody would think of what is parked. */
  #enterOrPark(webhook: WebhookId): Place | null {
    const place = this.#slots.enter(webhook);
    if (place === null) this.#park(webhook, null);
    return place;
  }

  #park(webhookId: WebhookId, orgId: OrgId | null): void {
    this.#waiting.add({ webhookId, orgId }, true);
  }

  async #attempt(ref: DueRef, place: Place): Promise<void> {
    let claim: Claim | null = null;
    try {
      claim = await this.#ports.due.claim(ref);
    } finally {
      if (claim === null) this.#leave(place);
    }
    if (claim !== null) this.#begin(claim, place);
  }

  /** In a place of its own. Its lane need not be the claim's: what was entered must be left, whatever a job said. */
  #begin(claim: Claim, place: Place): void {
    const isWithinLimits = place.learn(claim.destination);
    const run = isWithinLimits ? attemptDelivery(this.#ports, claim, place) : this.#giveBack(claim);
    run.catch((error: unknown) => this.#ports.onFault(error, claim)).finally(() => this.#leave(place));
  }

  /** Only a claim tells what limits its webhook has: the first one may be one too many. */
  #giveBack(claim: Claim): Promise<void> {
    this.#park(claim.webhookId, claim.orgId);
    return this.#ports.due.release([claim]);
  }

  #leave(place: Place): void {
    this.#slots.leave(place);
    void this.admit();
  }

  /** False: there is more than there was room for. */
  async #takeOldest(includeQueued: boolean): Promise<boolean> {
    const limit = this.#slots.reserve(this.#limits.takeBatch);
    if (limit === 0) return false;
    let reserved = limit;
    try {
      const claims = await this.#ports.due.take({ limit, includeQueued });
      const surplus = claims.filter((claim) => !this.#beginReserved(claim));
      reserved -= claims.length - surplus.length;
      if (surplus.length > 0) await this.#ports.due.release(surplus);
      return claims.length < limit && surplus.length === 0;
    } finally {
      this.#slots.unreserve(reserved);
      void this.admit();
    }
  }

  #beginReserved(claim: Claim): boolean {
    const place = this.#slots.enterReserved(claim.webhookId);
    if (place === null) this.#park(claim.webhookId, claim.orgId);
    else this.#begin(claim, place);
    return place !== null;
  }

  async #catchUp(includeQueued: boolean): Promise<'again' | 'idle'> {
    // What is listed need not be free: its work may be under way. When none of it was, we have caught up.
    if (this.#foundSinceLook === 0 && this.#admitting === null) {
      this.#behind = false;
      this.#foundSinceLook = null;
      return 'idle';
    }
    await this.#lookWhoWaits(includeQueued);
    // Not awaited: it may stand in line for slots, and there is other work than that.
    void this.admit();
    return 'idle';
  }

  /** Not so often that looking is all that the store does: it takes the longer the more webhooks have pending work. */
  async #lookWhoWaits(includeQueued: boolean): Promise<void> {
    const startedMs = performance.now();
    if (startedMs < this.#lookAgainMs) return;
    this.#waiting.addAll(await this.#ports.due.waiting(), includeQueued);
    this.#foundSinceLook = 0;
    const endedMs = performance.now();
    this.#lookAgainMs = endedMs + LOOK_SHARE * (endedMs - startedMs);
  }

  /** One statement after the other: meanwhile more slots come free, and the next one brings more. */
  async #admitAll(): Promise<void> {
    try {
      for (;;) {
        const places = await this.#slots.inTurn(() => this.#enterShares());
        if (places.length === 0) return;
        await this.#takeShares(places);
      }
    } catch (error) {
      // Not again at once: the next slot that comes free, or the next turn, is soon enough for a store that fails.
      this.#ports.onFault(error, null);
    }
  }

  #enterShares(): EnteredShare[] {
    if (this.#stopping) return [];
    const budget = Math.min(this.#limits.takeBatch, this.#slots.free);
    return this.#waiting
      .next(budget, (webhook) => this.#roomWorthwhile(webhook))
      .map((share) => this.#enterShare(share));
  }

  /** In quarters of what a lane holds: one statement for each freed slot would cost more than the attempts. */
  #roomWorthwhile(webhook: WebhookId): number {
    const room = this.#slots.roomInLane(webhook);
    return 3 * room >= this.#slots.inLane(webhook) ? room : 0;
  }

  #enterShare(share: TakeShare): EnteredShare {
    const places: Place[] = [];
    while (places.length < share.limit) {
      const place = this.#slots.enter(share.webhookId);
      if (place === null) break;
      places.push(place);
    }
    return { share: { ...share, limit: places.length }, places };
  }

  async #takeShares(entered: readonly EnteredShare[]): Promise<void> {
    const claims = await this.#claimShares(entered);
    const unused = this.#stopping ? claims.splice(0) : [];
    if (this.#foundSinceLook !== null) this.#foundSinceLook += claims.length;
    const byWebhook = groupByWebhook(claims);
    for (const { share, places } of entered) this.#beginShare(share, places, byWebhook.get(share.webhookId) ?? []);
    if (unused.length > 0) await this.#ports.due.release(unused);
  }

  #beginShare(share: TakeShare, places: readonly Place[], claims: readonly Claim[]): void {
    const [first] = claims;
    // It may have more.
    if (first && claims.length === share.limit) this.#waiting.add(first, share.includeQueued);
    places.forEach((place, n) => {
      const claim = claims[n];
      if (claim === undefined) this.#slots.leave(place);
      else this.#begin(claim, place);
    });
  }

  async #claimShares(entered: readonly EnteredShare[]): Promise<Claim[]> {
    try {
      return await this.#ports.due.takeShares(entered.map(({ share }) => share));
    } catch (error) {
      for (const { share, places } of entered) {
        this.#waiting.add({ webhookId: share.webhookId, orgId: null }, share.includeQueued);
        for (const place of places) this.#slots.leave(place);
      }
      throw error;
    }
  }
}

/** A tenth of the time at most. */
const LOOK_SHARE = 9;

function groupByWebhook(claims: readonly Claim[]): Map<WebhookId, Claim[]> {
  const groups = new Map<WebhookId, Claim[]>();
  for (const claim of claims) {
    const group = groups.get(claim.webhookId);
    if (group === undefined) groups.set(claim.webhookId, [claim]);
    else group.push(claim);
  }
  return groups;
}

/** Places in a lane, for work that is about to be claimed. */
interface EnteredShare {
  share: TakeShare;
  places: readonly Place[];
}
