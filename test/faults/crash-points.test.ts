import { beforeAll, describe, expect, it } from 'vitest';
import type { CrashPoint } from '../composition/crash-points.ts';
import { CRASH_POINTS } from '../composition/crash-points.ts';
import { playApi } from './crash-points/api-play.ts';
import { playReaper } from './crash-points/reaper-play.ts';
import type { Results } from './crash-points/stage.ts';
import { openStage, playAll } from './crash-points/stage.ts';
import { playWorker } from './crash-points/worker-play.ts';

// Generated: whoever adds a port call that changes durable state gets its two points, and must say how they are reached.
const of = (process: CrashPoint['process']) => CRASH_POINTS.filter((point) => point.process === process);
const only = (...calls: string[]) => CRASH_POINTS.filter((point) => calls.includes(point.call));
const except =
  (...calls: string[]) =>
  (point: CrashPoint) =>
    !calls.includes(point.call);

/** Reached only where work is taken from Postgres. */
const TAKING = ['worker.due.take', 'worker.due.release'];
/** There once more, since they come in another order. The others are about the queue, or do not know of it. */
const ALSO_WITHOUT_REDIS = {
  worker: ['due.record', 'sender.send', 'due.drainInactive', 'diverted.advanceOperation', 'queue.announce'],
  api: ['events.accept', 'queue.announce', 'diverted.resend', 'diverted.startOperation', 'webhooks.unsuspend'],
};
const alsoWithoutRedis = (process: 'worker' | 'api') =>
  only(...ALSO_WITHOUT_REDIS[process].map((call) => `${process}.${call}`));

const GROUPS = [
  { group: 'the API', process: 'api', redis: true, points: of('api'), play: playApi },
  {
    group: 'a worker with Redis',
    process: 'worker',
    redis: true,
    points: of('worker').filter(except(...TAKING)),
    play: playWorker,
  },
  {
    group: 'a worker on Postgres alone',
    process: 'worker',
    redis: false,
    points: [...only(...TAKING), ...alsoWithoutRedis('worker')],
    play: playWorker,
  },
  { group: 'the API on Postgres alone', process: 'api', redis: false, points: alsoWithoutRedis('api'), play: playApi },
  { group: 'the reaper', process: 'reaper', redis: false, points: of('reaper'), play: playReaper },
] as const;

const results = new Map<string, Results>();

// Started one after the other, so that a busy machine is not asked for a dozen processes at once; then played together.
beforeAll(async () => {
  const playing: Promise<unknown>[] = [];
  for (const { group, points, play, ...options } of GROUPS) {
    const stage = await openStage(options);
    playing.push(playAll(stage, points, play).then((result) => results.set(group, result)));
  }
  await Promise.all(playing);
}, 400_000);

describe.each(GROUPS)('$group dies', ({ group, points }) => {
  it.each(points)('$when a call of $call, and every promise is kept', ({ name }) => {
    expect(results.get(group)?.get(name)).toEqual([]);
  });
});

it('every point was played', () => {
  const played = new Set(GROUPS.flatMap(({ points }) => points.map((point) => point.name)));
  expect(CRASH_POINTS.map((point) => point.name).filter((name) => !played.has(name))).toEqual([]);
});
