import { migrate } from '@hooklane/postgres';
import { startPrivatePostgres } from '@hooklane/standalone';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';

const WEBHOOK = { events: ['*'], ping: false, timeout_ms: 1_000 };

describe('while Redis is away', () => {
  it.each([
    ['killed', 'SIGKILL'],
    ['hanging', 'SIGSTOP'],
  ] as const)('(%s) publishing answers and delivery goes on, and both return to the queue', async (_, signal) => {
    await using database = await createTestDatabase();
    const redis = await startRedis();
    await using fleet = await startFleet({ databaseUrl: database.url, redisUrl: redis.url });
    await using receiver = await startReceiver();
    await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK });
    await fleet.org.events.publish({ type: 'a.b', payload: 'before' });
    await receiver.waitFor(1);

    process.kill(redis.pid, signal);
    const slowest = await slowestOf(40, () => fleet.org.events.publish({ type: 'a.b', payload: 'meanwhile' }));
    await receiver.waitFor(41, 15_000);
    expect(slowest).toBeLessThan(2_000);

    if (signal === 'SIGSTOP') process.kill(redis.pid, 'SIGCONT');
    const back = signal === 'SIGSTOP' ? redis : await startRedis({ dir: redis.dir, port: redis.port });
    const seen = receiver.requests.length;
    await fleet.org.events.publish({ type: 'a.b', payload: 'after' });
    await receiver.waitFor(seen + 1);
    await back.stop();
    await redis.stop();
  });
});

onBothQueues('while Postgres is away', (redisUrl) => {
  it('nothing is acknowledged, and afterwards everything that was is delivered', async () => {
    const postgres = await startPrivatePostgres();
    await migrate(postgres.url);
    await using fleet = await startFleet({ databaseUrl: postgres.url, redisUrl: redisUrl() });
    await using receiver = await startReceiver();
    await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK });
    const before = await fleet.org.events.publish({ type: 'a.b', payload: 'before' });

    await postgres.kill();
    const refused = await fetch(`${fleet.url}/readyz`);
    expect(refused.status).toBe(503);
    const waiting = fleet.org.events.publish({ type: 'a.b', payload: 'meanwhile' });
    const again = await startPrivatePostgres({ dataDir: postgres.dataDir, port: postgres.port });

    const meanwhile = await waiting;
    const arrived = () => new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
    await until(() => arrived().has(before.id) && arrived().has(meanwhile.id), {
      what: 'both events',
      timeoutMs: 20_000,
    });
    await again.stop();
    await postgres.stop();
  });
});

async function slowestOf(times: number, work: () => Promise<unknown>): Promise<number> {
  let slowest = 0;
  for (let n = 0; n < times; n++) {
    const startedMs = performance.now();
    await work();
    slowest = Math.max(slowest, performance.now() - startedMs);
  }
  return slowest;
}
