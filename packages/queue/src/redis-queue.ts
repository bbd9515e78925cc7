import type { DueRef, JobQueue, QueueEpoch } from '@hooklane/engine';
import type { Service } from '@hooklane/runtime';
import { invariant, sleep, TimeoutError, withTimeout } from '@hooklane/runtime';
import type { RedisClient } from './connection.ts';
import { connect, reasonOf, watchConnection } from './connection.ts';
import type { NewJob } from './job.ts';
import { jobOf } from './job.ts';
import type { QueueLogger } from './log.ts';
import { ProbeLoop } from './probe-loop.ts';
import type { RedisFigures } from './queue-figures.ts';
import { readFigures } from './queue-figures.ts';
import type { QueueState } from './queue-health.ts';
import { QueueHealth } from './queue-health.ts';
import type { Depth } from './queue-shard.ts';
import { BATCH_JOBS, QueueShard } from './queue-shard.ts';
import type { RedisTarget } from './redis-url.ts';
import { parseRedisUrl } from './redis-url.ts';
import { shardOf, shardPrefix } from './shards.ts';

export interface RedisQueueOptions {
  /** See {@link parseRedisUrl}. */
  url: string;
  /** Queues that webhooks are spread over; must be the consumers' number. Default 1. */
  shards?: number;
  /** Jobs waiting and delayed, over all shards, from which on the queue is full. Default 10,000. */
  highWaterMark?: number;
  /** What all keys begin with, within braces. Default `hooklane`. */
  prefix?: string;
  logger: QueueLogger;
  /** The longest an announce takes, in milliseconds. Default 500. */
  announceTimeoutMs?: number;
}

export interface RedisQueue extends JobQueue, QueueEpoch, Service {
  /** Jobs waiting and delayed, a quarter of a second ago; 0 before the first probe. */
  depth(): number;
  /** Calls it each time Redis goes away. One listener. */
  onAway(listener: () => void): void;
  /** What Redis and BullMQ tell of themselves. Rejects when Redis does not answer within a second and a half. */
  figures(): Promise<RedisFigures>;
}

/**
 * The producers' end. `start` waits for Redis a second at most and does not fail without it: the state is `away` until a
 * probe succeeds, and again within a second after Redis stops answering. `renew` rejects when it could not be done.
 * @throws RedisUrlError
 */
export function createRedisQueue(options: RedisQueueOptions): RedisQueue {
  const { url, shards = 1, highWaterMark = 10_000, prefix = 'hooklane', announceTimeoutMs = 500, logger } = options;
  invariant(Number.isInteger(shards) && shards >= 1, 'shards is a whole number, at least 1');
  return new BullQueue({ target: parseRedisUrl(url), shards, highWaterMark, prefix, announceTimeoutMs, logger });
}

const START_WAIT_MS = 1_000;
const STOP_WAIT_MS = 2_000;
/** Together less than a second, which is how soon workers shall turn to Postgres. */
const PROBE_EVERY_MS = 250;
const PROBE_ANSWER_MS = 600;
/** Only a Cluster needs it, whose redirections commandTimeout does not bound. */
const PROBE_END_MS = 1_500;

interface Settings extends Required<Omit<RedisQueueOptions, 'url'>> {
  target: RedisTarget;
}

