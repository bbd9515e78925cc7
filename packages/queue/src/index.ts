export { checkRedis } from './check-redis.ts';
export { createConfiguredQueue } from './configured-queue.ts';
export type { QueueLogger } from './log.ts';
export type { RedisConsumerOptions } from './redis-consumer.ts';
export { createRedisConsumer } from './redis-consumer.ts';
export type { RedisQueue, RedisQueueOptions } from './redis-queue.ts';
export { createRedisQueue } from './redis-queue.ts';
export { parseRedisUrl, RedisUrlError } from './redis-url.ts';
