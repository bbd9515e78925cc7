import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Acts } from './acts.ts';
import { createActs } from './acts.ts';
import type { Evidence } from './check/evidence.ts';
import type { DoneFault } from './conductor.ts';
import { conduct } from './conductor.ts';
import { processesWithout } from './guards.ts';
import { readLedger } from './ledger.ts';
import type { ChaosOptions } from './options.ts';
import { calmMs, floodMs, planFaults } from './plan.ts';
import { isHealthy } from './receivers-plan.ts';
import type { ProducerRecord, ReceiverRecord } from './records.ts';
import type { Scrapes } from './scrapes.ts';
import { scrapeAll } from './scrapes.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';
import type { Watch } from './watch.ts';
import { startWatch } from './watch.ts';
import { readWorkerLogs } from './worker-log.ts';

export interface RunContext {
  readonly tell: (line: string) => void;
  /** Ends the run, and everything that was started for it. */
  readonly signal: AbortSignal;
}

/** How long the backlog may take in the end: while there is hope, and when a guard is missing. */
const SETTLE_MS = 120_000;
const SETTLE_BROKEN_MS = 30_000;
/** When a person mends what is broken, as a share of the run. */
const MEND_AT = 0.6;

/** One run, from nothing to the evidence, and back to nothing. Null when it was interrupted. */
export async function playRun(options: ChaosOptions, context: RunContext): Promise<Evidence | null> {
  const ends: Array<() => unknown> = [];
  try {
    // What is half started cannot be ended: an interruption waits for that.
    const defer = (end: () => unknown) => ends.push(end);
    const twists = options.broken === null ? {} : await processesWithout(options.broken, defer);
    const stage = await openStage({ ...options, twists, defer });
    context.signal.throwIfAborted();
    const watch = startWatch(
      stage.world.postgres.url,
      stage.webhooks.filter(isHealthy).map(({ uuid }) => uuid),
    );
    ends.push(() => watch.close());
    const scrapes = scrapeAll({
      targets: Object.fromEntries(
        Object.entries(stage.world.members).map(([name, { healthUrl }]) => [name, healthUrl]),
      ),
      file: join(stage.folder, 'metrics.txt'),
      seconds: options.seconds,
    });
    ends.push(() => scrapes.close());
    return await play(options, {
      ...context,
      stage,
      watch,
      scrapes,
      acts: createActs(stage),
      plan: planFaults(options),
    });
  } catch (error) {
    if (context.signal.aborted) return null;
    throw error;
  } finally {
    await endAll(ends, options.keep, context.tell);
  }
}

interface Playing extends RunContext {
  readonly stage: Stage;
  readonly watch: Watch;
  readonly scrapes: Scrapes;
  readonly acts: Acts;
  readonly plan: ReturnType<typeof planFaults>;
}

async function play(options: ChaosOptions, playing: Playing): Promise<Evidence> {
  const { stage, watch, scrapes, acts, plan, tell } = playing;
  tell(`two APIs, two workers and a reaper are up; ledgers and logs in ${stage.folder}`);
  const begunAt = Date.now();
  const faults = await traffic(options, playing);
  await settle(playing, options.broken === null ? SETTLE_MS : SETTLE_BROKEN_MS);

  tell('taking the snapshot');
  const database = await takeSnapshot(stage.world.postgres.url, stage.secrets);
  await watch.close();
  await scrapes.close();
  const ownEnds = Object.values(stage.world.members).flatMap((member) => member.ownEnds);
  await Promise.all(Object.values(stage.world.members).map((member) => member.kill()));
  stage.receiver.order('stop');
  await stage.receiver.heard((news) => news.done, 60_000);
  return {
    seconds: options.seconds,
    allowsBusy: options.allowsBusy,
    begunAt,
    calmUntil: begunAt + calmMs(options.seconds),
    planned: plan.length,
    kinds: options.kinds,
    faults,
    webhooks: stage.webhooks,
    producer: readLedger<ProducerRecord>(stage.ledgers.producer),
    receiver: readLedger<ReceiverRecord>(stage.ledgers.receiver),
    database,
    samples: watch.samples,
    snapshots: watch.snapshots,
    imbalances: watch.imbalances,
    told: scrapes,
    suspensions: acts.suspensions,
    resent: acts.resent,
    logged: await readWorkerLogs(stage),
    leaks: await leaksIn(stage),
    ownEnds,
  };
}

