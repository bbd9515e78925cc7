import { setTimeout as sleep } from 'node:timers/promises';
import { HooklaneError } from '@hooklane/client';
import { until } from '../../support/until.ts';
import { clockMs } from '../clock.ts';
import type { Flow } from '../flow.ts';
import { openFlow, topRate, warmUp } from '../flow.ts';
import { latencyAt } from '../latency.ts';
import type { BenchContext, Scenario } from '../scenario.ts';
import { seedPending } from '../seed.ts';
import { sizeOf } from '../sizes.ts';

/**
 * A receiver is down and deliveries wait, half of them due now, half in an hour. What that costs Redis and those who publish;
 * then the receiver is back, everything is told to go now, and how fast it drains.
 */
export const backlog: Scenario = {
  what: '200,000 pending (--full: a million), half due now, half later; then all of it drained',
  seconds: 30,
  async run(context) {
    const { seconds, tell } = context;
    const flow = await openFlow(context);
    await warmUp(flow, seconds);
    const rate = await topRate(flow, { seconds: seconds / 3, rounds: context.rounds });
    const empty = await latencyAt(flow, PER_S, seconds / 3);
    tell(`empty: ${rate.toFixed(0)}/s, publish p99 ${empty.accept.p99.toFixed(1)} ms`);

    await flow.stage.sink.call('behave', 'bench', 'error');
    const count = sizeOf(context, backlog, { usual: 200_000, full: 1_000_000 });
    tell(`seeding ${count} pending deliveries; the receiver answers 500`);
    const bytesBefore = await databaseBytes(flow);
    await seedPending(flow, { count: count / 2, dueInMs: 0 });
    await seedPending(flow, { count: count / 2, dueInMs: LATER_MS });
    const bytesEach = ((await databaseBytes(flow)) - bytesBefore) / count;
    await sleep(SETTLE_S * 1000);
    const { result: latencies, redisBytes } = await whileRedisIsWatched(flow, () =>
      latencyAt(flow, PER_S, seconds / 3),
    );
    const pending = await pendingOf(flow);
    tell(
      `${pending} pending: Redis ${(redisBytes / 2 ** 20).toFixed(1)} MB, publish p99 ${latencies.accept.p99.toFixed(1)} ms`,
    );

    const drained = await drain(context, flow, pending);
    return {
      ...context.told,
      pending,
      published_per_s: rate,
      redis_bytes: Math.max(redisBytes, drained.redisBytes),
      postgres_bytes_each: bytesEach,
      accept_p95_ms: latencies.accept.p95,
      publish_p99_ms: latencies.accept.p99,
      publish_p99_ratio: latencies.accept.p99 / empty.accept.p99,
      delivered_per_s: drained.perS,
      drain_ratio: drained.perS / rate,
    };
  },
};

/** Live events at this rate meanwhile. */
const PER_S = 200;
const LATER_MS = 3_600_000;
/** Until the queue is as full as it gets. */
const SETTLE_S = 3;
const DRAIN_TIMEOUT_MS = 1_200_000;

async function whileRedisIsWatched<T>(
  { stage }: Flow,
  during: () => Promise<T>,
): Promise<{ result: T; redisBytes: number }> {
  let redisBytes = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const memory = (await stage.redis?.ask((redis) => redis.info('memory'))) ?? '';
      redisBytes = Math.max(redisBytes, Number(/used_memory:(\d+)/.exec(memory)?.[1] ?? 0));
      await sleep(250);
    }
  })();
  try {
    const result = await during();
    return { result, redisBytes };
  } finally {
    isOver = true;
    await watching;
  }
}

/** An event of 512 bytes, its delivery and its due row, with their indexes. */
async function databaseBytes({ stage }: Flow): Promise<number> {
  const { rows } = await stage.pool.query<{ bytes: number }>(
    'SELECT pg_database_size(current_database())::float8 AS bytes',
  );
  return rows[0]?.bytes ?? 0;
}

async function pendingOf({ stage }: Flow): Promise<number> {
  const { rows } = await stage.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM delivery_due');
  return rows[0]?.count ?? 0;
}

/** From the moment the receiver is back until nothing is pending. */
async function drain(
  { tell }: BenchContext,
  flow: Flow,
  pending: number,
): Promise<{ perS: number; redisBytes: number }> {
  const { stage, org, webhookIds } = flow;
  await stage.sink.call('behave', 'bench', 'ok');
  const begunMs = clockMs();
  const { result: endedMs, redisBytes } = await whileRedisIsWatched(flow, async () => {
    for (const id of webhookIds) await whenAllowed(() => org.client.webhooks.retryNow(id));
    await until(
      async () => {
        await sleep(DRAIN_POLL_MS);
        return (await pendingOf(flow)) === 0;
      },
      { what: 'the backlog to drain', timeoutMs: DRAIN_TIMEOUT_MS },
    );
    return stage.sink.call('lastAtMs', 'bench');
  });
  const seconds = (endedMs - begunMs) / 1000;
  tell(`drained in ${seconds.toFixed(1)} s`);
  return { perS: pending / seconds, redisBytes };
}

const DRAIN_POLL_MS = 250;

/** An org may have so many operations running and no more: whoever has more to start comes again. */
async function whenAllowed(start: () => Promise<unknown>): Promise<void> {
  await until(() => start().then(() => true, isTooManyYet), {
    what: 'an operation to end',
    timeoutMs: DRAIN_TIMEOUT_MS,
  });
}

function isTooManyYet(error: unknown): false {
  if (error instanceof HooklaneError && error.code === 'too_many_operations') return false;
  throw error;
}
