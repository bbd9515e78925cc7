import type { Destination, LaneRecord, LaneRules, Speed, WaitReason, WebhookId } from '@hooklane/domain';
import { afterAttempt, laneRoom, newLane, speedOf } from '@hooklane/domain';
import { Gate } from './gate.ts';
import type { SendReport } from './sending.ts';
import type { Throttles, Throttling } from './throttles.ts';

/** What is remembered of webhooks that have nothing in flight: those that were there last. */
const REMEMBERED = 20_000;

interface Lane {
  readonly webhookId: WebhookId;
  record: LaneRecord;
  inFlight: number;
  /** One of its attempts under way has lasted for long, and none was answered since. */
  isOverdue: boolean;
  /** Null until a claim has told what it is sent to. */
  throttling: Throttling | null;
  /** When a limit kept an attempt from beginning last. */
  refused: { reason: WaitReason; atMs: number } | null;
}

/**
 * What a worker knows of the webhooks it sends to, and how many attempts of each are in flight. How long those have lasted
 * is looked at whenever room is asked for: a receiver that hangs is slow from the moment it has hung for long, not only
 * when its deadline ends.
 */
export class Lanes {
  readonly #rules: LaneRules;
  readonly #throttles: Throttles;
  readonly #clock: () => number;
  readonly #lanes = new Map<WebhookId, Lane>();
  readonly #inFlight: Record<Speed, number> = { unproven: 0, fast: 0, slow: 0 };
  /** Slow ones with something in flight. */
  #slowWebhooks = 0;
  /** Being sent and not overdue, oldest first. */
  readonly #young = new Set<Place>();

  /** @param clock ms, monotonic */
  constructor(rules: LaneRules, throttles: Throttles, clock: () => number) {
    this.#rules = rules;
    this.#throttles = throttles;
    this.#clock = clock;
  }

  /** How many attempts the webhook may begin now, were slots free for them. */
  room(webhookId: WebhookId, free: number): number {
    this.#age();
    const known = this.#lanes.get(webhookId) ?? this.#unknown(webhookId);
    const { record, inFlight, isOverdue, throttling } = known;
    const { unproven, slow } = this.#inFlight;
    const nowMs = this.#clock();
    const load = { free, unproven, slow, slowWebhooks: this.#slowWebhooks };
    const room = laneRoom({ record, inFlight, isOverdue }, load, { nowMs, rules: this.#rules });
    if (throttling === null) return room;
    const allowed = this.#throttles.room(throttling, nowMs);
    if (allowed < 1) this.#noteRefusal(known, { nowMs, wanted: 1 });
    return Math.max(0, Math.min(room, allowed));
  }

  inFlight(webhookId: WebhookId): number {
    return this.#lanes.get(webhookId)?.inFlight ?? 0;
  }

  /** Whoever enters leaves. */
  enter(webhookId: WebhookId): Place {
    const lane = this.#lanes.get(webhookId) ?? this.#unknown(webhookId);
    this.#lanes.set(webhookId, lane);
    this.#change(lane, () => lane.inFlight++);
    if (lane.throttling !== null) this.#throttles.enter(lane.throttling, 1, this.#clock());
    const place = new Place(webhookId, this);
    place.enteredAtMs = this.#clock();
    return place;
  }

  leave(place: Place): void {
    const lane = this.#laneOf(place);
    if (lane.throttling !== null) {
      this.#throttles.leave(lane.throttling, { count: 1, unsent: place.isSent ? 0 : 1 }, this.#clock());
    }
    this.#change(lane, () => lane.inFlight--);
    if (lane.inFlight > 0) return;
    this.#lanes.delete(lane.webhookId);
    this.#lanes.set(lane.webhookId, lane);
    if (this.#lanes.size > REMEMBERED) this.#forgetOne();
  }

  /** For {@link Place} only. */
  learn(place: Place, destination: Destination): boolean {
    const lane = this.#laneOf(place);
    if (lane.throttling !== null && isLimitedAs(lane.throttling.destination, destination)) return true;
    const nowMs = this.#clock();
    const count = lane.inFlight;
    if (lane.throttling !== null) this.#throttles.leave(lane.throttling, { count, unsent: 0 }, nowMs);
    lane.throttling = { destination, gate: lane.throttling?.gate ?? new Gate() };
    this.#throttles.enter(lane.throttling, count, nowMs);
    const isWithinLimits = this.#throttles.room(lane.throttling, nowMs) >= 0;
    if (!isWithinLimits) this.#noteRefusal(lane, { nowMs, wanted: 0 });
    return isWithinLimits;
  }

  /** For {@link Place} only. */
  waitReason(place: Place, lateMs: number): WaitReason | null {
    const { refused } = this.#laneOf(place);
    return refused !== null && refused.atMs >= place.enteredAtMs - lateMs ? refused.reason : null;
  }

  /** For {@link Place} only. */
  sending(place: Place): void {
    place.sentAtMs = this.#clock();
    place.isSent = true;
    this.#young.add(place);
  }

  /** For {@link Place} only. */
  answered(place: Place, { outcome, durationMs }: SendReport): void {
    const lane = this.#laneOf(place);
    const sign = { durationMs, failed: outcome.kind !== 'accepted', nowMs: this.#clock() };
    this.#change(lane, () => {
      this.#young.delete(place);
      lane.isOverdue = false;
      lane.record = afterAttempt(lane.record, sign, this.#rules);
    });
  }

  #noteRefusal(lane: Lane, at: { nowMs: number; wanted: number }): void {
    const reason = lane.throttling && this.#throttles.refusal(lane.throttling, at);
    if (reason !== null) lane.refused = { reason, atMs: at.nowMs };
  }

  #age(): void {
    const before = this.#clock() - this.#rules.slowAfterMs;
    for (const place of this.#young) {
      if (place.sentAtMs > before) return;
      this.#young.delete(place);
      const lane = this.#laneOf(place);
      this.#change(lane, () => {
        lane.isOverdue = true;
      });
    }
  }

