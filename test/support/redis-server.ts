import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@hooklane/standalone';
import { Redis } from 'ioredis';
import type { Child } from './child.ts';
import { endChild, startChild } from './child.ts';
import { until } from './until.ts';

export interface RedisOptions {
  /** Kept. Default: a temporary folder that `stop` removes. */
  readonly dir?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Default true. False loses everything with the process. */
  readonly appendonly?: boolean;
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  /** Ends it in good order and removes a temporary folder. May be called after `kill`, and again. */
  stop(): Promise<void>;
  /** SIGKILL. The folder stays. */
  kill(): Promise<void>;
}

/** A Redis of its own, on the loopback address, set as BullMQ wants it. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'hooklane-redis-')));
  const remove = async () => {
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  };
  try {
    const port = options.port || (await freePort());
    const child = await launch({ dir, port, appendonly: options.appendonly ?? true });
    return {
      url: `redis://127.0.0.1:${port}`,
      port,
      pid: child.pid,
      dir,
      stop: async () => {
        await endChild(child);
        await remove();
      },
      kill: async () => {
        await child.kill('SIGKILL');
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function launch({ dir, port, appendonly }: Required<RedisOptions>): Promise<Child> {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: appendonly ? 'yes' : 'no',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = startChild({ command: 'redis-server', args, cwd: dir });
  try {
    await until(() => answers(child, port), { what: `redis-server on port ${port}`, timeoutMs: 30_000 });
    return child;
  } catch (error) {
    await child.kill('SIGKILL');
    throw error;
  }
}

async function answers(child: Child, port: number): Promise<boolean> {
  if (child.pid === -1) {
    throw new Error('There is no redis-server on PATH: install Redis, or run `npm test`, which does that on Debian.');
  }
  if (!child.isRunning()) throw new Error(`redis-server did not start:\n${child.lines.join('\n')}`);
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    await client.connect();
    // Another server could have taken the port first; and one that still reads its data answers with LOADING.
    return (await client.info('server')).includes(`process_id:${child.pid}`) && (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
