import type { ConfigOf, queueSettings } from '@hooklane/runtime';
import type { QueueLogger } from './log.ts';
import type { RedisQueue } from './redis-queue.ts';
import { createRedisQueue } from './redis-queue.ts';

/** The producers' end as the settings describe it; null where they name no Redis. */
export function createConfiguredQueue(config: ConfigOf<typeof queueSettings>, logger: QueueLogger): RedisQueue | null {
  if (config.redisUrl === undefined) return null;
  return createRedisQueue({
    url: config.redisUrl,
    shards: config.queueShards,
    prefix: config.queuePrefix,
    highWaterMark: config.queueHighWater,
    logger,
  });
}
