import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrivatePostgres } from '@hooklane/standalone';
import { startPrivatePostgres } from '@hooklane/standalone';
import { Redis } from 'ioredis';
import type { RedisServer } from '../support/redis-server.ts';
import { startRedis } from '../support/redis-server.ts';

/** A store as a child of ours, at one address for the whole run. */
export interface Store<Server> {
  readonly server: Server;
  readonly port: number;
  /** On the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ChaosPostgres extends Store<PrivatePostgres> {
  /** Around the proxy, for those whom no fault may befall. With a password. */
  readonly url: string;
}

export async function startPostgres(onLog: (line: string) => void): Promise<ChaosPostgres> {
  // The first one's data are in a temporary folder, which it removes when it is stopped, whoever ran on it since.
  const first = await startPrivatePostgres({ onLog });
  let server = first;
  return {
    get server() {
      return server;
    },
    port: first.port,
    url: first.url,
    async start() {
      server = await startPrivatePostgres({ dataDir: first.dataDir, port: first.port, onLog });
    },
    async stop() {
      await server.stop();
      await first.stop();
    },
  };
}

export interface ChaosRedis extends Store<RedisServer> {
  readonly dir: string;
  /** A short connection around the proxy. */
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T>;
}

export async function startOwnRedis(folder: string): Promise<ChaosRedis> {
  const dir = join(folder, 'redis');
  await mkdir(dir);
  let server = await startRedis({ dir });
  const { port } = server;
  return {
    get server() {
      return server;
    },
    port,
    dir,
    async start() {
      await mkdir(dir, { recursive: true });
      server = await startRedis({ dir, port });
    },
    stop: () => server.stop(),
    async ask(question) {
      const redis = new Redis({ port, lazyConnect: true, retryStrategy: () => null, commandTimeout: 10_000 });
      redis.on('error', () => {});
      try {
        await redis.connect();
        return await question(redis);
      } finally {
        redis.disconnect();
      }
    },
  };
}
