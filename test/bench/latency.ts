import { setTimeout as sleep } from 'node:timers/promises';
import type { Flow } from './flow.ts';
import { flowing, steadyStream } from './flow.ts';
import type { Latency } from './numbers.ts';
import { median } from './numbers.ts';
import type { Stage } from './stage.ts';

/** How long events take at a rate: until the 202, and until they are with the receiver; both from when they were to be sent. */
export interface Latencies {
  readonly accept: Latency;
  readonly receive: Latency;
}

export async function latencyAt(flow: Flow, perSecond: number, seconds: number): Promise<Latencies> {
  const { stage } = flow;
  return flowing(stage, steadyStream(flow, perSecond), () =>
    latencyDuring(stage, seconds, { stream: 'steady', group: 'bench' }),
  );
}

export async function latencyDuring(
  { publisher, sink }: Stage,
  seconds: number,
  { stream, group }: { stream: string; group: string },
): Promise<Latencies> {
  // What has gathered before is not of this window.
  await publisher.call('latency', stream);
  await sink.call('latency', group);
  await sleep(seconds * 1000);
  return { accept: await publisher.call('latency', stream), receive: await sink.call('latency', group) };
}

/** Of several rounds. */
export function medianOf<T>(rounds: readonly T[], value: (round: T) => number): number {
  return median(rounds.map(value));
}
