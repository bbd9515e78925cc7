import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMsOf } from './cpu.ts';
import type { Rig } from './stage.ts';

/** What went through while something was measured. */
export interface Window {
  readonly publishedPerS: number;
  readonly deliveredPerS: number;
  readonly published: number;
  readonly delivered: number;
  /** Of each process that was named, µs of CPU per delivery; of those that publish rather than deliver, per event. */
  readonly cpuUs: Readonly<Record<string, number>>;
}

/** Names of processes and their ids. */
export type Watched = Readonly<Record<string, number>>;

export interface Measuring {
  readonly seconds: number;
  readonly watched: Watched;
  /** Only deliveries to this group count. Default: all. */
  readonly group?: string;
}

/** Looks twice, so many seconds apart. */
export async function measure(rig: Rig, { seconds, watched, group }: Measuring): Promise<Window> {
  const before = await look(rig, watched, group);
  await sleep(seconds * 1000);
  const after = await look(rig, watched, group);
  const published = after.published - before.published;
  const delivered = after.delivered - before.delivered;
  const cpuUs = Object.keys(watched).map((name) => {
    const ms = (after.cpuMs[name] ?? 0) - (before.cpuMs[name] ?? 0);
    return [name, (ms * 1000) / delivered];
  });
  return {
    published,
    delivered,
    publishedPerS: (published / (after.publishedAtMs - before.publishedAtMs)) * 1000,
    deliveredPerS: (delivered / (after.deliveredAtMs - before.deliveredAtMs)) * 1000,
    cpuUs: Object.fromEntries(cpuUs) as Record<string, number>,
  };
}

async function look({ publisher, sink }: Rig, watched: Watched, group: string | undefined) {
  const published = await publisher.call('count');
  const delivered = await sink.call('count', ...(group === undefined ? [] : [group]));
  const cpuMs: Record<string, number> = {};
  for (const [name, pid] of Object.entries(watched)) cpuMs[name] = cpuMsOf(pid);
  return {
    published: published.accepted,
    publishedAtMs: published.atMs,
    delivered: delivered.received,
    deliveredAtMs: delivered.atMs,
    cpuMs,
  };
}
