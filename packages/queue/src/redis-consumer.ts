import type { DueRef } from '@hooklane/engine';
import type { Service } from '@hooklane/runtime';
import { invariant, TimeoutError, withTimeout } from '@hooklane/runtime';
import type { Job } from 'bullmq';
import { Worker } from 'bullmq';
import { Brake } from './brake.ts';
import type { RedisClient } from './connection.ts';
import { connect, reasonOf, watchConnection } from './connection.ts';
import type { JobData } from './job.ts';
import { refOf } from './job.ts';
import type { QueueLogger } from './log.ts';
import { throttledWarning } from './log.ts';
import type { RedisTarget } from './redis-url.ts';
import { parseRedisUrl } from './redis-url.ts';
import { QUEUE_NAME, shardPrefix } from './shards.ts';

export interface RedisConsumerOptions {
  /** See {@link parseRedisUrl}. */
  url: string;
  /** The producers' number. Default 1. */
  shards?: number;
  /** Calls of `receive` under way at the same time, over all shards; each shard has an equal part, 1 to 50. */
  concurrency: number;
  /** The producers' prefix. Default `hooklane`. */
  prefix?: string;
  logger: QueueLogger;
  /**
   * Resolves when the ref is dealt with, or known to be nobody's business any more. Rejects for our own faults only: it is
   * called again twice, half a second apart; after that the ref is left to the relay.
   */
  receive: (ref: DueRef) => Promise<void>;
}

/**
 * The workers' end. `start` does not wait for Redis; without it nothing is received. `stop` takes nothing more and waits for
 * the calls of `receive` under way, 5 s at most; what they leave behind stalls and is received by another worker.
 * @throws RedisUrlError
 */
export function createRedisConsumer(options: RedisConsumerOptions): Service {
  const { url, shards = 1, prefix = 'hooklane', concurrency, logger, receive } = options;
  invariant(Number.isInteger(shards) && shards >= 1, 'shards is a whole number, at least 1');
  return new BullConsumer({ target: parseRedisUrl(url), shards, prefix, concurrency, logger, receive });
}

/**
 * A job that was taken by a worker which then died swallows what the relay announces under its id, until BullMQ gives it
 * up: once its lock has lapsed it is marked by one check and moved by the next, so within 9 s. That a worker which only
 * stands still loses its locks costs nothing: the claim decides who makes the attempt.
 */
const LOCK_MS = 5_000;
const STALLED_CHECK_MS = 2_000;

/** Of the 5 seconds: to let calls under way end, and then to say goodbye to Redis. */
const RECEIVE_END_MS = 4_000;
const CLOSE_MS = 1_000;

/**
 * BullMQ fetches so many jobs, one round trip after the other, before it begins the first of them: with 400 and a Redis that
 * takes 5 ms, work would stand still for two seconds whenever there is a lot of it. More at once were no faster.
 */
const MOST_AT_ONCE = 50;

interface Settings extends Required<Omit<RedisConsumerOptions, 'url'>> {
  target: RedisTarget;
}

interface Consuming {
  worker: Worker<JobData>;
  brake: Brake;
}

/** All that Redis gets to know of a fault: what went wrong may name what no job may hold. */
class NotReceivedError extends Error {
  override readonly name = 'NotReceivedError';
  constructor() {
    super('not received');
  }
}

class BullConsumer implements Service {
  readonly name = 'redis-consumer';
  readonly #settings: Settings;
  readonly #warnFault: (fields: object) => void;
  readonly #warnMalformed: (fields: object) => void;
  readonly #warnError: (fields: object) => void;
  #client: RedisClient | undefined;
  #unwatch = () => {};
  #shards: Consuming[] = [];
  #underWay = 0;
  #onIdle = () => {};

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#warnFault = throttledWarning(settings.logger, 'could not receive: will be tried again');
    this.#warnMalformed = throttledWarning(settings.logger, 'dropped a job that is none of ours');
    this.#warnError = throttledWarning(settings.logger, 'consumer met an error');
  }

  async start(): Promise<void> {
    invariant(this.#client === undefined, `${this.name} was started twice`);
    const client = connect(this.#settings.target, 'consuming');
    this.#client = client;
    this.#unwatch = watchConnection(client, {
      onUp: () => this.#settings.logger.info({}, 'consumer is connected to Redis'),
      onDown: (reason) => this.#settings.logger.warn({ reason }, 'consumer lost Redis: it goes on trying'),
    });
    this.#shards = Array.from({ length: this.#settings.shards }, (_, index) => this.#openShard(client, index));
  }

  async stop(): Promise<void> {
    this.#unwatch();
    for (const { worker, brake } of this.#shards) {
      brake.stop();
      void worker.pause(true);
    }
    await this.#receivedOrLate();
    const mayFinish = this.#underWay === 0 && this.#client?.status === 'ready';
    await Promise.all(this.#shards.map(({ worker }) => closeWorker(worker, mayFinish)));
    this.#client?.disconnect();
  }

  #openShard(client: RedisClient, index: number): Consuming {
    const { prefix, concurrency, shards, logger } = this.#settings;
    const worker = new Worker<JobData>(QUEUE_NAME, (job) => this.#process(job), {
      connection: client,
      prefix: shardPrefix(prefix, index),
      concurrency: Math.min(Math.ceil(concurrency / shards), MOST_AT_ONCE),
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      // A job may stall as often as workers die; BullMQ would fail it the second time.
      maxStalledCount: 1_000,
      // Also the warning about maxmemory-policy falls away: checkRedis gives it.
      skipVersionCheck: true,
    });
    const brake = new Brake(worker, logger);
    worker.on('error', (error) => this.#onError(error, brake));
    return { worker, brake };
  }

  #onError(error: Error, brake: Brake): void {
    if (error.name === 'ReplyError') brake.refused(reasonOf(error));
    // While the connection is down every command fails; that it is down is said once, by watchConnection.
    else if (this.#client?.status === 'ready') this.#warnError({ reason: reasonOf(error) });
  }

  async #process(job: Job<unknown>): Promise<void> {
    const ref = refOf(job.data);
    if (ref === null) return this.#warnMalformed({ name: String(job.name).slice(0, 40) });
    this.#underWay += 1;
    try {
      await this.#settings.receive(ref);
    } catch (error) {
      this.#warnFault({ err: error, deliveryId: ref.deliveryId });
      throw new NotReceivedError();
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#onIdle();
    }
  }

  async #receivedOrLate(): Promise<void> {
    if (this.#underWay === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    await withTimeout(idle, RECEIVE_END_MS, tooLate).catch(() => {});
  }
}

/** `worker.close(true)` after a `close()` that hangs does nothing: to be forced late, the connections have to be closed under it. */
async function closeWorker(worker: Worker<JobData>, mayFinish: boolean): Promise<void> {
  try {
    await withTimeout(worker.close(!mayFinish), CLOSE_MS, tooLate);
  } catch {
    await worker.getBackend().close(true);
  }
}

function tooLate(): TimeoutError {
  return new TimeoutError('did not end in time');
}
