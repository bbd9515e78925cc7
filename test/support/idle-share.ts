import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** How much of the processors nobody wanted, of 1, in the second that it takes. */
export async function idleShare(): Promise<number> {
  const before = spent();
  await sleep(1_000);
  const after = spent();
  return (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

function spent(): { idle: number; all: number } {
  const times = cpus().map((one) => one.times);
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    all: times.reduce((sum, { idle, irq, nice, sys, user }) => sum + idle + irq + nice + sys + user, 0),
  };
}
