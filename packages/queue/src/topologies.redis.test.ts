import { expect, test } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { startOwnRedis } from '../test/own-redis.ts';
import { idsOf, newRefs, useQueue } from '../test/queue-fixture.ts';
import { startProxy } from '../test/switchable-proxy.ts';
import { startCluster, startSentinel } from '../test/topologies.ts';
import { checkRedis } from './check-redis.ts';

test('a queue of several shards works on a Redis Cluster', async () => {
  await using cluster = await startCluster();
  const url = `redis+cluster://127.0.0.1:${cluster.port}`;
  await using fixture = useQueue(`redis://127.0.0.1:${cluster.port}`);
  const queue = await fixture.openQueue({ url, shards: 3 });
  const consumer = await fixture.openConsumer({ url, shards: 3 });
  const refs = newRefs(50);

  expect(await checkRedis(url)).toMatchObject({ problems: [], warnings: [expect.stringContaining('appendonly')] });
  await until(() => queue.state === 'accepting', { what: 'the queue to accept' });
  expect(await queue.announce(refs)).toBe(true);
  await until(() => fixture.received.length === refs.length, { what: 'all refs' });
  expect(idsOf(fixture.received)).toEqual(idsOf(refs));
  await queue.renew();
  expect(await queue.intact()).toBe(true);
  await consumer.stop();
});

test('the master is found through Sentinels', async () => {
  await using master = await startOwnRedis();
  await using sentinel = await startSentinel(Number(new URL(master.url).port));
  await using fixture = useQueue(master.url);
  const url = `redis+sentinel://127.0.0.1:1/0?name=main&node=127.0.0.1:${sentinel.port}`;
  const queue = await fixture.openQueue({ url });
  await fixture.openConsumer({ url });
  const refs = newRefs(20);

  await until(() => queue.state === 'accepting', { what: 'the queue to accept' });
  expect(await queue.announce(refs)).toBe(true);
  await until(() => fixture.received.length === refs.length, { what: 'all refs' });
  expect(await checkRedis(url)).toEqual({ problems: [], warnings: [] });
});

test('after a failover behind a fixed address the new master is used, though the old connections are still open', async () => {
  await using former = await startOwnRedis();
  await using next = await startOwnRedis();
  await using proxy = await startProxy(former.url);
  await using fixture = useQueue(proxy.url);
  const queue = await fixture.openQueue();
  await fixture.openConsumer();
  await queue.announce(newRefs(1));
  await until(() => fixture.received.length === 1, { what: 'the first ref' });

  proxy.switchTo(next.url);
  await former.command(['REPLICAOF', '127.0.0.1', '1']);
  expect(await queue.announce(newRefs(1))).toBe(false);

  await until(() => queue.state === 'accepting', { what: 'the queue to accept' });
  const refs = newRefs(20);
  expect(await queue.announce(refs)).toBe(true);
  await until(() => fixture.received.length === 21, { what: 'all refs' });
  expect(idsOf(fixture.received.slice(1))).toEqual(idsOf(refs));
});
