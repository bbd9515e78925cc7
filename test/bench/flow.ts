import { setTimeout as sleep } from 'node:timers/promises';
import type { Window } from './measure.ts';
import { measure } from './measure.ts';
import { median } from './numbers.ts';
import type { Stream } from './processes/publisher.ts';
import type { BenchOrg, Rig, Stage, StageOptions } from './stage.ts';
import { openStage, subscribe, typesOf } from './stage.ts';

/** What most scenarios measure: one org with fifty webhooks, and a type of event for each. */
export interface Flow {
  readonly stage: Stage;
  readonly org: BenchOrg;
  readonly webhookIds: readonly string[];
}

export const TYPES = typesOf('bench', 50);
/** Accepted and not received yet: enough for full batches, too few to hide that one side falls behind. */
export const WINDOW = 2_000;

export async function openFlow(options: StageOptions): Promise<Flow> {
  const stage = await openStage(options);
  const org = await stage.openOrg('bench');
  return { stage, org, webhookIds: await subscribe(stage, org, { group: 'bench', types: TYPES }) };
}

/** As fast as publishing and delivering go together. */
export function fullStream({ stage, org }: Flow): Stream {
  const window = { most: WINDOW, sinkPort: stage.sinkPort, group: 'bench' };
  return org.stream({ name: 'bench', types: TYPES, perSecond: null, window });
}

/** At a rate, whether answers come or not. */
export function steadyStream({ org }: Flow, perSecond: number): Stream {
  return org.stream({ name: 'steady', types: TYPES, perSecond });
}

/** The rate at which it publishes and delivers at the same time; median of the rounds. */
export async function topRate(flow: Flow, { seconds, rounds }: { seconds: number; rounds: number }): Promise<number> {
  const measuring = { seconds: seconds / rounds, watched: {}, group: 'bench' };
  const windows = await flowing(flow.stage, fullStream(flow), async () => {
    const measured: Window[] = [];
    for (let n = 0; n < rounds; n++) measured.push(await measure(flow.stage, measuring));
    return measured;
  });
  return median(windows.map(together));
}

/** Both go at the same time; the slower one is what goes through. */
export function together({ publishedPerS, deliveredPerS }: Window): number {
  return Math.min(publishedPerS, deliveredPerS);
}

/** Compiles what is hot, and fills caches and pools. */
export async function warmUp(flow: Flow, seconds: number): Promise<void> {
  await flowing(flow.stage, fullStream(flow), () => sleep(Math.min(WARM_UP_S, seconds / 4) * 1000));
}

const WARM_UP_S = 5;

/** Keeps a stream up while something is done, and waits for the end of what it began. */
export async function flowing<T>(rig: Rig, stream: Stream, during: () => Promise<T>): Promise<T> {
  await rig.publisher.call('start', stream);
  await sleep(RAMP_MS);
  const result = await during();
  await rig.publisher.call('stop', stream.name);
  await settled(rig);
  return result;
}

/** Full batches and the rate of every day come within moments. */
const RAMP_MS = 500;
const QUIET_MS = 300;

/** Resolves when nothing has come for a while. */
async function settled({ sink }: Rig): Promise<void> {
  for (let last = -1; ; ) {
    const { received } = await sink.call('count');
    if (received === last) return;
    last = received;
    await sleep(QUIET_MS);
  }
}

/** Names and ids of everything that uses CPU. */
export function processesOf(stage: Stage): Record<string, number> {
  const workers = stage.workers.map((worker, n) => [n === 0 ? 'worker' : `worker-${n + 1}`, worker.pid] as const);
  return { api: stage.api.pid, ...Object.fromEntries(workers), ...storesOf(stage) };
}

export function storesOf({ postgres, redis, publisher, sink }: Rig): Record<string, number> {
  return {
    postgres: postgres.server.pid,
    ...(redis !== null && { redis: redis.server.pid }),
    publisher: publisher.pid,
    sink: sink.pid,
  };
}

export function windowText({ publishedPerS, deliveredPerS, cpuUs }: Window): string {
  const processes = Object.entries(cpuUs).map(([name, us]) => `${name} ${us.toFixed(0)}`);
  const rates = `${publishedPerS.toFixed(0)}/s published, ${deliveredPerS.toFixed(0)}/s delivered`;
  return `${rates}; µs of CPU each: ${processes.join(', ')}`;
}
