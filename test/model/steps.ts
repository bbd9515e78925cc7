import { operationSteps } from './operation-steps.ts';
import type { Verdict } from './policy.ts';
import { suspends, verdicts } from './policy.ts';
import type { Manner, Setting, Step } from './step.ts';
import { ANSWERS } from './step.ts';
import type { Flight, Suspension, World } from './world.ts';
import { deliveryOf, ended, isFree, plus, standingOf, withDelivery } from './world.ts';

/** A job that waits in the queue wakes on the clock of its worker: so much early counts as on time. */
const EARLY_MS = 250;

export function stepsOf(world: World, setting: Setting): Step[] {
  return [
    ...suspensionSteps(world),
    ...operationSteps(world, setting),
    ...Object.keys(world.deliveries).flatMap((event) =>
      deliverySteps(world, event, setting).map((step) => ({ actor: event, silent: false, ...step })),
    ),
  ];
}

type OwnStep = Omit<Step, 'actor' | 'silent'> & Partial<Pick<Step, 'silent'>>;

function deliverySteps(world: World, event: string, setting: Setting): OwnStep[] {
  const delivery = deliveryOf(world, event);
  return [
    ...delivery.flights.flatMap((flight) => flightSteps(world, { event, flight }, setting)),
    ...(delivery.state === 'pending' ? pendingSteps(world, event, setting) : []),
    ...(delivery.state === 'diverted' && world.deleted !== null
      ? [{ must: true, to: ended(world, event, { state: 'discarded', reason: 'deleted', now: setting.now }) }]
      : []),
  ];
}

function pendingSteps(world: World, event: string, setting: Setting): OwnStep[] {
  const delivery = deliveryOf(world, event);
  const { may, must } = isFree(delivery, setting.now);
  if (!may) return [];
  const drained = standingOf(world) === 'active' ? [] : [{ must, to: setAside(world, event, setting) }];
  const due = { may: delivery.due.min - EARLY_MS <= setting.now.max, must: delivery.due.max <= setting.now.max };
  const claims = due.may ? [{ must: must && due.must, to: claimed(world, event, setting) }] : [];
  return [...drained, ...claims];
}

type Aside = Pick<Setting, 'policy' | 'now'> & { reason?: string };

/** Kept or not, as the policy says. Without a reason: because its webhook is not active. */
function setAside(world: World, event: string, { policy, now, reason = standingOf(world) }: Aside): World {
  const state = reason === 'deleted' || !policy.divert ? 'discarded' : 'diverted';
  return ended(world, event, { state, reason, now });
}

function claimed(world: World, event: string, { now, claimMs }: Setting): World {
  const { claimNo, flights } = deliveryOf(world, event);
  const standing = standingOf(world);
  const flight: Flight = {
    claimNo: claimNo + 1,
    since: now,
    phase: standing === 'active' ? { is: 'claimed' } : { is: 'refused', reason: standing },
  };
  return withDelivery(world, event, {
    claimNo: flight.claimNo,
    claimed: plus(now, { min: claimMs, max: claimMs }),
    flights: [...flights, flight],
  });
}

interface Flying {
  readonly event: string;
  readonly flight: Flight;
}

function flightSteps(world: World, flying: Flying, setting: Setting): OwnStep[] {
  const { phase } = flying.flight;
  switch (phase.is) {
    case 'held':
      return [];
    case 'claimed':
      return [{ must: true, silent: true, to: arrived(world, flying, setting.manner) }];
    case 'refused':
      return [{ must: true, silent: true, to: refused(world, flying, { setting, reason: phase.reason }) }];
    case 'answered':
      return [
        ...recorded(world, flying, { setting, status: phase.status }),
        ...unrecorded(world, flying, setting.faults.get(flying.event) ?? 0),
      ].map((to) => ({ must: true, to }));
  }
}

function arrived(world: World, { event, flight }: Flying, manner: Manner): World {
  const { requests } = deliveryOf(world, event);
  const phase: Flight['phase'] = manner === 'slow' ? { is: 'held' } : { is: 'answered', status: ANSWERS[manner] };
  const there = withDelivery(world, event, { requests: requests + 1 });
  return withFlights(there, event, (one) => (one.claimNo === flight.claimNo ? { ...one, phase } : one));
}

