/**
 * How much of a worker a webhook may use. A receiver that never answers shows itself only by time passing, so trust has to
 * be earned: a webhook starts with a small lane, which grows with every quick answer, and nobody who is slow, or not known
 * yet, gets at the slots of those who were quick.
 */

/** What a webhook is taken for: by its last attempts, and by how long those under way have lasted. */
export type Speed = 'unproven' | 'fast' | 'slow';

/** What one worker remembers of a webhook. */
export interface LaneRecord {
  speed: Speed;
  /** Attempts that it may have in flight, were there room for all. */
  size: number;
  /** Quick ends in a row, whatever they said: a quick 500 holds no slot for long. */
  fastInARow: number;
  slowInARow: number;
  failuresInARow: number;
  /** The last failure of a run of them, ms on the worker's own clock; null: it is not taken for down. */
  downAtMs: number | null;
}

export interface LaneRules {
  /** Slots of the worker. */
  total: number;
  /** The largest lane. */
  perWebhook: number;
  /** A lane nobody has proven anything about. */
  start: number;
  /** The lane of a webhook that fails quickly: it holds no slot for long, and need not be hammered. */
  failingSize: number;
  /** Slots that all slow webhooks share. */
  slowSlots: number;
  /** Of these, kept from those that fail: who answers in the end, or seems slow because we were, does not wait for them. */
  keptSlots: number;
  /** Slots that slow and unproven webhooks share; what slow ones leave of it is for the unproven. */
  doubtfulSlots: number;
  /** An attempt that lasts so long is slow. */
  slowAfterMs: number;
}

const START = 2;
/** Quick ends in a row that make a webhook fast. */
const PROVEN_AFTER = 3;
/** Slow answers in a row that make a webhook slow; of those that never came, one does. */
const SLOW_AFTER = 2;
/** Failures in a row that make a receiver count as down: single ones happen to busy receivers all the time. */
const DOWN_AFTER = 3;
/** Back from being down, a lane may double in this time: a backlog comes as a slope, not as a wall. */
const RAMP_MS = 1_000;
/** One lane gets at most so much of what is free. However many want all they can get, something stays free for others. */
const SHARE_OF_FREE = 1 / 4;
const FAILING_SHARE_OF_LANE = 1 / 4;
const KEPT_SHARE_OF_SLOW = 1 / 4;
/** Of what is not for the slow, so much is for the unproven at least. */
const UNPROVEN_SHARE = 1 / 2;

/**
 * @param slowPercent of the slots, for all slow webhooks together; with those nobody knows yet, half of the rest more. 100:
 * nothing has to be earned, every webhook has the largest lane from the beginning.
 */
export function laneRules(limits: {
  total: number;
  perWebhook: number;
  slowPercent: number;
  slowAfterMs: number;
}): LaneRules {
  const { total, perWebhook, slowPercent, slowAfterMs } = limits;
  const slowSlots = Math.max(1, Math.floor((total * slowPercent) / 100));
  const doubtfulSlots = Math.min(total, slowSlots + Math.max(1, Math.floor((total - slowSlots) * UNPROVEN_SHARE)));
  const common = { total, perWebhook, slowSlots, doubtfulSlots, slowAfterMs };
  if (slowPercent === 100) return { ...common, start: perWebhook, failingSize: perWebhook, keptSlots: 0 };
  const start = Math.min(START, perWebhook);
  const failingSize = Math.max(start, Math.floor(perWebhook * FAILING_SHARE_OF_LANE));
  return { ...common, start, failingSize, keptSlots: Math.floor(slowSlots * KEPT_SHARE_OF_SLOW) };
}

export function newLane({ start }: LaneRules): LaneRecord {
  return { speed: 'unproven', size: start, fastInARow: 0, slowInARow: 0, failuresInARow: 0, downAtMs: null };
}

/** How an attempt ended, as far as it says something about its receiver. */
export interface LaneSign {
  durationMs: number;
  failed: boolean;
  nowMs: number;
}

