import { expect, test } from 'vitest';
import { startOwnRedis } from '../test/own-redis.ts';
import { checkRedis } from './check-redis.ts';

test('a Redis set up for a queue passes without a word', async () => {
  await using server = await startOwnRedis();
  expect(await checkRedis(server.url)).toEqual({ problems: [], warnings: [] });
});

test('one that may throw jobs away is a problem', async () => {
  await using server = await startOwnRedis();
  await server.command(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
  expect(await checkRedis(server.url)).toEqual({ problems: [expect.stringContaining('noeviction')], warnings: [] });
});

test('one without a file is warned about', async () => {
  await using server = await startOwnRedis({ appendonly: false });
  expect(await checkRedis(server.url)).toEqual({ problems: [], warnings: [expect.stringContaining('appendonly')] });
});

test('one that cannot be reached is warned about, at once', async () => {
  await using server = await startOwnRedis();
  await server.kill();
  const startedAt = performance.now();
  expect(await checkRedis(server.url)).toEqual({ problems: [], warnings: [expect.stringContaining('ECONNREFUSED')] });
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test('one that hangs is warned about within 3 s', async () => {
  await using server = await startOwnRedis();
  process.kill(server.pid, 'SIGSTOP');
  const startedAt = performance.now();
  expect(await checkRedis(server.url)).toEqual({
    problems: [],
    warnings: [expect.stringContaining('cannot be reached')],
  });
  expect(performance.now() - startedAt).toBeLessThan(3_500);
});

test('one that refuses our password is a problem, which does not repeat it', async () => {
  await using server = await startOwnRedis();
  await server.command(['CONFIG', 'SET', 'requirepass', 'right']);
  const check = await checkRedis(server.url.replace('//', '//:hunter2@'));
  expect(check).toEqual({ problems: [expect.stringContaining('WRONGPASS')], warnings: [] });
  expect(JSON.stringify(check)).not.toContain('hunter2');
});
