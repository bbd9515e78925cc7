import { migrate } from '@hooklane/postgres';
import { startPrivatePostgres } from '@hooklane/standalone';
import { describe, expect, it } from 'vitest';
import { startDelivering } from '../support/delivering-fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startRedis } from '../support/redis-server.ts';

describe('while Redis is away', () => {
  it.each([
    ['killed', 'SIGKILL'],
    ['hanging', 'SIGSTOP'],
  ] as const)('(%s) publishing answers and delivery goes on, and both return to the queue', async (_, signal) => {
    const redis = await startRedis();
    await using fleet = await startDelivering({ redisUrl: redis.url });
    const { receiver } = fleet;
    await fleet.publish('before');
    await receiver.waitFor(1);

    process.kill(redis.pid, signal);
    const slowest = await slowestOf(40, () => fleet.publish('meanwhile'));
    await receiver.waitFor(41, 15_000);
    expect(slowest).toBeLessThan(2_000);

    if (signal === 'SIGSTOP') process.kill(redis.pid, 'SIGCONT');
    const back = signal === 'SIGSTOP' ? redis : await startRedis({ dir: redis.dir, port: redis.port });
    const seen = receiver.requests.length;
    await fleet.publish('after');
    await receiver.waitFor(seen + 1);
    await back.stop();
    await redis.stop();
  });
});

onBothQueues('while Postgres is away', (redisUrl) => {
  it('nothing is acknowledged, and afterwards everything that was is delivered', async () => {
    const postgres = await startPrivatePostgres();
    await migrate(postgres.url);
    await using fleet = await startDelivering({ databaseUrl: postgres.url, redisUrl: redisUrl() });
    const before = await fleet.publish('before');

    await postgres.kill();
    const refused = await fetch(`${fleet.url}/readyz`);
    expect(refused.status).toBe(503);
    const waiting = fleet.publish('meanwhile');
    const again = await startPrivatePostgres({ dataDir: postgres.dataDir, port: postgres.port });

    const meanwhile = await waiting;
    await fleet.allArrived([before.id, meanwhile.id]);
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