class BullQueue implements RedisQueue {
  readonly name = 'redis-queue';
  readonly #settings: Settings;
  readonly #health: QueueHealth;
  readonly #probes: ProbeLoop<Depth>;
  /** Redis was reached, or could not be. */
  readonly #firstNews = new AbortController();
  #client: RedisClient | undefined;
  #shards: QueueShard[] = [];
  #unwatch = () => {};
  #onAway = () => {};

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#health = new QueueHealth({
      highWaterMark: settings.highWaterMark,
      clock: () => performance.now(),
      onChange: (isAway, reason) => this.#changed(isAway, reason),
    });
    this.#probes = new ProbeLoop({
      everyMs: PROBE_EVERY_MS,
      answerWithinMs: PROBE_ANSWER_MS,
      ask: () => withTimeout(this.#probe(), PROBE_END_MS, () => new TimeoutError('no answer')),
      onAnswer: ({ waiting, delayed }) => this.#health.answered(waiting + delayed, waiting),
      onFailure: (error) => this.#health.lost(reasonOf(error)),
      onSilence: () => this.#health.lost(`no answer within ${PROBE_ANSWER_MS} ms`),
    });
  }

  get state(): QueueState {
    return this.#health.state;
  }

  get waiting(): number {
    return this.#health.waiting;
  }

  depth(): number {
    return this.#health.depth;
  }

  onAway(listener: () => void): void {
    this.#onAway = listener;
  }

  async start(): Promise<void> {
    invariant(this.#client === undefined, `${this.name} was started twice`);
    const client = connect(this.#settings.target, 'announcing');
    this.#client = client;
    this.#shards = Array.from({ length: this.#settings.shards }, (_, shard) => this.#openShard(client, shard));
    let reason = 'no answer';
    this.#unwatch = watchConnection(client, {
      onUp: () => this.#probes.probeNow(),
      onDown: (why) => {
        reason = why;
        this.#health.lost(why);
        this.#firstNews.abort();
      },
    });
    await sleep(START_WAIT_MS, this.#firstNews.signal);
    if (this.state === 'away') this.#changed(true, reason);
    this.#probes.probeNow();
  }

  async stop(): Promise<void> {
    this.#unwatch();
    this.#probes.stop();
    const closing = Promise.all(this.#shards.map((shard) => shard.close()));
    await withTimeout(closing, STOP_WAIT_MS, () => new TimeoutError('still announcing')).catch(() => {});
    this.#health.close();
    this.#client?.disconnect();
  }

  async announce(refs: readonly DueRef[], delayMs = 0): Promise<boolean> {
    if (this.state === 'away') return false;
    if (delayMs === 0) this.#health.adding(refs.length);
    const adding = this.#jobsByShard(refs, delayMs).map(({ shard, jobs }) => shard.add(jobs));
    try {
      const added = await withTimeout(Promise.all(adding), this.#settings.announceTimeoutMs, announceTimedOut);
      return added.every(Boolean);
    } catch {
      // Too slow or too many, which need not mean that Redis is away: that is for the probes to say.
      return false;
    }
  }

  async intact(): Promise<boolean> {
    try {
      const found = await Promise.all(this.#shards.map((shard) => shard.hasEpoch()));
      return found.every(Boolean);
    } catch (error) {
      // Not known. That Redis is away shows in the state; when it is back the question comes again.
      this.#health.lost(reasonOf(error));
      return true;
    }
  }

  async figures(): Promise<RedisFigures> {
    const client = this.#client;
    invariant(client, 'the queue is started');
    const reading = readFigures(client, this.#shards);
    return withTimeout(reading, PROBE_END_MS, () => new TimeoutError('no answer'));
  }

  async renew(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => shard.setEpoch()));
  }

  #openShard(client: RedisClient, shard: number): QueueShard {
    return new QueueShard(client, shardPrefix(this.#settings.prefix, shard), this.#health);
  }

  #jobsByShard(refs: readonly DueRef[], delayMs: number): { shard: QueueShard; jobs: NewJob[] }[] {
    const filling = new Map<QueueShard, NewJob[]>();
    const all: { shard: QueueShard; jobs: NewJob[] }[] = [];
    for (const ref of refs) {
      const shard = this.#shardOf(ref);
      let jobs = filling.get(shard);
      if (jobs === undefined || jobs.length === BATCH_JOBS) {
        jobs = [];
        filling.set(shard, jobs);
        all.push({ shard, jobs });
      }
      jobs.push(jobOf(ref, delayMs));
    }
    return all;
  }

  #shardOf({ webhookId }: DueRef): QueueShard {
    const shard = this.#shards[shardOf(webhookId, this.#shards.length)];
    invariant(shard, 'a webhook has a shard: its id is a UUID, and the queue is started');
    return shard;
  }

  async #probe(): Promise<Depth> {
    const mustWrite = this.#health.mustProveWrites;
    const depths = await Promise.all(this.#shards.map((shard) => shard.depth(mustWrite)));
    return depths.reduce((sum, { waiting, delayed }) => ({
      waiting: sum.waiting + waiting,
      delayed: sum.delayed + delayed,
    }));
  }

  #changed(isAway: boolean, reason: string): void {
    this.#firstNews.abort();
    const { logger } = this.#settings;
    if (isAway) {
      logger.warn({ reason }, 'queue is away: work is taken from Postgres');
      this.#onAway();
    } else logger.info({ depth: this.#health.depth }, 'queue accepts work');
  }
}

function announceTimedOut(): TimeoutError {
  return new TimeoutError('announcing took too long');
}
