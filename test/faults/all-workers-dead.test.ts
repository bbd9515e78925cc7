import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { tell } from '../support/tell.ts';
import { until } from '../support/until.ts';

/** The design asks for a minute: `DEAD_SECONDS=60` in the environment. */
const DEAD_MS = Number(process.env['DEAD_SECONDS'] ?? 3) * 1_000;
const IN_FLIGHT = 30;

onBothQueues('all workers are killed while events keep coming', (redisUrl) => {
  it(
    'what was accepted meanwhile is delivered soon after one is started, and no attempt is made twice within a claim',
    async () => {
      await using database = await createTestDatabase();
      await using fleet = await startFleet({
        databaseUrl: database.url,
        redisUrl: redisUrl(),
        composition: 'test',
        without: ['reaper'],
        env: { HOOKLANE_CLAIM_GRACE: '2s' },
      });
      const other = fleet.another('worker');
      await other.start();
      let hang = true;
      await using receiver = await startReceiver(() => ({ hang }));
      await fleet.org.webhooks.create({ url: receiver.url, events: ['*'], ping: false, timeout_ms: 10_000 });
      const publish = (n: number) => fleet.org.events.publish({ type: 'a.b', payload: n });
      await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => publish(n)));
      await receiver.waitFor(IN_FLIGHT);
      const pool = new Pool({ connectionString: database.url, max: 1 });
      const claimed = await pool.query<{ ms: number }>(
        'SELECT (extract(epoch FROM min(claimed_until)) * 1000)::float8 AS ms FROM delivery_due WHERE claimed_until IS NOT NULL',
      );

      await Promise.all([fleet.worker.kill('SIGKILL'), other.kill('SIGKILL')]);
      hang = false;
      let accepted = IN_FLIGHT;
      const deadAtMs = performance.now();
      while (performance.now() - deadAtMs < DEAD_MS) await publish(accepted++);
      await fleet.worker.start();
      const startedMs = Date.now();

      const none = async () => (await pool.query('SELECT FROM delivery_due LIMIT 1')).rowCount === 0;
      await until(none, { what: 'nothing to be due', timeoutMs: 60_000 });
      tell(
        `no worker for ${DEAD_MS} ms: ${accepted} events delivered ${Date.now() - startedMs} ms after one was started`,
      );
      const again = receiver.requests.slice(IN_FLIGHT);
      const first = new Set(receiver.requests.slice(0, IN_FLIGHT).map(({ headers }) => headers['webhook-id']));
      expect(again).toHaveLength(accepted);
      expect(new Set(again.map(({ headers }) => headers['webhook-id'])).size).toBe(accepted);
      const early = again.filter(
        ({ headers, receivedAt }) => first.has(headers['webhook-id']) && receivedAt < (claimed.rows[0]?.ms ?? 0) - 50,
      );
      expect(early).toEqual([]);
      await pool.end();
    },
    DEAD_MS + 180_000,
  );
});
