import type { Operation } from '@hooklane/client';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { seedDue } from '../support/seed-due.ts';
import { until } from '../support/until.ts';

const EVENTS = 1_500;

onBothQueues('kill -9 of workers, again and again', (redisUrl) => {
  it('leaves a replay exact: each event made due once, one delivery each, none forgotten', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({ databaseUrl: database.url, redisUrl: redisUrl(), without: ['worker'] });
    await using receiver = await startReceiver();
    await using pool = openPool(database.url);
    const settings = { url: receiver.url, ping: false, timeout_ms: 1_000 };
    const { id: source } = await fleet.org.webhooks.create({ ...settings, events: ['never.published'] });
    const { id: webhook } = await fleet.org.webhooks.create({ ...settings, events: ['*'] });
    // A third of them was never for this webhook, the others were delivered to it long ago.
    const seeded = await seedDue(pool.pool, { webhookId: source, count: EVENTS / 3 });
    seeded.push(...(await seedDue(pool.pool, { webhookId: webhook, count: (EVENTS / 3) * 2 })));
    await pool.pool.query(
      `WITH gone AS (DELETE FROM delivery_due)
       UPDATE deliveries SET state = 'delivered', attempts = 1, finished_at = now()`,
    );
    const workers = [fleet.worker, fleet.another('worker')];
    await Promise.all(workers.map((worker) => worker.start()));

    const { id } = await fleet.org.webhooks.replay(webhook, { since: '2020-01-01T00:00:00Z', per_second: 400 });
    for (let kills = 0; kills < 4; kills++) {
      const worker = workers[kills % 2];
      await until(async () => (await progress(fleet, id)).examined >= (kills + 1) * 200, { what: 'some progress' });
      await worker?.kill('SIGKILL');
      await worker?.start();
    }

    await until(async () => (await progress(fleet, id)).state === 'done', { what: 'the end', timeoutMs: 60_000 });
    expect(await progress(fleet, id)).toMatchObject({ total: EVENTS, examined: EVENTS, moved: EVENTS });
    const undone = async () => (await pool.pool.query('SELECT FROM delivery_due LIMIT 1')).rowCount === 0;
    await until(undone, { what: 'all to be delivered', timeoutMs: 60_000 });
    const received = receiver.requests.map(({ headers }) => String(headers['webhook-id']));
    expect(new Set(received)).toEqual(new Set(seeded));
    // One round each: a second one would have been numbered on. Attempts that a killed worker made are made again.
    const { rows } = await pool.pool.query(
      `SELECT count(*)::int AS deliveries, count(DISTINCT event_id)::int AS events, max(attempts)::int AS attempts
       FROM deliveries WHERE webhook_id <> (SELECT id FROM webhooks WHERE events = '{never.published}')`,
    );
    expect(rows).toEqual([{ deliveries: EVENTS, events: EVENTS, attempts: 2 }]);
  });
});

function progress(fleet: Fleet, id: string): Promise<Operation> {
  return fleet.org.operations.get(id);
}

function openPool(connectionString: string): AsyncDisposable & { pool: Pool } {
  const pool = new Pool({ connectionString, max: 2 });
  return { pool, [Symbol.asyncDispose]: () => pool.end() };
}
