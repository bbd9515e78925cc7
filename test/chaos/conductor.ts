import { setTimeout as sleep } from 'node:timers/promises';
import type { Underway, World } from './faults/fault.ts';
import { INJECTORS } from './faults/index.ts';
import type { FaultKind, PlannedFault, Target } from './plan.ts';

/** A fault as it was. Times are ms since 1970. */
export interface DoneFault {
  readonly kind: FaultKind;
  readonly target: Target;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Why it does not count: its effect was not seen, or it could not be ended. Null when all went as planned. */
  readonly failure: string | null;
}

export interface ConductOptions {
  readonly world: World;
  readonly plan: readonly PlannedFault[];
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Brings the faults about at their times and ends them; resolves, or rejects when interrupted, when the last one is over. */
export async function conduct(options: ConductOptions): Promise<DoneFault[]> {
  const { plan, signal } = options;
  const begunMs = performance.now();
  /** The last fault of each target: the next one waits for its end. */
  const last = new Map<Target, Promise<unknown>>();
  const all = plan.map((fault) => {
    const before = last.get(fault.target);
    const done = (async () => {
      await sleep(Math.max(0, begunMs + fault.atMs - performance.now()), undefined, { signal });
      await before;
      return perform(fault, options);
    })();
    last.set(fault.target, done);
    return done;
  });
  await Promise.allSettled(all);
  return Promise.all(all);
}

async function perform(fault: PlannedFault, { world, tell, signal }: ConductOptions): Promise<DoneFault> {
  const { kind, target, lastsMs } = fault;
  const startedAt = Date.now();
  const over = (failure: string | null): DoneFault => ({ kind, target, startedAt, endedAt: Date.now(), failure });
  let underway: Underway | null = null;
  try {
    underway = await INJECTORS[kind](world, fault);
    tell(`✗ ${kind} of ${target}: ${underway.evidence}`);
    await sleep(lastsMs, undefined, { signal }).catch(() => {});
    await underway.lift();
    tell(`✓ ${kind} of ${target} is over after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    return over(null);
  } catch (error) {
    await underway?.lift().catch(() => {});
    const failure = `${kind} of ${target}: ${error instanceof Error ? error.message : String(error)}`;
    tell(`! ${failure}`);
    return over(failure);
  }
}
