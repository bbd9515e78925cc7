import { expect, it } from 'vitest';
import type { DeliveringFleet } from '../support/delivering-fleet.ts';
import { startDelivering } from '../support/delivering-fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { until } from '../support/until.ts';

onBothQueues('kill -9', (redisUrl) => {
  it('of the only worker loses nothing, and repeats at most what was in flight', async () => {
    await using fleet = await startDelivering({ redisUrl: redisUrl(), answer: () => ({ delayMs: 100 }) });
    const events = await publish(fleet, 200);
    await fleet.receiver.waitFor(60);

    await fleet.worker.kill('SIGKILL');
    const inFlight = fleet.receiver.requests.length - (await recorded(fleet));
    await fleet.worker.start();

    await fleet.allArrived(events);
    await fleet.nothingDue();
    const repeated = fleet.arrived().length - new Set(fleet.arrived()).size;
    expect(repeated).toBeLessThanOrEqual(inFlight + 50);
    expect(await recorded(fleet)).toBe(200);
  });

  it('of the API in the middle of publishing makes no event twice and loses none that was acknowledged', async () => {
    await using fleet = await startDelivering({ redisUrl: redisUrl() });
    const acknowledged: string[] = [];
    const producing = Array.from({ length: 8 }, async (_worker, lane) => {
      for (let n = 0; n < 40; n++) {
        const event = { id: `e-${lane}-${n}`, type: 'a.b', payload: { lane, n } };
        acknowledged.push((await fleet.org.events.publish(event)).id);
      }
    });
    for (const threshold of [60, 180]) {
      await until(() => acknowledged.length >= threshold, { what: `${threshold} acknowledged`, timeoutMs: 20_000 });
      await fleet.api.kill('SIGKILL');
      await fleet.api.start();
    }
    await Promise.all(producing);

    await fleet.allArrived(acknowledged);
    await fleet.nothingDue();
    const counts = 'SELECT count(*)::int AS events, count(DISTINCT external_id)::int AS ids FROM events';
    expect(await fleet.rows(counts)).toEqual([{ events: 320, ids: 320 }]);
    expect(new Set(acknowledged).size).toBe(320);
  });
});

onBothQueues('SIGTERM', (redisUrl) => {
  it('lets attempts under way end and be recorded, hands back the rest, and exits 0', async () => {
    await using fleet = await startDelivering({
      redisUrl: redisUrl(),
      env: { HOOKLANE_WORKER_SLOTS: '20' },
      answer: () => ({ delayMs: 300 }),
    });
    const events = await publish(fleet, 100);
    await fleet.receiver.waitFor(20);

    expect(await fleet.worker.kill('SIGTERM')).toBe(0);
    expect(await recorded(fleet)).toBe(fleet.receiver.requests.length);
    await fleet.worker.start();

    await fleet.allArrived(events);
    expect(fleet.receiver.requests).toHaveLength(100);
    expect(await fleet.api.kill('SIGTERM')).toBe(0);
    expect(await fleet.reaper.kill('SIGTERM')).toBe(0);
  });
});

async function publish(fleet: DeliveringFleet, count: number): Promise<string[]> {
  const events = await Promise.all(Array.from({ length: count }, (_, n) => fleet.publish({ n })));
  return events.map(({ id }) => id);
}

async function recorded(fleet: DeliveringFleet): Promise<number> {
  const [row] = await fleet.rows<{ count: number }>(
    `SELECT count(*)::int AS count FROM deliveries WHERE state = 'delivered'`,
  );
  return row?.count ?? 0;
}
