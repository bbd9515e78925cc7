import { describe, expect, test } from 'vitest';
import { until } from '../../../test/support/until.ts';
import type { OwnRedis } from '../test/own-redis.ts';
import { startOwnRedis } from '../test/own-redis.ts';
import { idsOf, newRef, newRefs, useQueue } from '../test/queue-fixture.ts';
import type { RedisQueue } from './redis-queue.ts';

/** What the product uses; the fixture's own is more patient. */
const announceTimeoutMs = 500;

describe('a Redis that is killed', () => {
  test('is noticed within a second, and after its restart everything goes on by itself, nothing lost', async () => {
    await using server = await startOwnRedis();
    await using fixture = useQueue(server.url);
    const queue = await fixture.openQueue({ announceTimeoutMs });
    await fixture.openConsumer();
    await queue.announce([newRef()]);
    await until(() => fixture.received.length === 1, { what: 'the first ref' });
    const delayed = newRefs(5);
    await queue.announce(delayed, 1_500);

    await server.kill();
    await expectAwayWithin(queue, 1_000);
    expect(await queue.announce([newRef()])).toBe(false);

    await server.restart();
    await until(() => queue.state === 'accepting', { what: 'the queue to come back' });
    const later = newRefs(5);
    expect(await queue.announce(later)).toBe(true);
    await until(() => fixture.received.length === 11, { what: 'what was announced before and after' });
    expect(idsOf(fixture.received.slice(1))).toEqual(idsOf([...delayed, ...later]));
    const messages = fixture.log.map(({ message }) => message);
    expect(messages.filter((message) => message.includes('away'))).toHaveLength(1);
    expect(messages.filter((message) => message.includes('consumer lost'))).toHaveLength(1);
  });

  test('fails an announce that is under way within its bound', async () => {
    await using server = await startOwnRedis();
    await using fixture = useQueue(server.url);
    const queue = await fixture.openQueue({ announceTimeoutMs });

    const announced = timed(() => queue.announce(newRefs(500)));
    await server.kill();

    const { answer, ms } = await announced;
    expect(answer).toBe(false);
    expect(ms).toBeLessThan(1_500);
  });
});

describe('a Redis that hangs', () => {
  test('fails an announce within its bound, is noticed within a second, and is used again when it goes on', async () => {
    await using server = await startOwnRedis();
    await using fixture = useQueue(server.url);
    const queue = await fixture.openQueue({ announceTimeoutMs });
    await fixture.openConsumer();

    let timesAway = 0;
    queue.onAway(() => timesAway++);
    process.kill(server.pid, 'SIGSTOP');
    const announced = timed(() => queue.announce([newRef()]));
    await expectAwayWithin(queue, 1_000);
    expect(timesAway).toBe(1);
    const { answer, ms } = await announced;
    expect(answer).toBe(false);
    // Sooner than the connection gives the command up (1,000).
    expect(ms).toBeLessThan(900);

    process.kill(server.pid, 'SIGCONT');
    await until(() => queue.state === 'accepting', { what: 'the queue to come back' });
    const ref = newRef();
    expect(await queue.announce([ref])).toBe(true);
    await until(() => fixture.received.some(({ deliveryId }) => deliveryId === ref.deliveryId), { what: 'the ref' });
  });
});

describe('a Redis that hangs from the beginning', () => {
  test('keeps the queue from starting for a second only', async () => {
    await using server = await startOwnRedis();
    process.kill(server.pid, 'SIGSTOP');
    await using fixture = useQueue(server.url);

    const started = await timed(() => fixture.openQueue({ announceTimeoutMs }));

    expect(started.ms).toBeLessThan(1_500);
    expect(started.answer.state).toBe('away');
    process.kill(server.pid, 'SIGCONT');
    await until(() => started.answer.state === 'accepting', { what: 'the queue to accept' });
  });
});

describe('a Redis that is not there', () => {
  test('does not keep queue or consumer from starting or stopping, and is used once it is there', async () => {
    await using server = await startOwnRedis();
    await server.kill();
    await using fixture = useQueue(server.url);

    const started = await timed(() => fixture.openQueue({ announceTimeoutMs }));
    await fixture.openConsumer();
    const unlucky = await fixture.openConsumer();
    expect(started.ms).toBeLessThan(900);
    expect(started.answer.state).toBe('away');
    expect(await started.answer.announce([newRef()])).toBe(false);
    expect(await started.answer.intact()).toBe(true);
    expect((await timed(() => unlucky.stop())).ms).toBeLessThan(2_000);

    await server.restart();
    await until(() => started.answer.state === 'accepting', { what: 'the queue to accept' });
    await started.answer.announce([newRef()]);
    await until(() => fixture.received.length === 1, { what: 'the ref' });
  });

  test('does not hold up a stop', async () => {
    await using server = await startOwnRedis();
    await using fixture = useQueue(server.url);
    const queue = await fixture.openQueue({ announceTimeoutMs });
    const consumer = await fixture.openConsumer();
    await server.kill();

    const stopped = await timed(() => Promise.all([queue.stop(), consumer.stop()]));

    expect(stopped.ms).toBeLessThan(2_500);
  });
});

describe('a Redis that lost its data', () => {
  test.each([
    ['by FLUSHALL', async (server: OwnRedis) => void (await server.command(['FLUSHALL']))],
    [
      'by a restart without a file',
      async (server: OwnRedis) => {
        await server.kill();
        await server.restart();
      },
    ],
  ])('%s shows by its epoch', async (_, lose) => {
    await using server = await startOwnRedis({ appendonly: false });
    await using fixture = useQueue(server.url);
    const queue = await fixture.openQueue();
    await queue.renew();
    expect(await queue.intact()).toBe(true);

    await lose(server);
    await until(() => queue.state === 'accepting', { what: 'the queue to accept' });

    expect(await queue.intact()).toBe(false);
  });
});

describe('a Redis that takes no writes', () => {
  test.each([
    ['because it became a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    ['because it is out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
  ])('%s is away, is not stormed, and is used again once it takes them', async (_, refuse, accept) => {
    await using server = await startOwnRedis();
    await using fixture = useQueue(server.url);
    const queue = await fixture.openQueue({ announceTimeoutMs });
    await queue.announce(newRefs(20));
    await server.command(refuse);
    await fixture.openConsumer();

    expect(await queue.announce([newRef()])).toBe(false);
    expect(queue.state).toBe('away');
    const before = await server.commandsProcessed();
    const states = await statesOver(queue, 2_000);

    expect(states).toEqual(new Set(['away']));
    // Probes and reconnects of five connections; BullMQ alone sends some 15,000.
    expect((await server.commandsProcessed()) - before).toBeLessThan(400);

    await server.command(accept);
    await until(() => queue.state === 'accepting', { what: 'the queue to accept' });
    expect(await queue.announce([newRef()])).toBe(true);
    await until(() => fixture.received.length >= 21, { what: 'everything announced' });
  });
});

async function statesOver(queue: RedisQueue, ms: number): Promise<Set<string>> {
  const states = new Set<string>();
  const endsAt = performance.now() + ms;
  await until(() => states.add(queue.state) && performance.now() > endsAt, { what: 'the time to pass' });
  return states;
}

async function expectAwayWithin(queue: RedisQueue, ms: number): Promise<void> {
  await until(() => queue.state === 'away', { timeoutMs: ms, what: 'the queue to be away' });
}

async function timed<T>(act: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const startedAt = performance.now();
  const answer = await act();
  return { answer, ms: performance.now() - startedAt };
}
