import { expect, it } from 'vitest';
import type { House } from '../support/house.ts';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

/** Nobody waits for these retries. */
const RETRIES_LATER = {
  timeout_ms: 20_000,
  failure_policy: {
    retry: { kind: 'linear', interval_ms: 3_600_000, cap_ms: 3_600_000, max_attempts: 3 },
    suspend: null,
  },
} as const;

onBothQueues('what is pending for a webhook', (open) => {
  it('is made at once when its receiver works again', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 503 }));
    const { id } = await house.webhook(receiver, RETRIES_LATER);
    await publishMany(house, 30);
    await until(async () => (await scheduled(house)) === 30, { what: 'all to wait for their retries' });
    receiver.answer(() => ({ status: 200 }));

    const operation = await house.org.webhooks.retryNow(id);

    expect(operation).toMatchObject({ kind: 'retry_now', total: 30 });
    await until(async () => (await states(house, id)).get('delivered') === 30, { what: 'all to be delivered' });
    expect(await house.org.operations.get(operation.id)).toMatchObject({ state: 'done', moved: 30 });
    const { data } = await house.org.webhooks.attempts(id, { status: 'success' });
    expect(new Set(data.map(({ number, origin }) => `${number} ${origin}`))).toEqual(new Set(['2 event']));
  });

  it('waits again as its policy says where that failed too', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 503 }));
    const { id } = await house.webhook(receiver, RETRIES_LATER);
    await publishMany(house, 5);
    await until(async () => (await scheduled(house)) === 5, { what: 'all to wait for their retries' });

    const { id: operation } = await house.org.webhooks.retryNow(id);

    await receiver.waitFor(10);
    await until(async () => (await scheduled(house)) === 5, { what: 'all to wait again' });
    expect(await house.org.operations.get(operation)).toMatchObject({ state: 'done', moved: 5 });
    expect(receiver.requests).toHaveLength(10);
  });

  it('is given up on request; what a worker is at is still recorded', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 503 }));
    const { id } = await house.webhook(receiver, RETRIES_LATER);
    await publishMany(house, 4);
    await until(async () => (await scheduled(house)) === 4, { what: 'all to wait for their retries' });
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    receiver.answer(async () => {
      await held;
      return { status: 200 };
    });
    await publishMany(house, 1);
    await receiver.waitFor(5);

    const operation = await house.org.webhooks.cancelPending(id);
    await until(async () => (await states(house, id)).get('discarded') === 4, { what: 'four to be discarded' });
    expect(await house.org.operations.get(operation.id)).toMatchObject({ state: 'running', total: 5 });
    answer();

    await until(async () => (await house.org.operations.get(operation.id)).state === 'done', { what: 'the end' });
    expect(Object.fromEntries(await states(house, id))).toEqual({ discarded: 4, delivered: 1 });
    const { data } = await house.org.deliveries.list({ state: 'discarded' });
    expect(new Set(data.map(({ reason }) => reason))).toEqual(new Set(['cancelled']));
    await publishMany(house, 1);
    await until(async () => (await states(house, id)).get('delivered') === 2, { what: 'new events to be delivered' });
  });
});

async function publishMany(house: House, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => house.org.events.publish({ type: 'a.b', payload: { n } })));
}

async function scheduled(house: House): Promise<number> {
  return (await house.operator.admin.queues()).pending.scheduled;
}

async function states(house: House, id: string): Promise<Map<string, number>> {
  const { data } = await house.org.webhooks.deliveries(id, { limit: 100 });
  const counts = new Map<string, number>();
  for (const { state } of data) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}
