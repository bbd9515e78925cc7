import { cp, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreatedWebhook, NewWebhook } from '@hooklane/client';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startRedis } from '../support/redis-server.ts';
import { seedDue } from '../support/seed-due.ts';
import { tell } from '../support/tell.ts';
import { until } from '../support/until.ts';

/** The design asks for half a minute: `HANG_SECONDS=30` in the environment. */
const HANG_MS = Number(process.env['HANG_SECONDS'] ?? 0) * 1_000;

it('Redis is lost with 5,000 due and 2,000 scheduled: first relays within 3 s, all is delivered, none before it is due', async () => {
  await using stage = await openStage();
  const { fleet, pool, receiver } = stage;
  const { id } = await webhook(stage);
  await canary(stage, 1);
  const scheduled = new Set(await seedDue(pool, { webhookId: id, count: 2_000, dueInMs: 12_000, queued: true }));
  const dueAtMs = Number(
    (await pool.query('SELECT extract(epoch FROM max(due_at)) * 1000 AS at FROM delivery_due')).rows[0].at,
  );
  await seedDue(pool, { webhookId: id, count: 5_000, queued: true });

  const lostAtMs = Date.now();
  await stage.loseEverything();

  await receiver.waitFor(2);
  const firstMs = (receiver.requests[1]?.receivedAt ?? 0) - lostAtMs;
  expect(firstMs).toBeLessThan(3_000);
  await nothingDue(pool, 60_000);
  tell(
    `Redis lost with 5,000 due and 2,000 scheduled: first attempt after ${firstMs} ms, all within ${Date.now() - lostAtMs} ms`,
  );
  const delivered = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
  expect(delivered.size).toBe(7_001);
  const early = receiver.requests.filter(
    ({ headers, receivedAt }) => scheduled.has(String(headers['webhook-id'])) && receivedAt < dueAtMs - 300,
  );
  expect(early).toEqual([]);
  expect(fleet.worker.isRunning()).toBe(true);
});

it('FLUSHALL in the middle of attempts repeats none of them and loses nothing', async () => {
  await using stage = await openStage();
  const { fleet, pool, receiver, redis } = stage;
  receiver.answer(() => ({ delayMs: 200 }));
  await webhook(stage);
  const worker = fleet.worker.pid;
  await publish(fleet, 150);
  await receiver.waitFor(20);

  await command(redis, (client) => client.flushall());

  await nothingDue(pool);
  expect(receiver.requests).toHaveLength(150);
  expect(fleet.worker.pid).toBe(worker);
});

it('the last 5 kB of the append-only file are cut off: what was half enqueued is delivered', async () => {
  await using stage = await openStage();
  const { fleet, pool, receiver } = stage;
  await webhook(stage);
  await canary(stage, 1);
  fleet.worker.signal('SIGSTOP');
  await publish(fleet, 50);

  await stage.restart(cutTail);
  fleet.worker.signal('SIGCONT');

  await nothingDue(pool);
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(51);
});

it('an old backup of Redis is put back: its jobs do nothing any more, also where a delivery has come further since', async () => {
  await using stage = await openStage();
  const { fleet, pool, receiver, redis } = stage;
  const notSoon = { failure_policy: { retry: { kind: 'list', delays_ms: [600_000] } } } as const;
  receiver.answer(({ path }) => ({ status: path.endsWith('/failing') ? 500 : 200 }));
  await webhook(stage);
  await webhook(stage, { url: `${receiver.url}/failing`, ...notSoon });
  await canary(stage, 1);
  const jobs = async () => command(redis, (client) => client.keys('*:????????-????-????-????-????????????-1'));
  await until(async () => (await jobs()).length === 0, { what: 'the jobs of the first event to be gone' });
  fleet.worker.signal('SIGSTOP');
  await publish(fleet, 20);
  await until(async () => (await jobs()).length === 40, { what: 'the jobs to be there' });
  await stage.restart((dir) => cp(join(dir, 'appendonlydir'), join(dir, 'backup'), { recursive: true }));
  fleet.worker.signal('SIGCONT');
  const dueNow = async () => (await pool.query('SELECT FROM delivery_due WHERE attempt = 1')).rowCount;
  await until(async () => (await dueNow()) === 0, { what: 'all to be attempted', timeoutMs: 30_000 });
  const before = receiver.requests.length;

  await stage.restart(async (dir) => {
    await rm(join(dir, 'appendonlydir'), { recursive: true });
    await cp(join(dir, 'backup'), join(dir, 'appendonlydir'), { recursive: true });
  });
  await until(async () => (await jobs()).length === 0, { what: 'the old jobs to be gone', timeoutMs: 20_000 });
  await canary(stage, 2);

  expect(receiver.requests.length - before).toBeLessThanOrEqual(2);
});