/** Producing, with everything that happens meanwhile. */
async function traffic({ seconds }: ChaosOptions, { stage, acts, plan, tell, signal }: Playing): Promise<DoneFault[]> {
  const conducting = conduct({ world: stage.world, plan, tell, signal });
  const at = (ms: number) => sleep(ms, undefined, { signal });
  const acting = (async () => {
    await at(calmMs(seconds));
    tell('most events are for a receiver that never answers');
    stage.producer.order('flood');
    await at(floodMs(seconds));
    tell('all receivers get events');
    stage.producer.order('mixed');
    await at(Math.max(0, seconds * 1000 * MEND_AT - calmMs(seconds) - floodMs(seconds)));
    tell('two receivers are mended: what was diverted is sent again');
    // In the middle of faults this may fail; what it leaves is done when they are over.
    await acts.mend().catch((error: Error) => tell(`mending broke off: ${error.message}`));
  })();
  const telling = setInterval(() => {
    const { producer, receiver } = stage;
    tell(
      `${producer.news?.acked ?? 0} acknowledged, ${producer.news?.open ?? 0} open, ${receiver.news?.received ?? 0} requests received`,
    );
  }, 10_000);
  try {
    const [faults] = await Promise.all([conducting, acting, at(seconds * 1000)]);
    return faults;
  } finally {
    clearInterval(telling);
    // When interrupted: a fault that is on must be over before all is ended.
    await Promise.allSettled([conducting]);
  }
}

/** No faults any more: everything must come to its end. */
async function settle({ stage, acts, watch, tell, signal }: Playing, settleMs: number): Promise<void> {
  stage.producer.order('stop');
  await unlessInterrupted(
    stage.producer.heard((news) => news.done, 40_000),
    signal,
  );
  const undone = await watch.undone();
  tell(`producing has ended with ${stage.producer.news?.acked} acknowledged; ${undone} deliveries are undone`);
  const isSettled = await comesTrue(async () => (await watch.undone()) === 0, settleMs, signal);
  tell(isSettled ? 'the backlog is gone; sending again what is set aside' : 'the backlog does NOT go');
  const mending = acts.mendAll(watch, isSettled ? settleMs : 0, signal);
  if (!(await unlessInterrupted(mending, signal))) tell('not everything that is set aside could be sent again');
  // The reaper comes once a second.
  await comesTrue(async () => (await watch.mostAttempts()) <= 100, 15_000, signal);
}

async function comesTrue(isSo: () => Promise<boolean>, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) return false;
    await sleep(100, undefined, { signal });
  }
  return true;
}

async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, interrupted]);
}

/** What our processes wrote, and what Redis did: its log holds all that was ever put there. */
async function leaksIn({ folder, secrets }: Stage): Promise<string[]> {
  const leaks: string[] = [];
  for (const part of ['logs', 'redis']) {
    const files = await readdir(join(folder, part), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const file of files.filter((entry) => entry.isFile())) {
      const text = await readFile(join(file.parentPath, file.name), 'latin1');
      if (secrets.some((secret) => text.includes(secret))) leaks.push(`a secret in ${file.name}`);
      // The queue holds ids; every payload has this word.
      if (part === 'redis' && text.includes('filler')) leaks.push(`a payload in ${file.name}`);
    }
  }
  return leaks;
}

/** In reverse order, and each whatever became of the others. */
async function endAll(ends: Array<() => unknown>, keep: boolean, tell: RunContext['tell']): Promise<void> {
  // The first one is the folder's.
  const [removeFolder, ...others] = ends;
  for (const end of others.toReversed()) {
    try {
      await end();
    } catch (error) {
      tell(`could not end something: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (!keep) await removeFolder?.();
}
