import { expect, it } from 'vitest';
import { startDelivering } from '../support/delivering-fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { until } from '../support/until.ts';

/** The design asks for a minute: `BLOCKED_SECONDS=60` in the environment. */
const BLOCKED_MS = Number(process.env['BLOCKED_SECONDS'] ?? 8) * 1_000;

/** Preloaded: at SIGUSR2 the only thread of the process waits for nothing. Its sockets stay open, and fill. */
const BLOCKING = `process.on('SIGUSR2', () => {
  console.log('blocked');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${BLOCKED_MS});
})`;

onBothQueues('the event loop of a worker is blocked for longer than its claims', (redisUrl) => {
  it(
    'another makes its attempts, its late results change nothing, and it goes on afterwards',
    async () => {
      await using fleet = await startDelivering({
        redisUrl: redisUrl(),
        composition: 'test',
        without: ['reaper'],
        env: { HOOKLANE_CLAIM_GRACE: '500ms', HOOKLANE_ENQUEUED_GRACE: '500ms' },
        envOf: { worker: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(BLOCKING)}` } },
        answer: (_, index) => ({ hang: index < 20 }),
        // None of them may end before the block, on however busy a machine, and all must be claimed anew during it.
        webhook: { timeout_ms: 3_000 },
      });
      await Promise.all(Array.from({ length: 20 }, (_, n) => fleet.publish(n)));
      await fleet.receiver.waitFor(20);

      process.kill(fleet.worker.pid, 'SIGUSR2');
      await until(() => fleet.worker.lines.includes('blocked'), { what: 'the worker to be blocked' });
      const other = fleet.another('worker');
      await other.start();
      await fleet.receiver.waitFor(40, 20_000);
      const lost = () => fleet.worker.lines.filter((line) => line.includes('"recorded":false'));
      await until(() => lost().length === 20, { what: 'the late results', timeoutMs: BLOCKED_MS + 20_000 });

      expect(await fleet.rows('SELECT state, attempts, count(*)::int AS count FROM deliveries GROUP BY 1, 2')).toEqual([
        { state: 'delivered', attempts: 1, count: 20 },
      ]);
      expect(await fleet.rows(`SELECT FROM attempts WHERE outcome = 'accepted'`)).toHaveLength(20);
      await other.kill('SIGKILL');
      const { id } = await fleet.publish(20);
      await fleet.receiver.waitFor(({ headers }) => headers['webhook-id'] === id, 20_000);
      expect(fleet.receiver.requests).toHaveLength(41);
    },
    BLOCKED_MS + 120_000,
  );
});
