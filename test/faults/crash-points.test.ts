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
const those = (process: CrashPoint['process'], calls: readonly string[]) => {
  const points = of(process).filter((point) => calls.includes(point.call));
  const known = new Set(points.map((point) => point.call));
  const unknown = calls.filter((call) => !known.has(call));
  if (unknown.length > 0) throw new TypeError(`there is no call ${unknown.join(', ')}`);
  return points;
};
const allBut = (process: CrashPoint['process'], calls: readonly string[]) => {
  const left = those(process, calls);
  return of(process).filter((point) => !left.includes(point));
};

/** Reached only where work is taken from Postgres. */
const TAKING = ['worker.due.take', 'worker.due.release'];
/** Reached only where there is a queue in Redis: all others are played with it and without it. */
const QUEUEING = {
  api: ['api.due.unqueue', 'api.queue.announce'],
  worker: [
    ...['claim', 'relay', 'unqueue', 'unqueueAll'].map((call) => `worker.due.${call}`),
    'worker.queue.announce',
    'worker.redis.renew',
  ],
};

const GROUPS = [
  { group: 'the API', process: 'api', redis: true, points: of('api'), play: playApi },
  {
    group: 'the API on Postgres alone',
    process: 'api',
    redis: false,
    points: allBut('api', QUEUEING.api),
    play: playApi,
  },
  { group: 'a worker with Redis', process: 'worker', redis: true, points: allBut('worker', TAKING), play: playWorker },
  {
    group: 'a worker on Postgres alone',
    process: 'worker',
    redis: false,
    points: allBut('worker', QUEUEING.worker),
    play: playWorker,
  },
  { group: 'the reaper', process: 'reaper', redis: false, points: of('reaper'), play: playReaper },
] as const;

/** `CRASH_POINTS=worker.alerts`: only the points whose names begin so, to look into one. */
const ONLY = process.env['CRASH_POINTS'] ?? '';

const results = new Map<string, Results>();

// Started one after the other, so that a busy machine is not asked for a dozen processes at once; then played together.
beforeAll(async () => {
  const playing: Promise<unknown>[] = [];
  for (const { group, points, play, ...options } of GROUPS) {
    const wanted = points.filter(({ name }) => name.startsWith(ONLY));
    if (wanted.length === 0) continue;
    const stage = await openStage(options);
    playing.push(playAll(stage, wanted, play).then((result) => results.set(group, result)));
  }
  await Promise.all(playing);
}, 1_200_000);

describe.each(GROUPS)('$group dies', ({ group, points }) => {
  it.for(points)('$when a call of $call, and every promise is kept', ({ name }, { skip }) => {
    skip(!name.startsWith(ONLY), `is none of ${ONLY}`);
    expect(results.get(group)?.get(name)).toEqual([]);
  });
});

it('every point was played', () => {
  const played = new Set(GROUPS.flatMap(({ points }) => points.map((point) => point.name)));
  expect(CRASH_POINTS.map((point) => point.name).filter((name) => !played.has(name))).toEqual([]);
});
