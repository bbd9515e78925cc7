import type { LaneRecord, LaneRules, Speed, WebhookId } from '@hooklane/domain';
import { afterAttempt, laneRoom, newLane, speedOf } from '@hooklane/domain';
import type { SendReport } from './sending.ts';

/** What is remembered of webhooks that have nothing in flight: those that were there last. */
const REMEMBERED = 20_000;

interface Lane {
  readonly webhookId: WebhookId;
  record: LaneRecord;
  inFlight: number;
  /** Of its attempts under way, those that have lasted for long. */
  overdue: number;
}

/**
 * What a worker knows of the webhooks it sends to, and how many attempts of each are in flight. How long those have lasted
 * is looked at whenever room is asked for: a receiver that hangs is slow from the moment it has hung for long, not only
 * when its deadline ends.
 */
export class Lanes {
  readonly #rules: LaneRules;
  readonly #clock: () => number;
  readonly #lanes = new Map<WebhookId, Lane>();
  readonly #inFlight: Record<Speed, number> = { unproven: 0, fast: 0, slow: 0 };
  /** Being sent and not overdue, oldest first. */
  readonly #young = new Set<Place>();

  /** @param clock ms, monotonic */
  constructor(rules: LaneRules, clock: () => number) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** How many attempts the webhook may begin now, were slots free for them. */
  room(webhookId: WebhookId, free: number): number {
    this.#age();
    const { record, inFlight, overdue } = this.#lanes.get(webhookId) ?? this.#unknown(webhookId);
    const { unproven, slow } = this.#inFlight;
    const lane = { record, inFlight, isOverdue: overdue > 0 };
    return laneRoom(lane, { free, unproven, slow }, { nowMs: this.#clock(), rules: this.#rules });
  }

  inFlight(webhookId: WebhookId): number {
    return this.#lanes.get(webhookId)?.inFlight ?? 0;
  }

  /** Whoever enters leaves. */
  enter(webhookId: WebhookId): Place {
    const lane = this.#lanes.get(webhookId) ?? this.#unknown(webhookId);
    this.#lanes.set(webhookId, lane);
    lane.inFlight++;
    this.#inFlight[speedOfLane(lane)]++;
    return new Place(webhookId, this);
  }

  leave(place: Place): void {
    const lane = this.#laneOf(place);
    this.#inFlight[speedOfLane(lane)]--;
    lane.inFlight--;
    if (lane.inFlight > 0) return;
    this.#lanes.delete(lane.webhookId);
    this.#lanes.set(lane.webhookId, lane);
    if (this.#lanes.size > REMEMBERED) this.#forgetOne();
  }

  /** For {@link Place} only. */
  sending(place: Place): void {
    place.sentAtMs = this.#clock();
    this.#young.add(place);
  }

  /** For {@link Place} only. */
  answered(place: Place, { outcome, durationMs }: SendReport): void {
    const lane = this.#laneOf(place);
    const sign = { durationMs, failed: outcome.kind !== 'accepted', nowMs: this.#clock() };
    this.#change(lane, () => {
      if (!this.#young.delete(place)) lane.overdue--;
      lane.record = afterAttempt(lane.record, sign, this.#rules);
    });
  }

  #age(): void {
    const before = this.#clock() - this.#rules.slowAfterMs;
    for (const place of this.#young) {
      if (place.sentAtMs > before) return;
      this.#young.delete(place);
      const lane = this.#laneOf(place);
      this.#change(lane, () => {
        lane.overdue++;
      });
    }
  }

  /** All its attempts move with it when it becomes slow or fast. */
  #change(lane: Lane, change: () => void): void {
    this.#inFlight[speedOfLane(lane)] -= lane.inFlight;
    change();
    this.#inFlight[speedOfLane(lane)] += lane.inFlight;
  }

  #laneOf({ webhookId }: Place): Lane {
    const lane = this.#lanes.get(webhookId);
    if (lane === undefined) throw new TypeError('a lane in use is not forgotten');
    return lane;
  }

  #unknown(webhookId: WebhookId): Lane {
    return { webhookId, record: newLane(this.#rules), inFlight: 0, overdue: 0 };
  }

  #forgetOne(): void {
    for (const [webhookId, { inFlight }] of this.#lanes) {
      if (inFlight > 0) continue;
      this.#lanes.delete(webhookId);
      return;
    }
  }
}

function speedOfLane({ record, overdue }: Lane): Speed {
  return speedOf({ record, isOverdue: overdue > 0 });
}

/** One attempt's stay in a lane. What it is told of the sending is what its webhook is judged by. */
export class Place {
  readonly webhookId: WebhookId;
  /** On the clock of the lanes. */
  sentAtMs = 0;
  readonly #lanes: Lanes;

  constructor(webhookId: WebhookId, lanes: Lanes) {
    this.webhookId = webhookId;
    this.#lanes = lanes;
  }

  /** From now on it counts how long it lasts: how fast our own stores are says nothing about a receiver. */
  sending(): void {
    this.#lanes.sending(this);
  }

  answered(report: SendReport): void {
    this.#lanes.answered(this, report);
  }
}
