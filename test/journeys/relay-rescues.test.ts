import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { onBothQueues, openHouse } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

it('what the queue lost is delivered all the same: Redis emptied with deliveries waiting and retries scheduled', async () => {
  await using house = await openHouse({ redis: true, env: { HOOKLANE_ENQUEUED_GRACE: '1h' } });
  await using receiver = await startReceiver((_, index) => ({ status: index < 20 ? 500 : 200 }));
  await house.webhook(receiver, {
    failure_policy: { retry: { kind: 'linear', interval_ms: 1_500, cap_ms: 1_500, max_attempts: 5 } },
  });
  const first = await publish(house, 20);
  await receiver.waitFor(20);
  await house.worker.stop();
  const second = await publish(house, 30);

  await emptyRedis(house.redis);
  await house.worker.start();

  // The relay trusts the queue for an hour here: only the missing epoch can have told it.
  await receiver.waitFor(20 + 20 + 30, 15_000);
  const delivered = new Set(receiver.requests.slice(20).map(({ headers }) => headers['webhook-id']));
  expect([...first, ...second].filter((id) => !delivered.has(id))).toEqual([]);
});

onBothQueues('a delivery whose worker vanished', (open) => {
  it('is made again by another when the claim has lapsed', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const webhook = await house.webhook(receiver);
    await house.worker.stop();
    const event = await house.org.events.publish({ type: 'a.b', payload: 1 });
    // What a worker leaves behind that was killed right after its claim.
    await house.pool.query(
      `UPDATE delivery_due SET claim_no = claim_no + 1, claimed_until = now() + interval '1500 ms'`,
    );

    await house.worker.start();

    const [request] = await receiver.waitFor(1);
    expect(request?.headers['webhook-id']).toBe(event.id);
    const attempts = () => house.org.webhooks.attempts(webhook.id).then(({ data }) => data);
    await until(async () => (await attempts()).length === 1, { what: 'the attempt to be recorded' });
  });
});

async function publish(house: Awaited<ReturnType<typeof openHouse>>, count: number): Promise<string[]> {
  const events = await Promise.all(
    Array.from({ length: count }, (_, n) => house.org.events.publish({ type: 'a.b', payload: n })),
  );
  return events.map((event) => event.id);
}

/** As if Redis had lost its data; the other tests' keys stay. */
async function emptyRedis(redis: { url: string; prefix: string } | null): Promise<void> {
  const client = new Redis(redis?.url ?? '');
  const keys = await client.keys(`{${redis?.prefix}*`);
  expect(keys.length).toBeGreaterThan(0);
  await client.del(...keys);
  client.disconnect();
}
