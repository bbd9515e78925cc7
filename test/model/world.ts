/**
 * One of the ways in which things can have gone so far for one webhook. The model holds a set of them: what is asked of the
 * API and what Hooklane does by itself lead from worlds to worlds, and what is seen strikes out those that it contradicts.
 * When none is left, Hooklane did what no order of permitted steps leads to. Worlds are never changed, only followed by others.
 */
export interface World {
  readonly enabled: boolean;
  readonly suspended: string | null;
  /** When, on the database clock; null while it is there. */
  readonly deleted: Range | null;
  /** In a row. */
  readonly failures: number;
  readonly firstFailure: Range | null;
  /** Attempts in the log. */
  readonly logged: number;
  /** Decided by a result that was just written; carried out after it, unless the worker dies. */
  readonly suspensions: readonly Suspension[];
  /** Asked for and not done. */
  readonly operations: readonly Operation[];
  /** By the names of events. */
  readonly deliveries: Readonly<Record<string, Delivery>>;
}

/** Milliseconds since 1970 on the database clock. What was not seen to the millisecond lies somewhere in between. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface Suspension {
  readonly reason: 'failures' | 'gone';
  /** There must still be so many in a row. */
  readonly failures: number;
}

export interface Operation {
  readonly kind: 'resend' | 'retry_now' | 'cancel_pending';
  /** What came to be after this it leaves alone. */
  readonly created: Range;
}

export interface Delivery {
  readonly state: 'pending' | 'delivered' | 'diverted' | 'discarded';
  readonly reason: string | null;
  /** On record, over all rounds. */
  readonly attempts: number;
  /** Attempts before the round it is in. */
  readonly before: number;
  /** When the round began: its age is counted from there. */
  readonly began: Range;
  readonly due: Range;
  /** Until when the newest claim holds; null when there is none. */
  readonly claimed: Range | null;
  /** Raised by every claim, over all rounds: only the newest one's result may count. */
  readonly claimNo: number;
  readonly flights: readonly Flight[];
  /** Requests that reached the receiver. */
  readonly requests: number;
  /** Results that a worker could not write. */
  readonly lost: number;
  readonly diverted: Range | null;
  /** Its row is still in the history. */
  readonly history: boolean;
}

/** A claim that a worker has in hand. Oldest first. */
export interface Flight {
  readonly claimNo: number;
  readonly since: Range;
  readonly phase:
    | { readonly is: 'claimed' }
    /** The claim said that nothing may be sent. */
    | { readonly is: 'refused'; readonly reason: string }
    /** The request is at the receiver, which has not answered. */
    | { readonly is: 'held' }
    | { readonly is: 'answered'; readonly status: number };
}

export type Standing = 'active' | 'suspended' | 'disabled' | 'deleted';

export function standingOf(world: World): Standing {
  if (world.deleted !== null) return 'deleted';
  if (!world.enabled) return 'disabled';
  return world.suspended === null ? 'active' : 'suspended';
}

export function newWorld(): World {
  return {
    enabled: true,
    suspended: null,
    deleted: null,
    failures: 0,
    firstFailure: null,
    logged: 0,
    suspensions: [],
    operations: [],
    deliveries: {},
  };
}

/** As it is when its event has just been accepted. */
export function newDelivery(now: Range): Delivery {
  return {
    state: 'pending',
    reason: null,
    attempts: 0,
    before: 0,
    began: now,
    due: now,
    claimed: null,
    claimNo: 0,
    flights: [],
    requests: 0,
    lost: 0,
    diverted: null,
    history: true,
  };
}

export function withDelivery(world: World, event: string, changes: Partial<Delivery>): World {
  return {
    ...world,
    deliveries: { ...world.deliveries, [event]: { ...deliveryOf(world, event), ...changes } },
  };
}

export function deliveryOf(world: World, event: string): Delivery {
  const delivery = world.deliveries[event];
  if (delivery === undefined) throw new TypeError(`the world has no delivery of ${event}`);
  return delivery;
}

/** It ends: nobody has a claim on it any more, though somebody may still be at it in vain. */
export function ended(
  world: World,
  event: string,
  { state, reason, now }: { state: 'delivered' | 'diverted' | 'discarded'; reason: string | null; now: Range },
): World {
  return withDelivery(world, event, { state, reason, claimed: null, diverted: state === 'diverted' ? now : null });
}

/** What has ended is due again, in a new round. */
export function resent(world: World, event: string, now: Range): World {
  const { attempts } = deliveryOf(world, event);
  return withDelivery(world, event, {
    state: 'pending',
    reason: null,
    before: attempts,
    began: now,
    due: now,
    claimed: null,
    diverted: null,
  });
}

/** Nobody has it, or who had it did not come back in time. */
export function isFree({ claimed: until }: Delivery, now: Range): { may: boolean; must: boolean } {
  if (until === null) return { may: true, must: true };
  return { may: until.min < now.max, must: until.max < now.max };
}

export function eventsIn(world: World, state: Delivery['state']): string[] {
  return Object.keys(world.deliveries).filter((event) => deliveryOf(world, event).state === state);
}

export function distinct(worlds: readonly World[]): World[] {
  return [...new Map(worlds.map((world) => [JSON.stringify(world), world])).values()];
}

export function plus(range: Range, by: Range): Range {
  return { min: range.min + by.min, max: range.max + by.max };
}
