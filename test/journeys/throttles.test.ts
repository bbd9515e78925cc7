import { setTimeout } from 'node:timers/promises';
import { createLogger } from '@hooklane/runtime';
import { composeWorker, readWorkerConfig } from '@hooklane/worker';
import { expect, it } from 'vitest';
import type { House } from '../support/house.ts';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

/** How often a worker looks how many there are. */
const LOOK_MS = 2_000;

onBothQueues('a webhook with limits of its own, two workers', (open) => {
  it('gets as many attempts at the same time as it allows, and all of its events', async () => {
    await using house = await open();
    await using _second = await anotherWorker(house);
    let underWay = 0;
    let most = 0;
    await using receiver = await startReceiver(async () => {
      most = Math.max(most, ++underWay);
      await setTimeout(50);
      underWay--;
      return {};
    });
    const { id } = await house.webhook(receiver, { max_in_flight: 2 });
    await twoWorkers(house);

    await publish(house, 20);

    await receiver.waitFor(20, 20_000);
    await attemptsAre(house, { id, count: 20, waitedFor: 'max_in_flight' });
    expect(most).toBeLessThanOrEqual(2);
  });

  it('gets no more in a second than it allows, and waiting costs no attempt', async () => {
    await using house = await open();
    await using _second = await anotherWorker(house);
    await using receiver = await startReceiver();
    const { id } = await house.webhook(receiver, { rate_limit: 10 });
    await twoWorkers(house);

    await publish(house, 20);

    const requests = await receiver.waitFor(20, 30_000);
    const lastedMs = (requests.at(-1)?.receivedAt ?? 0) - (requests[0]?.receivedAt ?? 0);
    // Of each worker one at once.
    expect(lastedMs).toBeGreaterThan(1_500);
    await attemptsAre(house, { id, count: 20, waitedFor: 'rate_limit' });
  });
});

async function publish(house: House, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await house.org.events.publish({ type: 'a.b', payload: n });
}

/** Most of them had to wait, for this limit and no other. */
async function attemptsAre(
  house: House,
  { id, count, waitedFor }: { id: string; count: number; waitedFor: 'rate_limit' | 'max_in_flight' },
): Promise<void> {
  const attempts = async () => (await house.org.webhooks.attempts(id, { limit: 100 })).data;
  await until(async () => (await attempts()).length === count, { what: `${count} attempts to be recorded` });
  expect((await attempts()).filter(({ number }) => number !== 1)).toEqual([]);
  const marks = (await attempts()).map(({ throttled_by: by }) => by);
  expect(marks.filter((by) => by !== null && by !== waitedFor)).toEqual([]);
  expect(marks.filter((by) => by === waitedFor).length).toBeGreaterThan(count / 2);
}

async function anotherWorker(house: House): Promise<AsyncDisposable> {
  const { services } = composeWorker(readWorkerConfig(house.env), createLogger({ name: 'second', level: 'silent' }));
  for (const service of services) await service.start();
  return {
    async [Symbol.asyncDispose]() {
      for (const service of services.toReversed()) await service.stop();
    },
  };
}

/** Both know that they are two. */
async function twoWorkers(house: House): Promise<void> {
  const isListening = async () => {
    const { rowCount } = await house.pool.query(
      "SELECT FROM pg_stat_activity WHERE application_name = 'hooklane-wake' AND datname = current_database()",
    );
    return rowCount === 2;
  };
  await until(isListening, { what: 'two workers to listen' });
  const lookedMs = performance.now() + 2 * LOOK_MS;
  await until(() => performance.now() > lookedMs, { what: 'both to have looked' });
}
