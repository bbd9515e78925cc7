import type { Setting, Step } from './step.ts';
import { stepsOf } from './steps.ts';
import type { World } from './world.ts';
import { distinct, standingOf } from './world.ts';

/** Where Hooklane may have got to by itself, if it is not waited for: every step may have been done or not. */
export function reachable(worlds: readonly World[], setting: Setting): World[] {
  return explore(worlds, (world) => stepsOf(world, setting)).all;
}

/** Where it comes to in the end: nothing is left that must be done. */
export function atRest(worlds: readonly World[], setting: Setting): World[] {
  return explore(worlds, (world) => {
    const steps = stepsOf(world, setting);
    const silent = steps.find((step) => step.silent);
    if (silent !== undefined) return [silent];
    return orderMatters(world, setting) ? steps : oneActor(steps);
  }).resting;
}

/** Whether one step can change what another leads to: where the webhook may be suspended, and where operations run. */
function orderMatters(world: World, { policy, manner }: Setting): boolean {
  if (world.suspensions.length > 0 || world.operations.length > 0) return true;
  if (standingOf(world) !== 'active') return false;
  const flights = Object.values(world.deliveries).flatMap((delivery) => delivery.flights);
  const failing = (status: number) => status === 410 || (status !== 200 && policy.suspend !== null);
  return (
    manner === 'gone' ||
    (manner !== 'up' && manner !== 'slow' && policy.suspend !== null) ||
    flights.some(({ phase }) => phase.is === 'answered' && failing(phase.status))
  );
}

/** Where it does not, one order stands for all of them. */
function oneActor(steps: readonly Step[]): readonly Step[] {
  const first = steps.find((step) => step.must);
  return first === undefined ? steps : steps.filter((step) => step.actor === first.actor);
}

/** More orders are possible than can be looked at: such a sequence proves nothing, and is given up. */
export class TooManyWorldsError extends Error {}

const MOST_WORLDS = 20_000;

function explore(
  worlds: readonly World[],
  stepsFrom: (world: World) => readonly Step[],
): { all: World[]; resting: World[] } {
  const seen = new Map<string, World>();
  const resting: World[] = [];
  const left = distinct(worlds);
  for (let world = left.pop(); world !== undefined; world = left.pop()) {
    const key = JSON.stringify(world);
    if (seen.has(key)) continue;
    seen.set(key, world);
    if (seen.size > MOST_WORLDS) throw new TooManyWorldsError(`more than ${MOST_WORLDS} worlds are possible`);
    const steps = stepsFrom(world);
    if (!steps.some((step) => step.must)) resting.push(world);
    left.push(...steps.map((step) => step.to));
  }
  return { all: [...seen.values()], resting };
}
