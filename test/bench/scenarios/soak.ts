import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { rssOf } from '../cpu.ts';
import type { Flow } from '../flow.ts';
import { flowing, openFlow, processesOf, steadyStream, topRate, warmUp } from '../flow.ts';
import { median } from '../numbers.ts';
import type { Scenario } from '../scenario.ts';

/** At 70 % of the top rate for a quarter of an hour: memory that grows, and errors that are rare. */
export const soak: Scenario = {
  what: '15 minutes at 70 % of the top rate: memory and errors',
  seconds: 900,
  async run(context) {
    const { seconds, tell } = context;
    const flow = await openFlow(context);
    await warmUp(flow, 20);
    const rate = (await topRate(flow, { seconds: Math.min(10, seconds / 4), rounds: 1 })) * SHARE;
    tell(`${rate.toFixed(0)}/s for ${seconds} s`);
    const before = await flow.stage.sink.call('count', 'bench');
    const samples = await flowing(flow.stage, steadyStream(flow, rate), () => sampleRss(flow, seconds));
    await nothingPending(flow);
    const after = await flow.stage.sink.call('count', 'bench');
    const { accepted, failed } = await flow.stage.publisher.call('count', 'steady');
    const delivered = after.received - before.received;
    const drifts = Object.fromEntries(
      Object.keys(samples[0] ?? {}).map((name) => [`${name}_rss_drift`, driftOf(samples.map((one) => one[name] ?? 0))]),
    );
    const rss = Object.fromEntries(
      Object.entries(samples.at(-1) ?? {}).map(([name, bytes]) => [`${name}_rss_mb`, bytes / 2 ** 20]),
    );
    const logged = await loggedErrors(flow);
    // Whoever stops does not wait for the last answers: of what was told to be accepted none may be missing, and of what is
    // stored each must have come once.
    const unequal = Math.max(0, accepted - delivered) + Math.abs((await storedDeliveries(flow)) - after.received);
    return {
      ...context.told,
      published_per_s: rate,
      delivered_per_s: delivered / seconds,
      ...drifts,
      ...rss,
      publish_failed: failed,
      received_unequal: unequal,
      logged_errors: logged,
      errors: failed + unequal + logged,
    };
  },
};

const SHARE = 0.7;
const SAMPLES = 60;

async function storedDeliveries({ stage }: Flow): Promise<number> {
  const { rows } = await stage.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM deliveries');
  return rows[0]?.count ?? 0;
}

/** What failed once is tried again after seconds. */
async function nothingPending({ stage }: Flow): Promise<void> {
  const isDone = async () => (await stage.pool.query('SELECT FROM delivery_due LIMIT 1')).rowCount === 0;
  await until(isDone, { what: 'every delivery to end', timeoutMs: 120_000 });
}

/** Of the processes that are ours; of Postgres the postmaster says nothing. */
async function sampleRss({ stage }: Flow, seconds: number): Promise<Record<string, number>[]> {
  const { api, worker, redis } = processesOf(stage);
  const samples: Record<string, number>[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    await sleep((seconds / SAMPLES) * 1000);
    samples.push({ api: rssOf(api ?? 0), worker: rssOf(worker ?? 0), redis: rssOf(redis ?? 0) });
  }
  return samples;
}

/** The last quarter over the one before: the drift over the second half. */
function driftOf(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4);
  return median(samples.slice(-quarter)) / median(samples.slice(-2 * quarter, -quarter)) - 1;
}

/** Lines of API and workers that say `error` or worse. */
async function loggedErrors({ stage }: Flow): Promise<number> {
  let errors = 0;
  for (const { logFile } of [stage.api, ...stage.workers]) {
    for await (const line of createInterface({ input: createReadStream(logFile) })) {
      if (/"level":(?:50|60|"error"|"fatal")/.test(line)) errors += 1;
    }
  }
  return errors;
}
