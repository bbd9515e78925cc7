import { setTimeout as sleep } from 'node:timers/promises';
import { medianOf } from '../latency.ts';
import type { Latency } from '../numbers.ts';
import type { Stream } from '../processes/publisher.ts';
import type { BenchContext, Scenario } from '../scenario.ts';
import type { Rig, Stage } from '../stage.ts';
import { openStage, subscribe, typesOf } from '../stage.ts';

/**
 * Four orgs that publish evenly, first alone, then beside a healthy one that publishes 20 times as much as each of them, and
 * beside a fifth of extra traffic into receivers that never answer (more of them than a worker has slots), that answer 500,
 * and whose names do not resolve.
 */
export const isolation: Scenario = {
  what: 'the p99 and rate of quiet orgs beside tarpits, 500s, dead DNS and a loud org',
  seconds: 60,
  async run(context) {
    const stage = await openStage(context);
    const quiet = await openQuiet(stage);
    const noise = await openNoise(stage);
    const windowS = context.seconds / 2;

    for (const stream of quiet) await stage.publisher.call('start', stream);
    await sleep(Math.min(WARM_UP_S, windowS) * 1000);
    const alone = await watchQuiet(context, stage, windowS / 2);
    context.tell(`alone: ${quietText(alone)}`);

    for (const stream of noise) await stage.publisher.call('start', stream);
    context.tell('noise: waiting until tarpits have had time to fill the slots');
    await sleep(Math.max(FILLING_S, windowS / 2) * scaleOf(context) * 1000);
    const beside = await watchQuiet(context, stage, windowS);
    context.tell(`beside the noise: ${quietText(beside)}`);
    return {
      ...context.told,
      delivered_per_s: medianOf(beside, ({ perS }) => perS),
      receive_p50_ms: medianOf(beside, ({ receive }) => receive.p50),
      receive_p95_ms: medianOf(beside, ({ receive }) => receive.p95),
      receive_p99_ms: medianOf(beside, ({ receive }) => receive.p99),
      alone_p99_ms: medianOf(alone, ({ receive }) => receive.p99),
      healthy_p99_ratio: medianOf(beside, p99) / medianOf(alone, p99),
      healthy_rate_ratio: medianOf(beside, ({ perS }) => perS) / medianOf(alone, ({ perS }) => perS),
    };
  },
};

const QUIET_ORGS = 4;
const QUIET_PER_S = 20;
const LOUD_PER_S = QUIET_PER_S * 20;
/** A fifth of all that is healthy. */
const EXTRA_PER_S = (QUIET_ORGS * QUIET_PER_S + LOUD_PER_S) / 5;
/** More than a worker has slots; and each holds one for 15 s. */
const TARPITS = 450;
const WARM_UP_S = 5;
/** After so long tarpits have all that they can get. */
const FILLING_S = 20;

/** Short runs are for trying the bench out. */
function scaleOf({ seconds }: BenchContext): number {
  return Math.min(1, seconds / 20);
}

async function openQuiet(stage: Stage): Promise<Stream[]> {
  const streams: Stream[] = [];
  for (let n = 0; n < QUIET_ORGS; n++) {
    const org = await stage.openOrg(`quiet-${n}`);
    const types = typesOf('quiet', 5);
    await subscribe(stage, org, { group: 'quiet', types });
    streams.push(org.stream({ name: `quiet-${n}`, types, perSecond: QUIET_PER_S, connections: 20 }));
  }
  return streams;
}

async function openNoise(stage: Stage): Promise<Stream[]> {
  await stage.sink.call('behave', 'tarpit', 'silent');
  await stage.sink.call('behave', 'broken', 'error');
  const dead = await openNoisy(stage, { name: 'dead', count: 50, perSecond: EXTRA_PER_S / 3, origin: DEAD });
  const broken = await openNoisy(stage, { name: 'broken', count: 50, perSecond: EXTRA_PER_S / 3 });
  const tarpits = await openNoisy(stage, { name: 'tarpit', count: TARPITS, perSecond: EXTRA_PER_S / 3 });
  const loud = await openNoisy(stage, { name: 'loud', count: 20, perSecond: LOUD_PER_S });
  return [dead, broken, tarpits, loud];
}

/** Reserved for names that do not exist. */
const DEAD = 'http://dead.hooklane-bench.invalid:8080';

interface Noise {
  readonly name: string;
  readonly count: number;
  readonly perSecond: number;
  readonly origin?: string;
}

async function openNoisy(stage: Stage, { name, count, perSecond, origin }: Noise): Promise<Stream> {
  const org = await stage.openOrg(name);
  const types = typesOf(name, count);
  await subscribe(stage, org, { group: name, types, ...(origin !== undefined && { origin }) });
  return org.stream({ name, types, perSecond });
}

interface Quiet {
  readonly perS: number;
  readonly receive: Latency;
}

/** Each round the next part of one window. */
async function watchQuiet({ rounds }: BenchContext, { sink }: Rig, seconds: number): Promise<Quiet[]> {
  const seen: Quiet[] = [];
  await sink.call('latency', 'quiet');
  for (let n = 0; n < rounds; n++) {
    const before = await sink.call('count', 'quiet');
    await sleep((seconds / rounds) * 1000);
    const after = await sink.call('count', 'quiet');
    const perS = ((after.received - before.received) / (after.atMs - before.atMs)) * 1000;
    seen.push({ perS, receive: await sink.call('latency', 'quiet') });
  }
  return seen;
}

function p99({ receive }: Quiet): number {
  return receive.p99;
}

function quietText(rounds: readonly Quiet[]): string {
  return rounds
    .map(({ perS, receive }) => `${perS.toFixed(1)}/s p50 ${receive.p50.toFixed(1)} p99 ${receive.p99.toFixed(1)} ms`)
    .join(' · ');
}
