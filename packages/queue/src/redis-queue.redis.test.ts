import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { describe, expect, inject, test } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { idsOf, newRef, newRefs, useQueue } from '../test/queue-fixture.ts';

describe('announcing', () => {
  test('what is announced arrives, whole batches and many single ones at once', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    await fixture.openConsumer();
    const batch = newRefs(1_200);
    const singles = newRefs(300);

    const answers = await Promise.all([queue.announce(batch), ...singles.map((ref) => queue.announce([ref]))]);

    expect(answers.every(Boolean)).toBe(true);
    await until(() => fixture.received.length === 1_500, { what: 'all refs' });
    expect(idsOf(fixture.received)).toEqual(idsOf([...batch, ...singles]));
    expect(fixture.received).toContainEqual(batch[7]);
  });

  test('with several shards everything arrives, a webhook always by the same one', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue({ shards: 3 });
    const refs = newRefs(60);
    await queue.announce(refs);
    await queue.announce(refs.map((ref) => ({ ...ref, attempt: 2 })));

    const waiting = await Promise.all(
      [0, 1, 2].map((n) => fixture.redis.llen(`{${fixture.prefix}-${n}}:deliver:wait`)),
    );
    expect(waiting.every((count) => count > 0 && count % 2 === 0)).toBe(true);

    await fixture.openConsumer({ shards: 3 });
    await until(() => fixture.received.length === 120, { what: 'all refs' });
  });

  test('a delayed ref arrives when its delay is over', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    await fixture.openConsumer();
    const announcedAt = Date.now();

    await queue.announce([newRef()], 700.5);
    await until(() => fixture.received.length === 1, { what: 'the ref' });

    expect(Date.now() - announcedAt).toBeGreaterThanOrEqual(700);
    expect(Date.now() - announcedAt).toBeLessThan(1_500);
  });

  test('a ref that sleeps too long, because a clock was wrong, can be announced at once', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    await fixture.openConsumer();
    const ref = newRef(2);
    await queue.announce([ref], 3_600_000);

    await queue.announce([ref]);

    await until(() => fixture.received.length === 1, { what: 'the ref' });
    expect(fixture.received).toEqual([ref]);
  });

  test('what waits already is not queued again, the next attempt is', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    const ref = newRef();
    await queue.announce([ref]);
    await queue.announce([ref, ref]);
    await queue.announce([{ ...ref, attempt: 2 }]);

    await fixture.openConsumer();
    await until(() => fixture.received.length >= 2, { what: 'both attempts' });
    await queue.announce([newRef()]);
    await until(() => fixture.received.length >= 3, { what: 'what was announced last' });

    expect(idsOf(fixture.received.slice(0, 2))).toEqual(idsOf([ref, { ...ref, attempt: 2 }]));
  });

  test('what was received leaves nothing behind that would swallow the same ref', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    await fixture.openConsumer();
    const ref = newRef();
    const jobKey = `{${fixture.prefix}-0}:deliver:${ref.deliveryId}-1`;
    await queue.announce([ref]);
    await until(async () => fixture.received.length === 1 && (await fixture.redis.exists(jobKey)) === 0, {
      what: 'the end of the job',
    });

    await queue.announce([ref]);

    await until(() => fixture.received.length === 2, { what: 'the ref again' });
  });

  test('Redis gets to hold ids and nothing else', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    const ref = newRef();
    await queue.announce([ref]);

    const job = await fixture.redis.hgetall(`{${fixture.prefix}-0}:deliver:${ref.deliveryId}-1`);

    expect(JSON.parse(job['data'] ?? '')).toEqual([ref.deliveryId, ref.webhookId, 1]);
    expect(Object.keys(job).sort()).toEqual(['data', 'delay', 'name', 'opts', 'priority', 'timestamp']);
  });
});

describe('the high-water mark', () => {
  test('the queue is full above it, counts what is delayed, and accepts again when it has drained', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue({ highWaterMark: 20 });
    expect(queue.state).toBe('accepting');

    await queue.announce(newRefs(10));
    await queue.announce(newRefs(10), 300);
    await until(() => queue.state === 'full', { what: 'the queue to be full' });
    expect(queue.depth()).toBe(20);

    await fixture.openConsumer();
    await until(() => queue.state === 'accepting', { what: 'the queue to accept again' });
    await until(() => queue.depth() === 0, { what: 'the queue to drain' });
    expect(fixture.received).toHaveLength(20);
  });
});

