import { laneRules } from '@hooklane/domain';
import type { FailureWatch, Intake, IntakeLimits } from '@hooklane/engine';
import type { WorkerCount } from '@hooklane/postgres';
import type { Logger, Service } from '@hooklane/runtime';
import { createBeat } from '@hooklane/runtime';
import type { WorkerConfig } from './config.ts';

const TAKE_BATCH = 100;
/** Lanes widen with time, too: so often it is looked at what they have room for by now. */
const ADMIT_EVERY_MS = 100;
/** How many workers share the limits of a webhook changes seldom. */
const COUNT_EVERY_MS = 2_000;

/** What lets attempts in, by the settings. */
export function limitsOf(config: WorkerConfig, workers: WorkerCount): IntakeLimits {
  const { slots: total, lane: perWebhook, slowPercent, slowAfterMs, hostConnections, hostPerSecond } = config;
  const host = { maxInFlight: hostConnections, perSecond: hostPerSecond ?? null };
  return {
    lanes: laneRules({ total, perWebhook, slowPercent, slowAfterMs }),
    throttling: { host, workers: () => workers.count },
    takeBatch: TAKE_BATCH,
  };
}

/** A freeze begins and ends with attempts, or with time alone. Looked at so often whatever happens, for whoever is told. */
const WATCH_EVERY_MS = 1_000;

/** What has to be looked at now and then for it. */
export function admission(
  { intake, workers, watch }: { intake: Intake; workers: WorkerCount; watch: Pick<FailureWatch, 'isFrozen'> },
  logger: Logger,
): Service[] {
  return [
    createBeat({
      name: 'failure-watch',
      intervalMs: WATCH_EVERY_MS,
      logger,
      async work() {
        watch.isFrozen();
      },
    }),
    createBeat({
      name: 'worker-count',
      intervalMs: COUNT_EVERY_MS,
      logger,
      work: () => workers.look(),
    }),
    createBeat({
      name: 'admission',
      intervalMs: ADMIT_EVERY_MS,
      logger,
      async work() {
        void intake.admit();
      },
    }),
  ];
}
