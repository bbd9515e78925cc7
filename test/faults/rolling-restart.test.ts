// Every process is stopped and started in turn while a producer publishes at a steady rate, whatever becomes of it.
import type { OrgClient } from '@hooklane/client';
import { freePort } from '@hooklane/standalone';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { producerAt, startBalancer } from '../support/balancer.ts';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { tell } from '../support/tell.ts';
import { until } from '../support/until.ts';

/** Events a second; a machine that is busy otherwise may be asked for less. */
const RATE = Number(process.env['ROLLING_RATE'] ?? 500);

onBothQueues('two APIs and two workers are restarted one after the other under a steady load', (redisUrl) => {
  it('no publish fails, nothing is lost, and nothing arrives twice', { timeout: 240_000 }, async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redisUrl(),
      // So long that nothing would be made again by a claim that lapses: that it is not needed is what is shown.
      env: { HOOKLANE_CLAIM_GRACE: '60s' },
    });
    const otherPort = await freePort();
    const [otherApi, otherWorker] = [fleet.another('api', { PORT: String(otherPort) }), fleet.another('worker')];
    await Promise.all([otherApi.start(), otherWorker.start()]);
    await using receiver = await startReceiver();
    await fleet.org.webhooks.create({ url: receiver.url, events: ['*'], ping: false, timeout_ms: 30_000 });
    await using balancer = await startBalancer([Number(new URL(fleet.url).port), otherPort]);
    const org = await producerAt(fleet, balancer.url);

    const load = startLoad(org, RATE);
    const restarted: number[] = [];
    try {
      await more(load, RATE);
      for (const one of [fleet.api, otherApi, fleet.worker, otherWorker]) {
        const before = load.acknowledged.length;
        expect(await one.kill('SIGTERM')).toBe(0);
        await one.start();
        restarted.push(load.acknowledged.length - before);
        await more(load, RATE);
      }
    } finally {
      await load.end();
      org.close();
    }

    const { acknowledged, errors } = load;
    expect(errors).toEqual([]);
    // Restarts of which no load knew would show nothing.
    expect(Math.min(...restarted)).toBeGreaterThan(0);
    const arrived = () => receiver.requests.map(({ headers }) => String(headers['webhook-id']));
    await until(() => receiver.requests.length >= acknowledged.length, { what: 'all events', timeoutMs: 60_000 });
    expect(new Set(arrived())).toEqual(new Set(acknowledged));
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const undone = async () => (await pool.query('SELECT FROM delivery_due')).rowCount;
    await until(async () => (await undone()) === 0, { what: 'nothing to be left to send', timeoutMs: 60_000 });
    await pool.end();
    expect(arrived().length - new Set(arrived()).size).toBe(0);
    tell(
      `asked ${RATE}/s, sent ${load.perSecond()}/s, ${acknowledged.length} events, slowest publish ${load.slowestMs()} ms`,
    );
  });
});

/** Bounds what a machine too busy for the rate has to hold; the rate that came of it is told. */
const UNDER_WAY = 200;

/** Does not wait for answers, up to a bound: a producer with a rate of its own is not slowed by a service that falters. */
function startLoad(org: Pick<OrgClient, 'events'>, rate: number) {
  const acknowledged: string[] = [];
  const errors: unknown[] = [];
  const underWay = new Set<Promise<void>>();
  const begunMs = performance.now();
  let endedMs = 0;
  let slowestMs = 0;
  let sent = 0;
  async function publishOne(): Promise<void> {
    const sentMs = performance.now();
    try {
      acknowledged.push((await org.events.publish({ type: 'a.b', payload: sent })).id);
    } catch (error) {
      errors.push(error);
    }
    slowestMs = Math.max(slowestMs, performance.now() - sentMs);
  }
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begunMs) / 1_000) * rate);
    for (; sent < due && underWay.size < UNDER_WAY; sent++) {
      const one = publishOne().finally(() => underWay.delete(one));
      underWay.add(one);
    }
  }, 10);
  return {
    acknowledged,
    errors,
    perSecond: () => Math.round(sent / ((endedMs - begunMs) / 1_000)),
    slowestMs: () => Math.round(slowestMs),
    async end() {
      clearInterval(timer);
      endedMs = performance.now();
      await Promise.all(underWay);
    },
  };
}

/** Under load before, between and after the restarts. */
async function more({ acknowledged }: { acknowledged: readonly string[] }, count: number): Promise<void> {
  const enough = acknowledged.length + count;
  await until(() => acknowledged.length >= enough, { what: `${enough} events acknowledged`, timeoutMs: 60_000 });
}
