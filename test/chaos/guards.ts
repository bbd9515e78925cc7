import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Guard } from '../composition/broken-guards.ts';
import { bundled } from '../support/bundle.ts';
import type { Twist } from './fleet.ts';
import type { FaultKind } from './plan.ts';

/** The faults that each guard guards against: a run that goes without it and has only these must fail. */
export const REVEALED_BY: Readonly<Record<Guard, readonly FaultKind[]>> = {
  // A worker that wakes up after its claim has lapsed, and takes itself for the one who knows.
  fence: ['worker_stop'],
  // What a dead worker had in hand, and what only Redis knew of.
  relay: ['worker_kill', 'redis_wipe'],
  // Events that were acknowledged while nobody could store them, or by somebody who was about to.
  'after-commit': ['postgres_kill', 'api_kill'],
};

/** By name of the process: how those differ that keep the guard. The processes that are shipped cannot do without it. */
export async function processesWithout(
  guard: Guard,
  defer: (end: () => unknown) => void,
): Promise<Readonly<Record<string, Twist>>> {
  const entries = { api: await bundled('test', 'api'), worker: await bundled('test', 'worker') };
  defer(() => rm(dirname(entries.api), { recursive: true, force: true }));
  const twist = (entry: string): Twist => ({ entry, env: { BREAK: guard } });
  return {
    'api-1': twist(entries.api),
    'api-2': twist(entries.api),
    'worker-1': twist(entries.worker),
    'worker-2': twist(entries.worker),
  };
}
