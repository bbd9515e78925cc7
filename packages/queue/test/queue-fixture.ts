import { randomBytes, randomUUID } from 'node:crypto';
import { asId } from '@hooklane/domain';
import type { DueRef } from '@hooklane/engine';
import { Redis } from 'ioredis';
import type { QueueLogger } from '../src/log.ts';
import type { RedisConsumerOptions } from '../src/redis-consumer.ts';
import { createRedisConsumer } from '../src/redis-consumer.ts';
import type { RedisQueue, RedisQueueOptions } from '../src/redis-queue.ts';
import { createRedisQueue } from '../src/redis-queue.ts';

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

export interface Fixture extends AsyncDisposable {
  /** No other test's keys begin with it. */
  readonly prefix: string;
  readonly log: LogLine[];
  /** What any consumer opened here received. */
  readonly received: DueRef[];
  /** A plain client, for looking and for mischief. */
  readonly redis: Redis;
  /** It gives an announce 10 s unless told otherwise: tests share a busy machine. */
  openQueue(options?: Partial<RedisQueueOptions>): Promise<RedisQueue>;
  /** Default: notes the ref in `received`. */
  openConsumer(options?: Partial<RedisConsumerOptions>): Promise<{ stop(): Promise<void> }>;
}

/** Queues and consumers on a Redis, all stopped on dispose. */
export function useQueue(url: string): Fixture {
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const log: LogLine[] = [];
  const received: DueRef[] = [];
  const logger = recordingLogger(log);
  const redis = new Redis(url, { retryStrategy: () => 50 });
  redis.on('error', () => {});
  const stops: (() => Promise<void>)[] = [];
  const open = async <T extends { start(): Promise<void>; stop(): Promise<void> }>(service: T): Promise<T> => {
    await service.start();
    const stop = service.stop.bind(service);
    let stopping: Promise<void> | undefined;
    service.stop = () => {
      stopping ??= stop();
      return stopping;
    };
    stops.push(service.stop);
    return service;
  };
  return {
    prefix,
    log,
    received,
    redis,
    openQueue: (options) => open(createRedisQueue({ url, prefix, logger, announceTimeoutMs: 10_000, ...options })),
    openConsumer: (options) => {
      const receive = async (ref: DueRef) => void received.push(ref);
      return open(createRedisConsumer({ url, prefix, logger, concurrency: 10, receive, ...options }));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(stops.map((stop) => stop()));
      redis.disconnect();
    },
  };
}

function recordingLogger(log: LogLine[]): QueueLogger {
  const record = (level: LogLine['level']) => (fields: object, message: string) => {
    log.push({ level, message, fields: { ...fields } });
  };
  return { info: record('info'), warn: record('warn'), error: record('error') };
}

export function newRef(attempt = 1): DueRef {
  return { deliveryId: asId('dlv', randomUUID()), webhookId: asId('wh', randomUUID()), attempt };
}

export function newRefs(count: number): DueRef[] {
  return Array.from({ length: count }, () => newRef());
}

/** For comparing what arrived with what was announced, in whatever order. */
export function idsOf(refs: readonly DueRef[]): string[] {
  return refs.map(({ deliveryId, attempt }) => `${deliveryId}-${attempt}`).sort();
}
