import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { RedisOptions, RedisServer } from '../../../test/support/redis-server.ts';
import { startRedis } from '../../../test/support/redis-server.ts';

/** A Redis to be ill-treated: always on the same port and folder. */
export interface OwnRedis extends AsyncDisposable {
  readonly url: string;
  /** Changes with a restart. */
  readonly pid: number;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** On a connection of its own. */
  command(words: readonly string[]): Promise<unknown>;
  /** Since its start, refused ones too. */
  commandsProcessed(): Promise<number>;
}

export async function startOwnRedis(options: Pick<RedisOptions, 'appendonly'> = {}): Promise<OwnRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'hooklane-own-redis-'));
  let server: RedisServer = await startRedis({ ...options, dir });
  const { url, port } = server;
  const command = async ([name = '', ...args]: readonly string[]) => {
    const client = new Redis(url);
    try {
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  };
  return {
    url,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    restart: async () => {
      server = await startRedis({ ...options, dir, port });
    },
    command,
    commandsProcessed: async () => Number(/total_commands_processed:(\d+)/.exec(String(await command(['INFO'])))?.[1]),
    [Symbol.asyncDispose]: async () => {
      // Also one that a failed test left hanging ends by SIGKILL.
      await server.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
