import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from '../fleet.ts';
import type { PlannedFault, Target } from '../plan.ts';
import type { ChaosPostgres, ChaosRedis } from '../stores.ts';
import type { TcpProxy } from '../tcp-proxy.ts';

/** All that faults can befall. */
export interface World {
  readonly members: Readonly<Record<Exclude<Target, 'postgres' | 'redis'>, Member>>;
  readonly postgres: ChaosPostgres;
  readonly postgresLine: TcpProxy;
  /** Null in a run without Redis. */
  readonly redis: ChaosRedis | null;
  readonly redisLine: TcpProxy | null;
}

/** A fault that is there: its effect was seen. */
export interface Underway {
  /** What was seen, for the person who watches. */
  readonly evidence: string;
  /** Ends it; resolves when that was seen too. */
  lift(): Promise<void>;
}

export type Injector = (world: World, fault: PlannedFault) => Promise<Underway>;

/** The fault was brought about, but what it should do was not seen: the run proves nothing about it. */
export class NoEffectError extends Error {
  override readonly name = 'NoEffectError';
}

/** Patient: what is slow on a busy machine has an effect all the same. */
const SEEN_WITHIN_MS = 20_000;

/** Asks until it is so. */
export async function seen(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + SEEN_WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new NoEffectError(`not seen: ${what}`);
    await sleep(20);
  }
}