export function afterAttempt(record: LaneRecord, sign: LaneSign, rules: LaneRules): LaneRecord {
  const isSlow = sign.durationMs >= rules.slowAfterMs;
  const fastInARow = isSlow ? 0 : Math.min(record.fastInARow + 1, PROVEN_AFTER);
  const slowInARow = isSlow ? Math.min(record.slowInARow + 1, SLOW_AFTER) : 0;
  const isTooSlow = slowInARow === SLOW_AFTER || (isSlow && sign.failed);
  const failuresInARow = sign.failed ? Math.min(record.failuresInARow + 1, DOWN_AFTER) : 0;
  return {
    speed: speedAfter(record, isTooSlow, fastInARow),
    size: sizeAfter(record, sign.failed, rules),
    fastInARow,
    slowInARow,
    failuresInARow,
    // Stays when it is back: the ramp begins at the last failure.
    downAtMs: failuresInARow === DOWN_AFTER ? sign.nowMs : record.downAtMs,
  };
}

function speedAfter(record: LaneRecord, isTooSlow: boolean, fastInARow: number): Speed {
  if (isTooSlow) return 'slow';
  return fastInARow >= PROVEN_AFTER ? 'fast' : record.speed;
}

function sizeAfter({ size }: LaneRecord, failed: boolean, { perWebhook, failingSize }: LaneRules): number {
  if (!failed) return Math.min(size + 1, perWebhook);
  return Math.max(Math.min(size + 1, failingSize), Math.floor(size / 2));
}

/** Attempts under way in a worker. */
export interface Load {
  /** Slots that nobody uses or has reserved. */
  free: number;
  unproven: number;
  slow: number;
  /** Webhooks that the slow ones are for. */
  slowWebhooks: number;
}

export interface BusyLane {
  record: LaneRecord;
  inFlight: number;
  /** One of its attempts under way has lasted for long, and none was answered since: it is slow now, whatever it was. */
  isOverdue: boolean;
}

export function speedOf({ record, isOverdue }: Pick<BusyLane, 'record' | 'isOverdue'>): Speed {
  return isOverdue ? 'slow' : record.speed;
}

/** How many attempts more the webhook may begin now, were slots free for them; 0 at least. */
export function laneRoom(lane: BusyLane, load: Load, { nowMs, rules }: { nowMs: number; rules: LaneRules }): number {
  const own = Math.min(rules.perWebhook, ramped(lane.record, nowMs, rules)) - lane.inFlight;
  return Math.max(0, Math.min(own, roomBySpeed(lane, load, rules)));
}

function roomBySpeed(lane: BusyLane, load: Load, rules: LaneRules): number {
  const { record, inFlight } = lane;
  const doubtful = rules.doubtfulSlots - load.unproven - load.slow;
  switch (speedOf(lane)) {
    case 'fast':
      return Math.min(record.size, Math.max(rules.start, Math.floor(load.free * SHARE_OF_FREE))) - inFlight;
    case 'unproven':
      return Math.min(record.size - inFlight, doubtful);
    case 'slow':
      return Math.min(slowRoom(lane, load, rules), doubtful);
  }
}

/**
 * Slow webhooks share evenly, whatever the size of their lanes: one that is alone with its slowness gets on with what it
 * owes, and the more of them there are the less each has.
 */
function slowRoom({ record, inFlight }: BusyLane, load: Load, { slowSlots, keptSlots }: LaneRules): number {
  const slots = record.failuresInARow > 0 ? slowSlots - keptSlots : slowSlots;
  const sharers = load.slowWebhooks + (inFlight > 0 ? 0 : 1);
  return Math.min(slots - load.slow, Math.ceil(slots / Math.max(1, sharers)) - inFlight);
}

/** Only when it is back: while it fails, it is attempted as it falls due. */
function ramped({ downAtMs, failuresInARow }: LaneRecord, nowMs: number, { failingSize }: LaneRules): number {
  if (downAtMs === null || failuresInARow > 0) return Number.POSITIVE_INFINITY;
  return failingSize * 2 ** Math.floor((nowMs - downAtMs) / RAMP_MS);
}
