import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const WEBHOOK = { events: ['*'], ping: false, timeout_ms: 1_000 };

onBothQueues('kill -9', (redisUrl) => {
  it('of the only worker loses nothing, and repeats at most what was in flight', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redisUrl(),
    });
    await using receiver = await startReceiver(() => ({ delayMs: 100 }));
    await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK });
    const events = await publish(fleet, 200);
    await receiver.waitFor(60);

    await fleet.worker.kill('SIGKILL');
    const inFlight = receiver.requests.length - (await recorded(database.url));
    await fleet.worker.start();

    await allArrived(receiver, events);
    await nothingDue(database.url);
    const repeated = receiver.requests.length - new Set(idsOf(receiver)).size;
    expect(repeated).toBeLessThanOrEqual(inFlight + 50);
    expect(await recorded(database.url)).toBe(200);
  });

  it('of the API in the middle of publishing makes no event twice and loses none that was acknowledged', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redisUrl(),
    });
    await using receiver = await startReceiver();
    await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK });
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

    await allArrived(receiver, acknowledged);
    await nothingDue(database.url);
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const { rows } = await pool.query(
      'SELECT count(*)::int AS events, count(DISTINCT external_id)::int AS ids FROM events',
    );
    await pool.end();
    expect(rows).toEqual([{ events: 320, ids: 320 }]);
    expect(new Set(acknowledged).size).toBe(320);
  });
});

onBothQueues('SIGTERM', (redisUrl) => {
  it('lets attempts under way end and be recorded, hands back the rest, and exits 0', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redisUrl(),
      env: { HOOKLANE_WORKER_SLOTS: '20' },
    });
    await using receiver = await startReceiver(() => ({ delayMs: 300 }));
    await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK });
    const events = await publish(fleet, 100);
    await receiver.waitFor(20);

    expect(await fleet.worker.kill('SIGTERM')).toBe(0);
    expect(await recorded(database.url)).toBe(receiver.requests.length);
    await fleet.worker.start();

    await allArrived(receiver, events);
    expect(receiver.requests).toHaveLength(100);
    expect(await fleet.api.kill('SIGTERM')).toBe(0);
    expect(await fleet.reaper.kill('SIGTERM')).toBe(0);
  });
});

async function publish(fleet: Fleet, count: number): Promise<string[]> {
  const events = Array.from({ length: count }, (_, n) => fleet.org.events.publish({ type: 'a.b', payload: { n } }));
  return (await Promise.all(events)).map((event) => event.id);
}

function idsOf(receiver: Receiver): string[] {
  return receiver.requests.map(({ headers }) => String(headers['webhook-id']));
}

async function allArrived(receiver: Receiver, events: readonly string[]): Promise<void> {
  const missing = () => {
    const arrived = new Set(idsOf(receiver));
    return events.filter((id) => !arrived.has(id));
  };
  await until(() => missing().length === 0, { what: 'every acknowledged event to arrive', timeoutMs: 30_000 });
}

async function nothingDue(databaseUrl: string): Promise<void> {
  await until(async () => (await count(databaseUrl, 'SELECT count(*)::int AS count FROM delivery_due')) === 0, {
    what: 'no delivery to be due',
    timeoutMs: 30_000,
  });
}

function recorded(databaseUrl: string): Promise<number> {
  return count(databaseUrl, `SELECT count(*)::int AS count FROM deliveries WHERE state = 'delivered'`);
}

async function count(databaseUrl: string, sql: string): Promise<number> {
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  const { rows } = await pool.query<{ count: number }>(sql);
  await pool.end();
  return rows[0]?.count ?? 0;
}
