import type { Batcher } from '@hooklane/runtime';
import { createBatcher } from '@hooklane/runtime';
import { Queue } from 'bullmq';
import type { RedisClient } from './connection.ts';
import { reasonOf } from './connection.ts';
import type { JobData, NewJob } from './job.ts';
import { JOB_OPTIONS } from './job.ts';
import type { QueueHealth } from './queue-health.ts';
import { QUEUE_NAME } from './shards.ts';

/** Larger batches are no faster and keep others waiting. */
export const BATCH_JOBS = 500;

/** Jobs. */
export interface Depth {
  waiting: number;
  delayed: number;
}

/** The producers' end of one shard, on the connection that all share. Its commands reject where they are not said to do otherwise. */
export class QueueShard {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #health: QueueHealth;
  readonly #queue: Queue<JobData>;
  /**
   * Jobs that come while others are on their way go out together. That costs no less CPU than one command each; but a Redis
   * that hangs then holds one batch only, and all behind it are answered as soon as the queue is away.
   */
  readonly #adding: Batcher<readonly NewJob[], boolean>;

  constructor(client: RedisClient, prefix: string, health: QueueHealth) {
    this.#client = client;
    this.#prefix = prefix;
    this.#health = health;
    this.#queue = openQueue(client, prefix);
    this.#adding = createBatcher<readonly NewJob[], boolean>({
      maxItems: BATCH_JOBS,
      maxBytes: BATCH_JOBS,
      sizeOf: (jobs) => jobs.length,
      run: (groups) => this.#addGroups(groups),
    });
  }

  /** False: Redis may not have them. Rejects only when too much waits to be added. */
  add(jobs: readonly NewJob[]): Promise<boolean> {
    return this.#adding.submit(jobs);
  }

  /** With `mustWrite` it fails, too, where Redis takes no writes. */
  async depth(mustWrite: boolean): Promise<Depth> {
    const [waiting, delayed] = await Promise.all([
      this.#client.llen(this.#queue.toKey('wait')),
      this.#client.zcard(this.#queue.toKey('delayed')),
      mustWrite && this.#client.set(`${this.#prefix}:probe`, 1, 'EX', 10),
    ]);
    return { waiting, delayed };
  }

  /** Jobs by their state, as BullMQ calls them. */
  jobCounts(): Promise<Record<string, number>> {
    return this.#queue.getJobCounts('waiting', 'active', 'delayed', 'completed', 'failed');
  }

  async hasEpoch(): Promise<boolean> {
    return (await this.#client.exists(`${this.#prefix}:epoch`)) === 1;
  }

  async setEpoch(): Promise<void> {
    await this.#client.set(`${this.#prefix}:epoch`, 1);
  }

  /** Waits for what is being added. The connection stays open. */
  async close(): Promise<void> {
    await this.#adding.drain();
    await this.#queue.close();
  }

  /** All or none, as far as the caller may rely on it: announcing again is harmless, since the id of a job says what it is. */
  async #addGroups(groups: readonly (readonly NewJob[])[]): Promise<boolean[]> {
    const isAdded = this.#health.state !== 'away' && (await this.#addBulk(groups.flat()));
    return groups.map(() => isAdded);
  }

  async #addBulk(jobs: NewJob[]): Promise<boolean> {
    try {
      await this.#send(jobs);
      this.#health.taken();
      return true;
    } catch (error) {
      this.#health.refused(reasonOf(error));
      return false;
    }
  }

  async #send(jobs: NewJob[]): Promise<void> {
    const [only] = jobs;
    // A pipeline for a single job would double its CPU, and while little is going on most are single.
    if (only && jobs.length === 1) await this.#queue.add(only.name, only.data, only.opts);
    else await this.#queue.addBulk(jobs);
  }
}

function openQueue(client: RedisClient, prefix: string): Queue<JobData> {
  const queue = new Queue<JobData>(QUEUE_NAME, {
    connection: client,
    prefix,
    // Both or neither: with the first alone a queue that was opened while Redis was down stays dead for ever.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    streams: { events: { maxLen: 1_000 } },
    defaultJobOptions: JOB_OPTIONS,
  });
  // It repeats what the connection reports; unheard it would end the process.
  queue.on('error', () => {});
  return queue;
}