/** Changes each flight of a delivery; what becomes null is over. */
export function withFlights(world: World, event: string, change: (flight: Flight) => Flight | null): World {
  const flights = deliveryOf(world, event).flights.map(change);
  return withDelivery(world, event, { flights: flights.filter((flight) => flight !== null) });
}

/** The fence: only the newest claim counts, and only while its delivery waits for it. */
function land(world: World, { event, flight }: Flying): { over: World; counts: boolean } {
  const { state, claimed: until, claimNo } = deliveryOf(world, event);
  return {
    over: withFlights(world, event, (one) => (one.claimNo === flight.claimNo ? null : one)),
    counts: state === 'pending' && until !== null && claimNo === flight.claimNo,
  };
}

function refused(world: World, flying: Flying, { setting, reason }: { setting: Setting; reason: string }): World {
  const { over, counts } = land(world, flying);
  return counts ? setAside(over, flying.event, { ...setting, reason }) : over;
}

/** The claim stays until it lapses. */
function unrecorded(world: World, { event, flight }: Flying, faults: number): World[] {
  const { lost } = deliveryOf(world, event);
  if (lost >= faults) return [];
  const over = withFlights(world, event, (one) => (one.claimNo === flight.claimNo ? null : one));
  return [withDelivery(over, event, { lost: lost + 1 })];
}

function recorded(world: World, flying: Flying, { setting, status }: { setting: Setting; status: number }): World[] {
  const { over, counts } = land(world, flying);
  if (!counts) return [over];
  const { event, flight } = flying;
  const { attempts, before, began } = deliveryOf(over, event);
  const counted = withDelivery({ ...over, logged: over.logged + 1 }, event, { attempts: attempts + 1 });
  const age = { min: flight.since.min - began.max, max: setting.now.max - began.min };
  const attempt = { status, numberInRound: attempts + 1 - before, age };
  return verdicts(setting.policy, attempt).flatMap((verdict) => {
    const followed = follow(counted, event, { verdict, setting });
    return status === 200
      ? [{ ...followed, failures: 0, firstFailure: null }]
      : afterFailure(followed, { isGone: status === 410, setting });
  });
}

function follow(world: World, event: string, { verdict, setting }: { verdict: Verdict; setting: Setting }): World {
  switch (verdict.is) {
    case 'delivered':
      return ended(world, event, { state: 'delivered', reason: null, now: setting.now });
    case 'retry':
      return withDelivery(world, event, { claimed: null, due: plus(setting.now, verdict.delay) });
    case 'aside':
      return setAside(world, event, { ...setting, reason: verdict.reason });
  }
}

/** The failure is counted, and it is decided whether the webhook is to be suspended. */
function afterFailure(world: World, { isGone, setting }: { isGone: boolean; setting: Setting }): World[] {
  const { now, policy } = setting;
  const failures = world.failures + 1;
  const firstFailure = world.firstFailure ?? now;
  const counted = { ...world, failures, firstFailure };
  if (isGone) return [withSuspension(counted, { reason: 'gone', failures: 0 })];
  const lasted = { min: Math.max(0, now.min - firstFailure.max), max: now.max - firstFailure.min };
  const { may, must } = suspends(policy, { failures, lasted });
  return [...(may ? [withSuspension(counted, { reason: 'failures', failures })] : []), ...(must ? [] : [counted])];
}

/** Of several for failures the first to be decided is the first to hold. */
function withSuspension(world: World, suspension: Suspension): World {
  const isKnown = world.suspensions.some(({ reason }) => reason === suspension.reason);
  return isKnown ? world : { ...world, suspensions: [...world.suspensions, suspension] };
}

function suspensionSteps(world: World): Step[] {
  return world.suspensions.map((suspension) => {
    const done = { ...world, suspensions: world.suspensions.filter((other) => other !== suspension) };
    const holds = world.suspended === null && world.deleted === null && world.failures >= suspension.failures;
    const to = holds ? { ...done, suspended: suspension.reason } : done;
    return { actor: 'suspension', must: true, silent: false, to };
  });
}
