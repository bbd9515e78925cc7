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
  /** A lane nobody has proven anything about, and the smallest one of a webhook that is not slow. */
  start: number;
  /** The lane of a webhook that is slow and fails: its attempts go on, and leave most of the slow slots to others. */
  slowSize: number;
  /** Slots that all slow webhooks share. */
  slowSlots: number;
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
const SHARE_OF_SLOW = 1 / 2;
const SHARE_OF_SLOW_WHEN_FAILING = 1 / 4;
/** Of the slow slots, kept from those that fail: who answers in the end, or seems slow because we were, does not wait for them. */
const KEPT_FOR_ANSWERING = 1 / 4;

/**
 * @param slowPercent of the slots, for all slow webhooks together; twice as much with those nobody knows yet. 100: nothing has to
 * be earned, every webhook has the largest lane from the beginning.
 */
export function laneRules(limits: {
  total: number;
  perWebhook: number;
  slowPercent: number;
  slowAfterMs: number;
}): LaneRules {
  const { total, perWebhook, slowPercent, slowAfterMs } = limits;
  const slowSlots = Math.max(1, Math.floor((total * slowPercent) / 100));
  const doubtfulSlots = Math.min(total, Math.max(2, 2 * slowSlots));
  const isOpen = slowPercent === 100;
  const start = isOpen ? perWebhook : Math.min(START, perWebhook);
  const slowSize = isOpen
    ? perWebhook
    : Math.min(perWebhook, Math.max(1, Math.floor(slowSlots * SHARE_OF_SLOW_WHEN_FAILING)));
  return { total, perWebhook, start, slowSize, slowSlots, doubtfulSlots, slowAfterMs };
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
    size: sizeAfter(record, { isSlow, failed: sign.failed }, rules),
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

function sizeAfter(record: LaneRecord, end: { isSlow: boolean; failed: boolean }, rules: LaneRules): number {
  if (!end.failed) return Math.min(record.size + 1, rules.perWebhook);
  // It held a slot for long and gave nothing for it.
  if (end.isSlow) return rules.slowSize;
  return Math.max(rules.start, Math.floor(record.size / 2));
}

/** Attempts under way in a worker. */
export interface Load {
  /** Slots that nobody uses or has reserved. */
  free: number;
  unproven: number;
  slow: number;
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
  const { record, inFlight } = lane;
  const own = Math.min(record.size, rules.perWebhook, ramped(record, nowMs, rules)) - inFlight;
  return Math.max(0, Math.min(own, roomBySpeed(lane, load, rules)));
}

function roomBySpeed(lane: BusyLane, { free, unproven, slow }: Load, rules: LaneRules): number {
  const doubtful = rules.doubtfulSlots - unproven - slow;
  switch (speedOf(lane)) {
    case 'fast':
      return Math.max(rules.start, Math.floor(free * SHARE_OF_FREE)) - lane.inFlight;
    case 'unproven':
      return doubtful;
    case 'slow':
      return slowRoom(lane, { left: rules.slowSlots - slow - keptFrom(lane, rules), doubtful });
  }
}

function keptFrom({ record }: BusyLane, { slowSlots, slowSize, perWebhook }: LaneRules): number {
  const isOpen = slowSize === perWebhook;
  return record.failuresInARow > 0 && !isOpen ? Math.floor(slowSlots * KEPT_FOR_ANSWERING) : 0;
}

function slowRoom({ inFlight }: BusyLane, { left, doubtful }: { left: number; doubtful: number }): number {
  const fair = Math.max(1, Math.floor(left * SHARE_OF_SLOW)) - inFlight;
  return Math.min(left, doubtful, fair);
}

function ramped({ downAtMs }: LaneRecord, nowMs: number, { start }: LaneRules): number {
  return downAtMs === null ? Number.POSITIVE_INFINITY : start * 2 ** Math.floor((nowMs - downAtMs) / RAMP_MS);
}