  /** All its attempts move with it when it becomes slow or fast. */
  #change(lane: Lane, change: () => unknown): void {
    this.#count(lane, -1);
    change();
    this.#count(lane, 1);
  }

  #count(lane: Lane, sign: 1 | -1): void {
    const speed = speedOf(lane);
    this.#inFlight[speed] += sign * lane.inFlight;
    if (speed === 'slow' && lane.inFlight > 0) this.#slowWebhooks += sign;
  }

  #laneOf({ webhookId }: Place): Lane {
    const lane = this.#lanes.get(webhookId);
    if (lane === undefined) throw new TypeError('a lane in use is not forgotten');
    return lane;
  }

  #unknown(webhookId: WebhookId): Lane {
    return { webhookId, record: newLane(this.#rules), inFlight: 0, isOverdue: false, throttling: null, refused: null };
  }

  #forgetOne(): void {
    for (const [webhookId, { inFlight }] of this.#lanes) {
      if (inFlight > 0) continue;
      this.#lanes.delete(webhookId);
      return;
    }
  }
}

function isLimitedAs(one: Destination, other: Destination): boolean {
  if (one === other) return true;
  const { maxInFlight, perSecond } = one.limits;
  return one.host === other.host && maxInFlight === other.limits.maxInFlight && perSecond === other.limits.perSecond;
}

/** One attempt's stay in a lane. What it is told of the sending is what its webhook is judged by. */
export class Place {
  readonly webhookId: WebhookId;
  /** On the clock of the lanes. */
  sentAtMs = 0;
  enteredAtMs = 0;
  isSent = false;
  readonly #lanes: Lanes;

  constructor(webhookId: WebhookId, lanes: Lanes) {
    this.webhookId = webhookId;
    this.#lanes = lanes;
  }

  /** Of a claim. False: with this one the webhook, or its host, would get more than it may. */
  learn(destination: Destination): boolean {
    return this.#lanes.learn(this, destination);
  }

  /** Which limit kept a delivery that was `lateMs` late when it was claimed from being sent before; null: none. */
  waitReason(lateMs: number): WaitReason | null {
    return this.#lanes.waitReason(this, lateMs);
  }

  /** From now on it counts how long it lasts: how fast our own stores are says nothing about a receiver. */
  sending(): void {
    this.#lanes.sending(this);
  }

  answered(report: SendReport): void {
    this.#lanes.answered(this, report);
  }
}