it('Redis is out of memory: publishing answers, and delivery goes on', async () => {
  await using stage = await openStage();
  const { fleet, pool, receiver, redis } = stage;
  await webhook(stage);
  await canary(stage, 1);

  await command(redis, (client) => client.config('SET', 'maxmemory', '1'));
  await publish(fleet, 100);

  await nothingDue(pool);
  expect(receiver.requests).toHaveLength(101);
});

it(
  'Redis hangs: 99 of 100 publishes are answered within half a second, and delivery goes on',
  async () => {
    await using stage = await openStage();
    const { fleet, pool, redis, receiver } = stage;
    await webhook(stage);
    await canary(stage, 1);
    process.kill(redis.pid, 'SIGSTOP');
    const hungAtMs = performance.now();

    const tookMs: number[] = [];
    const producing = Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 75 || performance.now() - hungAtMs < HANG_MS; n++) {
        const startedMs = performance.now();
        await fleet.org.events.publish({ type: 'a.b', payload: n });
        tookMs.push(performance.now() - startedMs);
      }
    });
    const taken = receiver.waitFor(2).then(() => performance.now() - hungAtMs);
    await Promise.all(producing);
    await nothingDue(pool);
    process.kill(redis.pid, 'SIGCONT');

    const p99 = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.99)] ?? 0;
    tell(
      `Redis hung: ${tookMs.length} published, p99 ${Math.round(p99)} ms; taken from Postgres after ${Math.round(await taken)} ms`,
    );
    expect(p99).toBeLessThan(500);
    // Noticed within 850 ms; a statement that Redis held up is given up after a second.
    expect(await taken).toBeLessThan(2_000);
    // By itself it returns to the queue.
    const before = await lastJobEvent(redis);
    const isUsed = async () => {
      await publish(fleet, 1);
      return (await lastJobEvent(redis)) !== before;
    };
    await until(isUsed, { what: 'the queue to be used again' });
  },
  HANG_MS + 120_000,
);

interface Stage extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly pool: Pool;
  readonly receiver: Receiver;
  readonly redis: RedisServer;
  /** Killed, its folder emptied, started again on the same port. */
  loseEverything(): Promise<void>;
  /** Killed, its folder changed, started again. */
  restart(change: (dir: string) => Promise<void>): Promise<void>;
}

async function openStage(): Promise<Stage> {
  const database = await createTestDatabase();
  const redis = await startRedis();
  const receiver = await startReceiver();
  const fleet = await startFleet({
    databaseUrl: database.url,
    redisUrl: redis.url,
    composition: 'test',
    without: ['reaper'],
    env: { HOOKLANE_LANE: '200' },
  });
  const pool = new Pool({ connectionString: database.url, max: 2 });
  let current = redis;
  async function restart(change: (dir: string) => Promise<void>): Promise<void> {
    await current.kill();
    await change(redis.dir);
    current = await startRedis({ dir: redis.dir, port: redis.port });
  }
  return {
    fleet,
    pool,
    receiver,
    redis,
    restart,
    loseEverything: () => restart((dir) => rm(join(dir, 'appendonlydir'), { recursive: true })),
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      await pool.end();
      await receiver[Symbol.asyncDispose]();
      await current.stop();
      await redis.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

function webhook({ fleet, receiver }: Stage, changes: Partial<NewWebhook> = {}): Promise<CreatedWebhook> {
  return fleet.org.webhooks.create({ url: receiver.url, events: ['*'], ping: false, timeout_ms: 1_000, ...changes });
}

/** One event by the whole way, so that everything is connected. */
async function canary({ fleet, receiver }: Stage, events: number): Promise<void> {
  const { id } = await fleet.org.events.publish({ type: 'a.b', payload: events });
  await receiver.waitFor(({ headers }) => headers['webhook-id'] === id);
}

async function publish(fleet: Fleet, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => fleet.org.events.publish({ type: 'a.b', payload: n })));
}

async function nothingDue(pool: Pool, timeoutMs = 30_000): Promise<void> {
  const none = async () => (await pool.query('SELECT FROM delivery_due LIMIT 1')).rowCount === 0;
  await until(none, { what: 'nothing to be due', timeoutMs });
}

async function command<T>({ url }: RedisServer, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** Changes with each job that is put into the queue. */
async function lastJobEvent(redis: RedisServer): Promise<string> {
  return command(redis, async (client) => {
    const [key = ''] = await client.keys('*:deliver:events');
    const [last] = await client.xrevrange(key, '+', '-', 'COUNT', 1);
    return last?.[0] ?? '';
  });
}

async function cutTail(dir: string): Promise<void> {
  const folder = join(dir, 'appendonlydir');
  const file = (await readdir(folder)).find((name) => name.endsWith('.incr.aof'));
  const handle = await open(join(folder, file ?? ''), 'r+');
  const { size } = await handle.stat();
  await handle.truncate(Math.max(0, size - 5_000));
  await handle.close();
}
