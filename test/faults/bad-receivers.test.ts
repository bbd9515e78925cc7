// One receiver that never answers, and lines to receivers that lose what is sent.
import { setTimeout as sleep } from 'node:timers/promises';
import type { NewWebhook } from '@hooklane/client';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';
import { createTestDatabase } from '../support/database.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { seedDue } from '../support/seed-due.ts';
import { tell } from '../support/tell.ts';
import { until } from '../support/until.ts';
import { untilDisposed } from '../support/until-disposed.ts';

const SECOND = 1_000;

onBothQueues('1,000 events are due to a receiver that never answers', (redisUrl) => {
  it('the events of others arrive as fast as without it', async () => {
    await using database = await createTestDatabase();
    await using fleet = await openFleet(database.url, redisUrl());
    await using receiver = await startReceiver(({ path }) => ({ hang: path === '/tarpit' }));
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const tarpit = await addWebhook(fleet, `${receiver.url}/tarpit`, { events: ['never.sent'], timeout_ms: 30_000 });
    await addWebhook(fleet, `${receiver.url}/well`);
    const alone = await waysOf(fleet, receiver, 50);

    await seedDue(pool, { webhookId: tarpit, count: 1_000 });
    await receiver.waitFor(({ path }) => path === '/tarpit');
    const beside = await waysOf(fleet, receiver, 150);

    tell(`median way ${middle(alone)} ms alone, ${middle(beside)} ms beside a receiver that never answers`);
    expect(beside.at(-1)).toBeLessThan(5 * SECOND);
    expect(middle(beside)).toBeLessThan(Math.max(3 * middle(alone), 500));
    expect((await pool.query('SELECT FROM delivery_due')).rowCount).toBe(1_000);
    await pool.end();
  });
});

onBothQueues('the line to a receiver is late, breaks and swallows', (redisUrl) => {
  it('each event arrives byte for byte, and the books agree with what arrived', async () => {
    await using database = await createTestDatabase();
    await using fleet = await openFleet(database.url, redisUrl());
    await using receiver = await startReceiver();
    const line = await startTcpProxy(() => Number(new URL(receiver.url).port));
    const retry = { kind: 'linear', interval_ms: 300, cap_ms: 300, max_attempts: 50 } as const;
    await addWebhook(fleet, `http://127.0.0.1:${line.port}`, { failure_policy: { retry, suspend: null } });
    const sent = new Map<string, string>();
    using producing = untilDisposed();
    const published = (async () => {
      for (let n = 0; !producing.isOver; n++) {
        const { id } = await fleet.org.events.publish({ type: 'a.b', payload: { n } });
        sent.set(id, JSON.stringify({ n }));
        await sleep(10);
      }
    })();
    for (let round = 0; round < 3; round++) {
      const before = receiver.requests.length;
      line.change({ kind: 'latency', ms: 400 });
      await receiver.waitFor(before + 10, 20_000);
      // What comes back is cut off after a few bytes: the receiver has the event, and nobody hears of it.
      line.change({ kind: 'cut', bytes: () => 5 });
      await until(() => line.hits > 10, { what: 'answers to be cut', timeoutMs: 20_000 });
      line.change({ kind: 'black-hole' });
      await until(() => line.hits > 10, { what: 'requests to be swallowed', timeoutMs: 20_000 });
    }
    line.change({ kind: 'fair' });
    producing.end();
    await published;

    const pool = new Pool({ connectionString: database.url, max: 1 });
    const isDone = async () => (await pool.query('SELECT FROM delivery_due LIMIT 1')).rowCount === 0;
    await until(isDone, { what: 'all to be delivered', timeoutMs: 60_000 });
    const { rows } = await pool.query<{ state: string; count: number }>(
      'SELECT state, count(*)::int AS count FROM deliveries GROUP BY 1',
    );
    const logged = (await pool.query('SELECT FROM attempts')).rowCount ?? 0;
    await pool.end();
    await line.close();
    expect(rows).toEqual([{ state: 'delivered', count: sent.size }]);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(sent.keys()));
    for (const { headers, body } of receiver.requests)
      expect(String(body)).toBe(sent.get(String(headers['webhook-id'])));
    expect(logged).toBeGreaterThanOrEqual(receiver.requests.length);
  });
});

function openFleet(databaseUrl: string, redisUrl: string | undefined): Promise<Fleet> {
  return startFleet({ databaseUrl, redisUrl, composition: 'test', without: ['reaper'] });
}

async function addWebhook(fleet: Fleet, url: string, changes: Partial<NewWebhook> = {}): Promise<string> {
  const settings = { url, events: ['a.*'], ping: false, timeout_ms: SECOND, ...changes };
  return (await fleet.org.webhooks.create(settings)).id;
}

/** Publishes one after the other; how long each took from its 202 to its arrival, ms, sorted. */
async function waysOf(
  { org }: Fleet,
  receiver: Awaited<ReturnType<typeof startReceiver>>,
  count: number,
): Promise<number[]> {
  const ways: number[] = [];
  for (let n = 0; n < count; n++) {
    const { id } = await org.events.publish({ type: 'a.b', payload: n });
    const acknowledgedAt = Date.now();
    const [request] = await receiver.waitFor(({ headers }) => headers['webhook-id'] === id);
    ways.push(Math.max(0, (request?.receivedAt ?? Number.POSITIVE_INFINITY) - acknowledgedAt));
  }
  return ways.sort((a, b) => a - b);
}

function middle(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
