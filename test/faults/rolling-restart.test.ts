// Every process is stopped and started in turn while a producer publishes at a steady rate, whatever becomes of it.
import { availableParallelism } from 'node:os';
import { freePort } from '@hooklane/standalone';
import { expect, it } from 'vitest';
import { producerAt, startBalancer } from '../support/balancer.ts';
import { startDelivering } from '../support/delivering-fleet.ts';
import type { FleetProcess } from '../support/fleet.ts';
import { idleShare } from '../support/idle-share.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import type { SteadyLoad } from '../support/steady-load.ts';
import { startLoad } from '../support/steady-load.ts';
import { tell } from '../support/tell.ts';

/** Events a second. */
const RATE = Number(process.env['ROLLING_RATE'] ?? 500);

/** Of that rate, while processes are away; what is lost to a machine that does other things says nothing of Hooklane. */
const FLOOR = 0.8;

/** A machine to itself has two processors, of which the fleet that waits for work leaves so much idle. */
const OWN_MACHINE = 0.75;

onBothQueues('two APIs and two workers are restarted one after the other under a steady load', (redisUrl) => {
  it('no publish fails, nothing is lost, and nothing arrives twice', { timeout: 240_000 }, async () => {
    await using fleet = await startDelivering({
      redisUrl: redisUrl(),
      // So long that nothing would be made again by a claim that lapses: that it is not needed is what is shown.
      env: { HOOKLANE_CLAIM_GRACE: '60s' },
      // Attempts are under way whenever a worker is told to stop.
      answer: () => ({ delayMs: 50 }),
      webhook: { timeout_ms: 30_000 },
    });
    const otherPort = await freePort();
    const [otherApi, otherWorker] = [fleet.another('api', { PORT: String(otherPort) }), fleet.another('worker')];
    await Promise.all([otherApi.start(), otherWorker.start()]);
    await using balancer = await startBalancer([Number(new URL(fleet.url).port), otherPort]);
    const producer = await producerAt(fleet, balancer.url);

    const idleBefore = await idleShare();
    const load = startLoad(producer, RATE);
    await load.more(2 * RATE);
    const { perSecond, fewest } = await restartInTurn([fleet.api, otherApi, fleet.worker, otherWorker], load);
    await load.end();
    producer.close();

    const { acknowledged, errors } = load;
    expect(errors).toEqual([]);
    // Restarts of which no load knew would show nothing.
    expect(fewest).toBeGreaterThan(0);
    await fleet.allArrived(acknowledged);
    await fleet.nothingDue();
    const arrived = fleet.arrived();
    expect(new Set(arrived)).toEqual(new Set(acknowledged));
    expect(arrived.length - new Set(arrived).size).toBe(0);

    const idle = Math.min(idleBefore, await idleShare());
    tell(
      `${perSecond} of ${RATE}/s acknowledged while processes were restarted, slowest publish ${load.slowestMs} ms; ` +
        `${acknowledged.length} events, 0 failed, 0 lost, 0 twice; ${Math.round(idle * 100)} % of the machine idle without load`,
    );
    if (idle >= OWN_MACHINE && availableParallelism() > 1) expect(perSecond).toBeGreaterThanOrEqual(FLOOR * RATE);
  });
});

/** What was acknowledged from the first end to the last return; of one restart, at least so much. */
async function restartInTurn(processes: readonly FleetProcess[], load: SteadyLoad) {
  const { length: countBefore } = load.acknowledged;
  const begunMs = performance.now();
  const meanwhile: number[] = [];
  for (const one of processes) {
    const { length: before } = load.acknowledged;
    expect(await one.kill('SIGTERM')).toBe(0);
    await one.start();
    meanwhile.push(load.acknowledged.length - before);
    // Under load between two restarts, too.
    await load.more(RATE / 2);
  }
  const seconds = (performance.now() - begunMs) / 1_000;
  return {
    perSecond: Math.round((load.acknowledged.length - countBefore) / seconds),
    fewest: Math.min(...meanwhile),
  };
}
