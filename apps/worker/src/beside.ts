import type { CertificateFigures, StatsCounter } from '@hooklane/engine';
import { advanceOperations, createIdFactory, tellAlerts } from '@hooklane/engine';
import { measureRedis } from '@hooklane/queue';
import type { Logger, Metrics, Service } from '@hooklane/runtime';
import { createBeat, createLoop } from '@hooklane/runtime';
import type { Adapters } from './adapters.ts';
import type { WorkerLog } from './events-log.ts';
import { measureCertificates } from './worker-metrics.ts';

/** Short, so that what an operation makes due comes evenly: live events wait behind what one step brings. */
const OPERATION_STEP_MS = 100;
const STATS_INTERVAL_MS = 5_000;
const ALERTS_INTERVAL_MS = 2_000;
const REDIS_FIGURES_INTERVAL_MS = 10_000;
/** They end by the day. */
const CERTIFICATES_INTERVAL_MS = 3_600_000;

interface Beside {
  counter: StatsCounter;
  log: WorkerLog;
  logger: Logger;
  metrics: Metrics;
}

/** What a worker does beside delivering. Every worker does it: what one is at, the others leave alone. */
export function workBeside(
  adapters: Adapters,
  { counter, log, logger, metrics }: Beside,
): Record<'operations' | 'alerts' | 'statistics' | 'certificates', Service> & { redisFigures: Service | null } {
  const { operations, queue, stats } = adapters;
  const telling = { ...adapters, ids: createIdFactory(), onFault: (error: unknown) => log.fault(error, null) };
  return {
    operations: createLoop({
      name: 'operations',
      intervalMs: OPERATION_STEP_MS,
      logger,
      run: () => advanceOperations({ operations, queue }, OPERATION_STEP_MS),
    }),
    alerts: createLoop({ name: 'alerts', intervalMs: ALERTS_INTERVAL_MS, logger, run: () => tellAlerts(telling) }),
    statistics: statisticsService(counter, stats, logger),
    certificates: certificatesService(adapters.certificates, metrics, logger),
    redisFigures: redisFiguresService(adapters.redis, metrics, logger),
  };
}

/** Stops after the attempts, so that the last ones are counted too. */
function statisticsService(counter: StatsCounter, stats: Adapters['stats'], logger: Logger): Service {
  const loop = createBeat({
    name: 'statistics',
    intervalMs: STATS_INTERVAL_MS,
    logger,
    work: () => counter.flush(stats),
  });
  return {
    name: 'statistics',
    start: () => loop.start(),
    async stop() {
      await loop.stop();
      await counter.flush(stats).catch((error: unknown) => logger.warn({ err: error }, 'statistics.lost'));
    },
  };
}

function certificatesService(figures: CertificateFigures, metrics: Metrics, logger: Logger): Service {
  const measured = measureCertificates(metrics);
  return createBeat({
    name: 'certificates',
    intervalMs: CERTIFICATES_INTERVAL_MS,
    logger,
    work: async () => measured(await figures.expiries()),
  });
}

/** Null where there is no Redis. Not at a scrape: that must cost nothing, and a Redis that hangs must not hold it up. */
function redisFiguresService(redis: Adapters['redis'], metrics: Metrics, logger: Logger): Service | null {
  if (redis === null) return null;
  const measured = measureRedis(metrics);
  return createBeat({
    name: 'redis-figures',
    intervalMs: REDIS_FIGURES_INTERVAL_MS,
    logger,
    async work() {
      if (redis.state !== 'away') measured(await redis.figures());
    },
  });
}
