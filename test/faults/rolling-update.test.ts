// A new version is rolled out: every process is stopped and started in turn while events keep coming.
import { freePort } from '@hooklane/standalone';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { expect, inject, it } from 'vitest';
import { producerAt, startBalancer } from '../support/balancer.ts';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';
import { untilDisposed } from '../support/until-disposed.ts';

const WEBHOOK = { events: ['*'], ping: false, timeout_ms: 30_000 };

onBothQueues('two APIs and two workers are restarted one after the other under load', (redisUrl) => {
  it('producers see no error, nothing is lost, and nothing is sent twice', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redisUrl(),
      // So long that nothing would be made again by a claim that lapses.
      env: { HOOKLANE_CLAIM_GRACE: '60s' },
    });
    const otherPort = await freePort();
    const [otherApi, otherWorker] = [fleet.another('api', { PORT: String(otherPort) }), fleet.another('worker')];
    await Promise.all([otherApi.start(), otherWorker.start()]);
    await using receiver = await startReceiver(() => ({ delayMs: 50 }));
    await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK });

    await using balancer = await startBalancer([Number(new URL(fleet.url).port), otherPort]);
    const org = await producerAt(fleet, balancer.url);
    const acknowledged: string[] = [];
    const errors: unknown[] = [];
    using producers = untilDisposed();
    const producing = Array.from({ length: 4 }, async () => {
      while (!producers.isOver) {
        await org.events.publish({ type: 'a.b', payload: 1 }).then(
          ({ id }) => acknowledged.push(id),
          (error: unknown) => errors.push(error),
        );
      }
    });
    for (const one of [fleet.api, otherApi, fleet.worker, otherWorker]) {
      const before = acknowledged.length;
      await until(() => acknowledged.length > before + 50, {
        what: 'events to be acknowledged',
        timeoutMs: 60_000,
      });
      expect(await one.kill('SIGTERM')).toBe(0);
      await one.start();
    }
    producers.end();
    await Promise.all(producing);
    org.close();

    expect(errors).toEqual([]);
    const arrived = () => receiver.requests.map(({ headers }) => String(headers['webhook-id']));
    await until(() => new Set(arrived()).size === acknowledged.length, { what: 'all events', timeoutMs: 60_000 });
    // Only where the receiver, which is in our own process, was too slow to answer.
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const failed = await pool.query("SELECT FROM attempts WHERE outcome <> 'accepted'");
    await pool.end();
    expect(arrived().length - acknowledged.length).toBeLessThanOrEqual(failed.rowCount ?? 0);
    expect(new Set(arrived())).toEqual(new Set(acknowledged));
  });
});

it('the database was migrated, and jobs are announced, by a version that is newer: this one goes on beside it', async () => {
  await using database = await createTestDatabase();
  const pool = new Pool({ connectionString: database.url, max: 1 });
  // What a migration may do while an older version runs: it adds.
  for (const table of ['events', 'deliveries', 'delivery_due', 'attempts', 'webhooks']) {
    await pool.query(`ALTER TABLE ${table} ADD COLUMN of_the_future text, ADD COLUMN also_new int NOT NULL DEFAULT 7`);
  }
  await pool.query('CREATE TABLE of_the_future (id int)');
  await pool.query(
    `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) SELECT 'future', max(created_at) + 1 FROM drizzle.__drizzle_migrations`,
  );
  await using fleet = await startFleet({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    // Nobody but the queue brings what is published while the worker stands still.
    env: { HOOKLANE_ENQUEUED_GRACE: '10m' },
  });
  await using receiver = await startReceiver();
  const { id } = await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK });
  await fleet.org.events.publish({ type: 'a.b', payload: 1 });
  await receiver.waitFor(1, 30_000);

  fleet.worker.signal('SIGSTOP');
  await fleet.org.events.publish({ type: 'a.b', payload: 2 });
  await sayMoreInJobs(inject('redisUrl'), fleet.queuePrefix);
  fleet.worker.signal('SIGCONT');

  await receiver.waitFor(2, 30_000);
  await until(async () => (await fleet.org.webhooks.attempts(id)).data.length === 2, { what: 'both to be logged' });
  await pool.end();
});

async function sayMoreInJobs(redisUrl: string, prefix: string): Promise<void> {
  const client = new Redis(redisUrl);
  const waiting = () => client.lrange(`{${prefix}-0}:deliver:wait`, 0, -1);
  await until(async () => (await waiting()).length > 0, { what: 'a job to wait' });
  for (const job of await waiting()) {
    const key = `{${prefix}-0}:deliver:${job}`;
    const data: unknown = JSON.parse((await client.hget(key, 'data')) ?? '');
    await client.hset(key, 'data', JSON.stringify([...(data as unknown[]), { since: 'version 2' }]));
  }
  client.disconnect();
}
