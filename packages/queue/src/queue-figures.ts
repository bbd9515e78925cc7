import type { RedisClient } from './connection.ts';
import type { QueueShard } from './queue-shard.ts';
import { field, readInfos } from './redis-info.ts';

/** What Redis tells of itself, over all masters, and BullMQ of its jobs. */
export interface RedisFigures {
  memoryUsedBytes: number;
  /** 0: as much as the machine has. */
  memoryMaxBytes: number;
  /** Must be 0: what is evicted is lost until the relay finds it. */
  evictedKeys: number;
  /** The last write of the append-only file went well; null: there is none. */
  isLogWritten: boolean | null;
  /** By shard, then by BullMQ's name of the state. */
  jobs: readonly Readonly<Record<string, number>>[];
}

export async function readFigures(client: RedisClient, shards: readonly QueueShard[]): Promise<RedisFigures> {
  const [infos, jobs] = await Promise.all([readInfos(client), Promise.all(shards.map((shard) => shard.jobCounts()))]);
  const sum = (name: string) => infos.reduce((total, info) => total + Number(field(info, name) ?? 0), 0);
  return {
    memoryUsedBytes: sum('used_memory'),
    memoryMaxBytes: sum('maxmemory'),
    evictedKeys: sum('evicted_keys'),
    isLogWritten: infos.some((info) => field(info, 'aof_enabled') === '1')
      ? infos.every((info) => field(info, 'aof_last_write_status') === 'ok')
      : null,
    jobs,
  };
}
