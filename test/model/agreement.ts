import type { ObservedDelivery, ObservedWebhook } from './observed.ts';
import type { Delivery, Range, World } from './world.ts';
import { deliveryOf, withDelivery } from './world.ts';

/** What the receiver has of one event for one webhook. */
export interface Arrivals {
  readonly requests: number;
  /** Of those, kept waiting for their answer. */
  readonly held: number;
}

/** What is to be seen of one webhook, with the model's names for events. Null: the reaper has forgotten it. */
export interface Sight {
  readonly webhook: ObservedWebhook | null;
  readonly deliveries: ReadonlyMap<string, ObservedDelivery>;
  readonly arrivals: ReadonlyMap<string, Arrivals>;
}

/** Everything in which what is seen contradicts a world at rest. Empty: this may be the world. */
export function contradictions(world: World, sight: Sight): string[] {
  const events = new Set([...Object.keys(world.deliveries), ...sight.deliveries.keys(), ...sight.arrivals.keys()]);
  return [
    ...webhookContradictions(world, sight.webhook),
    ...[...events].flatMap((event) => {
      const delivery = world.deliveries[event];
      if (delivery === undefined) return [`${event}: there must be no delivery and no request`];
      return [
        ...rowContradictions(delivery, sight.deliveries.get(event)),
        ...arrivalContradictions(delivery, sight.arrivals.get(event)),
      ].map((what) => `${event}: ${what}`);
    }),
  ];
}

function webhookContradictions(world: World, seen: Sight['webhook']): string[] {
  if (seen === null) return world.deleted === null ? ['the webhook is gone'] : [];
  return [
    differs('enabled', world.enabled, seen.enabled),
    differs('suspended', world.suspended, seen.suspended),
    differs('deleted', world.deleted !== null, seen.deletedAt !== null),
    differs('attempts in the log', world.logged, seen.logged),
    differs('operations that run', world.operations.length, seen.running),
    // Nobody counts the failures of a webhook that is gone.
    world.deleted === null ? differs('failures in a row', world.failures, seen.failures) : [],
    world.deleted === null ? outside('first failure', world.firstFailure, seen.firstFailureAt) : [],
  ].flat();
}

function rowContradictions(delivery: Delivery, seen: ObservedDelivery | undefined): string[] {
  const { history = null, due = null, diverted = null } = seen ?? {};
  return [
    differs('in delivery_due', delivery.state === 'pending', due !== null),
    differs('in diverted_events', delivery.state === 'diverted', diverted !== null),
    differs('in deliveries', delivery.history, history !== null),
    history === null ? [] : historyContradictions(delivery, history),
    due === null ? [] : dueContradictions(delivery, due),
    diverted === null ? [] : divertedContradictions(delivery, diverted),
  ].flat();
}

function historyContradictions(delivery: Delivery, seen: NonNullable<ObservedDelivery['history']>): string[] {
  return [
    differs('state', delivery.state, seen.state),
    differs('reason', delivery.reason, seen.reason),
    // While it is pending its row in delivery_due counts them.
    delivery.state === 'pending' ? [] : differs('attempts', delivery.attempts, seen.attempts),
  ].flat();
}

function dueContradictions(delivery: Delivery, seen: NonNullable<ObservedDelivery['due']>): string[] {
  return [
    differs('next attempt', delivery.attempts + 1, seen.attempt),
    differs('first attempt of the round', delivery.before + 1, seen.round_first),
    outside('due', delivery.due, seen.due_at),
    outside('round began', delivery.began, seen.began_at),
    outside('claimed until', delivery.claimed, seen.claimed_until),
  ].flat();
}

function divertedContradictions(delivery: Delivery, seen: NonNullable<ObservedDelivery['diverted']>): string[] {
  return [
    differs('reason it was diverted for', delivery.reason, seen.reason),
    differs('attempts before it was diverted', delivery.attempts, seen.attempts),
    outside('diverted', delivery.diverted, seen.diverted_at),
  ].flat();
}

function arrivalContradictions(delivery: Delivery, arrivals: Arrivals = { requests: 0, held: 0 }): string[] {
  const held = delivery.flights.filter(({ phase }) => phase.is === 'held').length;
  return [
    differs('requests', delivery.requests, arrivals.requests),
    differs('requests that wait for an answer', held, arrivals.held),
  ].flat();
}

function differs<T>(what: string, expected: T, seen: T): string[] {
  return expected === seen ? [] : [`${what}: must be ${expected}, is ${seen}`];
}

/** Delays are whole milliseconds, and Postgres counts microseconds. */
const ROUNDING_MS = 2;

function outside(what: string, expected: Range | null, seen: number | null): string[] {
  if (expected === null || seen === null) return differs(`has a time ${what}`, expected !== null, seen !== null);
  if (seen >= expected.min - ROUNDING_MS && seen <= expected.max + ROUNDING_MS) return [];
  return [
    `${what}: expected ${new Date(expected.min).toISOString()} and ${Math.round(expected.max - expected.min)} ms, ` +
      `saw ${new Date(seen).toISOString()}`,
  ];
}

/** The world that was seen, with the times that were seen. */
export function adopt(world: World, { webhook, deliveries }: Sight): World {
  const seen = {
    ...world,
    firstFailure: exactly(world.firstFailure, webhook?.firstFailureAt),
    deleted: exactly(world.deleted, webhook?.deletedAt),
  };
  return Object.keys(world.deliveries).reduce((adopted, event) => {
    const { due, diverted } = deliveries.get(event) ?? {};
    const { due: dueRange, began, claimed, diverted: divertedRange } = deliveryOf(world, event);
    return withDelivery(adopted, event, {
      due: exactly(dueRange, due?.due_at),
      began: exactly(began, due?.began_at),
      claimed: exactly(claimed, due?.claimed_until),
      diverted: exactly(divertedRange, diverted?.diverted_at),
    });
  }, seen);
}

function exactly<R extends Range | null>(range: R, seen: number | null | undefined): Range | R {
  return range === null || seen === null || seen === undefined ? range : { min: seen, max: seen };
}
