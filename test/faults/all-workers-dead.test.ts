import { expect, it } from 'vitest';
import { startDelivering } from '../support/delivering-fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { tell } from '../support/tell.ts';

/** The design asks for a minute: `DEAD_SECONDS=60` in the environment. */
const DEAD_MS = Number(process.env['DEAD_SECONDS'] ?? 3) * 1_000;
const IN_FLIGHT = 30;

onBothQueues('all workers are killed while events keep coming', (redisUrl) => {
  it(
    'what was accepted meanwhile is delivered soon after one is started, and no attempt is made twice within a claim',
    async () => {
      let hang = true;
      await using fleet = await startDelivering({
        redisUrl: redisUrl(),
        composition: 'test',
        without: ['reaper'],
        env: { HOOKLANE_CLAIM_GRACE: '2s' },
        answer: () => ({ hang }),
        webhook: { timeout_ms: 10_000 },
      });
      const other = fleet.another('worker');
      await other.start();
      await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => fleet.publish(n)));
      await fleet.receiver.waitFor(IN_FLIGHT);
      const [claimed] = await fleet.rows<{ untilMs: number }>(
        `SELECT (extract(epoch FROM min(claimed_until)) * 1000)::float8 AS "untilMs" FROM delivery_due WHERE claimed_until IS NOT NULL`,
      );

      await Promise.all([fleet.worker.kill('SIGKILL'), other.kill('SIGKILL')]);
      hang = false;
      let accepted = IN_FLIGHT;
      const deadAtMs = performance.now();
      while (performance.now() - deadAtMs < DEAD_MS) await fleet.publish(accepted++);
      await fleet.worker.start();
      const startedMs = Date.now();

      await fleet.nothingDue();
      tell(
        `no worker for ${DEAD_MS} ms: ${accepted} events delivered ${Date.now() - startedMs} ms after one was started`,
      );
      const [before, after] = [fleet.arrived().slice(0, IN_FLIGHT), fleet.arrived().slice(IN_FLIGHT)];
      expect(after).toHaveLength(accepted);
      expect(new Set(after).size).toBe(accepted);
      const early = fleet.receiver.requests
        .slice(IN_FLIGHT)
        .filter(({ headers }) => before.includes(String(headers['webhook-id'])))
        .filter(({ receivedAt }) => receivedAt < (claimed?.untilMs ?? Number.POSITIVE_INFINITY) - 50);
      expect(early).toEqual([]);
    },
    DEAD_MS + 180_000,
  );
});
