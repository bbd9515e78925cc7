import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, inject, test } from 'vitest';
import type { RedisServer } from './redis-server.ts';
import { startRedis } from './redis-server.ts';

const started: RedisServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((redis) => redis.stop()));
});

test('the shared Redis appends every write to disk and evicts nothing', async () => {
  const client = new Redis(inject('redisUrl'));

  const settings = await client.config('GET', 'appendonly', 'maxmemory-policy', 'save', 'bind');
  client.disconnect();

  expect(pairs(settings as string[])).toEqual({
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
    save: '',
    bind: '127.0.0.1',
  });
});

test('a Redis that is killed and started again on its folder and port has its data', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hooklane-test-'));
  const first = await startRedis({ dir });
  started.push(first);
  await command(first.url, (client) => client.set('kept', '42'));
  await first.kill();

  const second = await startRedis({ dir, port: first.port });
  started.push(second);

  expect(second.pid).not.toBe(first.pid);
  expect(await command(second.url, (client) => client.get('kept'))).toBe('42');
  await second.stop();
  await rm(dir, { recursive: true });
});

test('a Redis that is stopped takes its temporary folder along', async () => {
  const redis = await startRedis();
  await redis.stop();

  await expect(stat(redis.dir)).rejects.toThrow('ENOENT');
  await expect(command(redis.url, (client) => client.ping())).rejects.toThrow();
});

async function command<T>(url: string, act: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    return await act(client);
  } finally {
    client.disconnect();
  }
}

function pairs(flat: string[]): Record<string, string | undefined> {
  return Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]]] : [])));
}