describe('receiving', () => {
  test('begins before much was fetched, however much there is', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    await queue.announce(newRefs(400));
    let fetched = 0;
    await fixture.openConsumer({
      concurrency: 400,
      receive: async (ref) => {
        if (fixture.received.push(ref) === 1)
          fetched = await fixture.redis.llen(`{${fixture.prefix}-0}:deliver:active`);
      },
    });

    await until(() => fixture.received.length === 400 && fetched > 0, { what: 'all refs' });

    expect(fetched).toBeLessThanOrEqual(50);
  });

  test('a fault of ours is tried three times, and then the ref may be announced anew', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    const [bad, good] = [newRef(), newRef()];
    let faults = 0;
    await fixture.openConsumer({
      concurrency: 1,
      receive: async (ref) => {
        if (ref.deliveryId !== bad.deliveryId) return void fixture.received.push(ref);
        faults += 1;
        throw new Error('postgres://user:hunter2@db is away');
      },
    });

    await queue.announce([bad, good]);
    await until(() => faults === 3, { what: 'three tries' });
    expect(idsOf(fixture.received)).toEqual(idsOf([good]));
    const jobKey = `{${fixture.prefix}-0}:deliver:${bad.deliveryId}-1`;
    await until(async () => (await fixture.redis.exists(jobKey)) === 0, { what: 'the job to be given up' });

    await queue.announce([bad]);
    await until(() => faults === 4, { what: 'the ref again' });
    expect(fixture.log.filter(({ message }) => message.includes('could not receive'))).toHaveLength(1);
  });

  test('what went wrong is told to the log and not to Redis', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    const ref = newRef();
    await fixture.openConsumer({ receive: () => Promise.reject(new Error('hunter2')) });

    await queue.announce([ref]);
    const jobKey = `{${fixture.prefix}-0}:deliver:${ref.deliveryId}-1`;
    const job = await until(
      async () => {
        const fields = await fixture.redis.hgetall(jobKey);
        return fields['failedReason'] !== undefined && fields;
      },
      { what: 'a failed try' },
    );
    const events = await fixture.redis.xrange(`{${fixture.prefix}-0}:deliver:events`, '-', '+');

    expect(JSON.stringify([job, events])).not.toContain('hunter2');
    expect(job['failedReason']).toBe('not received');
    expect(fixture.log.find(({ message }) => message.includes('could not receive'))?.fields).toMatchObject({
      err: new Error('hunter2'),
    });
  });

  test('jobs that are none of ours are dropped, and the others still arrive', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    const connection = new Redis(inject('redisUrl'));
    const stranger = new Queue('deliver', { connection, prefix: `{${fixture.prefix}-0}` });
    const ref = newRef();
    const strange = [null, 'x', [], [ref.deliveryId, 'x', 1], [ref.deliveryId, ref.webhookId, 0], { attempt: 1 }];
    await stranger.addBulk(strange.map((data) => ({ name: 'x', data })));
    await queue.announce([ref]);

    await fixture.openConsumer();
    await until(() => fixture.received.length === 1, { what: 'the good ref' });

    await until(async () => (await stranger.getJobCountByTypes('wait', 'active', 'delayed')) === 0, {
      what: 'the strange jobs to be gone',
    });
    expect(fixture.received).toEqual([ref]);
    expect(fixture.log.filter(({ message }) => message.includes('none of ours'))).toHaveLength(1);
    await stranger.close();
    connection.disconnect();
  });

  test('stopping waits for what is being received, takes nothing more, and raises no alarm', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    let letEnd = () => {};
    const mayEnd = new Promise<void>((resolve) => {
      letEnd = resolve;
    });
    const consumer = await fixture.openConsumer({
      concurrency: 2,
      receive: async (ref) => {
        fixture.received.push(ref);
        await mayEnd;
      },
    });
    await queue.announce(newRefs(5));
    await until(() => fixture.received.length === 2, { what: 'both slots to be taken' });

    const stopping = consumer.stop();
    letEnd();
    await stopping;
    await queue.stop();

    expect(fixture.received).toHaveLength(2);
    const prefix = `{${fixture.prefix}-0}:deliver`;
    expect(await fixture.redis.llen(`${prefix}:wait`)).toBe(3);
    expect(await fixture.redis.llen(`${prefix}:active`)).toBe(0);
    expect(fixture.log.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  test('stopping does not wait longer than 5 s for a receiver that hangs', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const queue = await fixture.openQueue();
    const consumer = await fixture.openConsumer({
      receive: (ref) => {
        fixture.received.push(ref);
        return new Promise(() => {});
      },
    });
    await queue.announce([newRef()]);
    await until(() => fixture.received.length === 1, { what: 'the ref' });

    const stoppedAt = performance.now();
    await consumer.stop();

    expect(performance.now() - stoppedAt).toBeLessThan(5_500);
  });
});

describe('the epoch', () => {
  test('it is lost with the data and renewed by whoever notices', async () => {
    await using fixture = useQueue(inject('redisUrl'));
    const [one, other] = [await fixture.openQueue({ shards: 2 }), await fixture.openQueue({ shards: 2 })];
    expect(await one.intact()).toBe(false);

    await one.renew();
    expect([await one.intact(), await other.intact()]).toEqual([true, true]);

    await fixture.redis.del(`{${fixture.prefix}-1}:epoch`);
    expect(await other.intact()).toBe(false);
  });
});
