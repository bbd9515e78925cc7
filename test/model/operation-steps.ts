import type { Setting, Step } from './step.ts';
import type { Operation, Range, World } from './world.ts';
import { deliveryOf, ended, eventsIn, isFree, resent, standingOf, withDelivery } from './world.ts';

/** What operations do next. One that waits, for its webhook or for a claim to end, does nothing. */
export function operationSteps(world: World, { now }: Setting): Step[] {
  return world.operations.flatMap((operation) => {
    const without = { ...world, operations: world.operations.filter((other) => other !== operation) };
    return stepsOf({ world, without, operation }, now).map((to) => ({
      actor: `operation ${operation.kind}`,
      must: true,
      silent: false,
      to,
    }));
  });
}

interface Running {
  readonly world: World;
  /** The world in which it is done. */
  readonly without: World;
  readonly operation: Operation;
}

function stepsOf(running: Running, now: Range): World[] {
  const { world, without, operation } = running;
  if (world.deleted !== null) return [without];
  if (operation.kind === 'cancel_pending') return cancel(running, now);
  if (standingOf(world) !== 'active') return [];
  return operation.kind === 'resend' ? resend(running, now) : [retryNow(running, now)];
}

/** Everything that had been diverted by then is due again. */
function resend({ without, operation }: Running, now: Range): World[] {
  const diverted = eventsIn(without, 'diverted');
  return choices(without, diverted, operation).map((events) =>
    events.reduce((moved, event) => resent(moved, event, now), without),
  );
}

/** What waits for its time is due at once, in the round it is in. */
function retryNow({ without }: Running, now: Range): World {
  const waiting = eventsIn(without, 'pending').filter((event) => deliveryOf(without, event).due.min > now.max);
  return waiting.reduce((moved, event) => withDelivery(moved, event, { due: now }), without);
}

/** What nobody is at has ended. As long as somebody is at the rest, it comes back. */
function cancel({ world, without, operation }: Running, now: Range): World[] {
  const pending = eventsIn(world, 'pending');
  const free = pending.filter((event) => isFree(deliveryOf(world, event), now).must);
  return choices(world, free, operation).flatMap((events) => {
    const cancelled = events.reduce(
      (moved, event) => ended(moved, event, { state: 'discarded', reason: 'cancelled', now }),
      without,
    );
    const left = pending.filter((event) => !events.includes(event) && isBefore(world, event, operation) !== 'no');
    if (left.length === 0) return [cancelled];
    return events.length === 0 ? [] : [{ ...cancelled, operations: world.operations }];
  });
}

/** All that came to be before the operation did, with or without each of which that is not known. */
function choices(world: World, events: readonly string[], operation: Operation): string[][] {
  const certain = events.filter((event) => isBefore(world, event, operation) === 'yes');
  const unknown = events.filter((event) => isBefore(world, event, operation) === 'perhaps');
  return unknown.reduce((sets, event) => sets.flatMap((set) => [set, [...set, event]]), [certain]);
}

/** Diverted events count from when they were diverted, pending deliveries from the beginning of their round. */
function isBefore(world: World, event: string, { created }: Operation): 'yes' | 'perhaps' | 'no' {
  const { diverted, began } = deliveryOf(world, event);
  const since = diverted ?? began;
  if (since.max <= created.min) return 'yes';
  return since.min <= created.max ? 'perhaps' : 'no';
}
