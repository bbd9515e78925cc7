import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { startRedis } from '../support/redis-server.ts';
import { seedDue } from '../support/seed-due.ts';
import { tell } from '../support/tell.ts';
import { until } from '../support/until.ts';

const WEBHOOK = { events: ['*'], ping: false, timeout_ms: 1_000 };
/** The design asks for 200,000; that takes minutes. `BACKLOG=200000` in the environment does it in full. */
const BACKLOG = Number(process.env['BACKLOG'] ?? 20_000);
/** The same with `REBUILD=100000`. */
const REBUILD = Number(process.env['REBUILD'] ?? 20_000);

onBothQueues('kill -9', (redisUrl) => {
  it('of the only worker with 200 attempts in flight: all are made again within the claim and 5 s, none twice more', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redisUrl(),
      composition: 'test',
      without: ['reaper'],
      env: { HOOKLANE_SLOW_PERCENT: '100', HOOKLANE_CLAIM_GRACE: '2s', HOOKLANE_WEBHOOKS_PER_HOST: '100' },
    });
    // Hangs until the worker is dead, then accepts.
    let hang = true;
    await using receiver = await startReceiver(() => ({ hang }));
    const pool = new Pool({ connectionString: database.url, max: 1 });
    // Nobody knows them: each may have two in flight.
    for (let n = 0; n < 100; n++) {
      const { id } = await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK, timeout_ms: 5_000 });
      await seedDue(pool, { webhookId: id, count: 2 });
    }
    await receiver.waitFor(200);

    await fleet.worker.kill('SIGKILL');
    const claims = await pool.query<{ until: string }>(
      'SELECT extract(epoch FROM max(claimed_until)) * 1000 AS until FROM delivery_due',
    );
    hang = false;
    await fleet.worker.start();
    const startedMs = Date.now();

    await receiver.waitFor(400, 30_000);
    const lateMs = Date.now() - Math.max(Number(claims.rows[0]?.until), startedMs);
    tell(`kill -9 with 200 in flight: all made again ${lateMs} ms after the claim`);
    expect(lateMs).toBeLessThan(5_000);
    const none = async () => (await pool.query('SELECT FROM delivery_due LIMIT 1')).rowCount === 0;
    await until(none, { what: 'nothing to be due' });
    expect(receiver.requests).toHaveLength(400);
    await pool.end();
  });
});

onBothQueues(`${BACKLOG} are due at once, one slow worker`, (redisUrl) => {
  it('it goes on all the time, and Redis holds no more than it may', async () => {
    await using database = await createTestDatabase();
    await using redis = redisUrl() === undefined ? null : await startOwnRedis();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redis?.url,
      composition: 'test',
      without: ['reaper'],
      env: {
        HOOKLANE_QUEUE_PREFIX: 'backlog',
        HOOKLANE_QUEUE_HIGH_WATER: '500',
        HOOKLANE_LANE: '20',
        HOOKLANE_WORKER_SLOTS: '40',
      },
    });
    await using receiver = await startReceiver();
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const webhooks = await Promise.all(
      Array.from({ length: 10 }, () => fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK, timeout_ms: 5_000 })),
    );
    for (const { id } of webhooks) await seedDue(pool, { webhookId: id, count: BACKLOG / webhooks.length });

    const startedMs = performance.now();
    let deepest = 0;
    let seen = 0;
    let lastProgressMs = Date.now();
    let longestPauseMs = 0;
    const left = async () => {
      if (redis !== null) deepest = Math.max(deepest, await jobsIn(redis.client, 'backlog'));
      if (receiver.requests.length > seen) {
        longestPauseMs = Math.max(longestPauseMs, Date.now() - lastProgressMs);
        lastProgressMs = Date.now();
        seen = receiver.requests.length;
      }
      return ((await pool.query('SELECT FROM delivery_due LIMIT 1')).rowCount ?? 0) > 0;
    };
    await until(async () => !(await left()), { what: 'the backlog to be delivered', timeoutMs: BACKLOG * 5 });

    tell(
      `${BACKLOG} due at once: done in ${Math.round(performance.now() - startedMs)} ms, longest pause ${longestPauseMs} ms, deepest ${deepest}`,
    );
    expect(longestPauseMs).toBeLessThan(5_000);
    // A backlog does not go there: what the relay found before it knew that it is one does.
    if (redis !== null) expect(deepest).toBeLessThan(500);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(BACKLOG);
    // Only where the receiver, which is in our own process, was too slow to answer.
    const failed = await pool.query("SELECT FROM attempts WHERE outcome <> 'accepted'");
    expect(receiver.requests.length - BACKLOG).toBeLessThanOrEqual(failed.rowCount ?? 0);
    await pool.end();
  }, 1_200_000);
});

it(`${REBUILD} that a queue had which lost its data are delivered from Postgres at more than 500 a second`, async () => {
  await using database = await createTestDatabase();
  const redis = await startRedis();
  await using fleet = await startFleet({
    databaseUrl: database.url,
    redisUrl: redis.url,
    composition: 'test',
    without: ['reaper'],
    env: { HOOKLANE_QUEUE_PREFIX: 'backlog', HOOKLANE_ENQUEUED_GRACE: '10m' },
  });
  await using receiver = await startReceiver();
  const pool = new Pool({ connectionString: database.url, max: 1 });
  const { id } = await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK, timeout_ms: 30_000 });
  await fleet.org.events.publish({ type: 'a.b', payload: 1 });
  await receiver.waitFor(1);
  await seedDue(pool, { webhookId: id, count: REBUILD, queued: true });
  const client = new Redis(redis.url);

  const lostAtMs = performance.now();
  await client.flushall();
  const isEmpty = async () => ((await pool.query('SELECT FROM delivery_due LIMIT 1')).rowCount ?? 0) === 0;
  await until(isEmpty, { what: 'all to be delivered', timeoutMs: 300_000 });
  const tookMs = performance.now() - lostAtMs;
  tell(`${REBUILD} that an emptied queue had were delivered in ${Math.round(tookMs)} ms`);

  client.disconnect();
  await pool.end();
  await redis.stop();
  expect(REBUILD / (tookMs / 1_000)).toBeGreaterThan(500);
}, 600_000);

async function startOwnRedis(): Promise<{ url: string; client: Redis } & AsyncDisposable> {
  const { url, stop } = await startRedis();
  const client = new Redis(url);
  return {
    url,
    client,
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await stop();
    },
  };
}

/** Jobs waiting and delayed. */
async function jobsIn(client: Redis, prefix: string): Promise<number> {
  const [waiting, delayed] = await Promise.all([
    client.llen(`{${prefix}-0}:deliver:wait`),
    client.zcard(`{${prefix}-0}:deliver:delayed`),
  ]);
  return waiting + delayed;
}
