import type { Metrics } from '@hooklane/runtime';
import type { RedisFigures } from './queue-figures.ts';
import type { RedisQueue } from './redis-queue.ts';

/** How the queue looks from this process: asked at each scrape, and without asking Redis. */
export function measureQueue(queue: Pick<RedisQueue, 'state' | 'depth'>, metrics: Metrics): void {
  metrics.gauge(STATE, (gauge) => {
    for (const state of ['accepting', 'full', 'away'] as const) gauge.set({ state }, Number(queue.state === state));
  });
  metrics.gauge(DEPTH, (gauge) => gauge.set({}, queue.depth()));
}

/** What Redis and BullMQ tell of themselves, which is not read at a scrape: what this returns takes it. */
export function measureRedis(metrics: Metrics): (figures: RedisFigures) => void {
  const memory = metrics.gauge(MEMORY);
  const evicted = metrics.gauge(EVICTED);
  const log = metrics.gauge(LOG_WRITTEN);
  const jobs = metrics.gauge(JOBS);
  return (figures) => {
    memory.set({ kind: 'used' }, figures.memoryUsedBytes);
    memory.set({ kind: 'max' }, figures.memoryMaxBytes);
    evicted.set({}, figures.evictedKeys);
    log.set({}, Number(figures.isLogWritten ?? true));
    for (const [queue, counts] of figures.jobs.entries()) {
      for (const [state, count] of Object.entries(counts)) jobs.set({ queue: String(queue), state }, count);
    }
  };
}

const STATE = {
  name: 'hooklane_queue_state',
  help: '1 for the state that the queue is in, as this process sees it: accepting, full or away.',
  labels: ['state'],
} as const;

const DEPTH = {
  name: 'hooklane_queue_depth',
  help: 'Jobs waiting and delayed in Redis, as this process was told last.',
} as const;

const MEMORY = {
  name: 'hooklane_redis_memory_bytes',
  help: 'Memory that Redis uses, and may use (0: no limit).',
  labels: ['kind'],
} as const;

const EVICTED = {
  name: 'hooklane_redis_evicted_keys',
  help: 'Keys that Redis threw away since it started. Must be 0.',
} as const;

const LOG_WRITTEN = {
  name: 'hooklane_redis_aof_written',
  help: '0 when the last write of the append-only file failed, else 1.',
} as const;

const JOBS = {
  name: 'hooklane_queue_jobs',
  help: "Jobs by queue and by BullMQ's own name of their state.",
  labels: ['queue', 'state'],
} as const;
