import type { PruneReport, PruneStore, Retention } from '@hooklane/engine';
import { LOGGED_ATTEMPTS, prune } from '@hooklane/engine';
import { createFigureStore, createPruneStore, lookAtPostgres, openDatabase } from '@hooklane/postgres';
import type { HealthServer, Logger, Metrics, Service } from '@hooklane/runtime';
import { checkSoon, createBeat, createBootCheck, createHealthServer, createMetrics } from '@hooklane/runtime';
import type { ReaperConfig } from './config.ts';
import { figuresService } from './figures.ts';
import { countPruning, tellRetention } from './reaper-metrics.ts';

/** Tests put crash points between the use case and the store; production leaves it as it is. */
export type Decorate = (store: PruneStore) => PruneStore;

/** Wires a reaper. Several may run: each step is bounded and takes what another is not at. */
export function composeReaper(
  config: ReaperConfig,
  logger: Logger,
  decorate: Decorate = (store) => store,
): { services: Service[]; health: HealthServer; metrics: Metrics } {
  const metrics = createMetrics({ service: 'reaper' });
  const database = openDatabase({
    url: config.databaseUrl,
    name: 'reaper',
    poolSize: config.pgPool,
    // Deleting is in bounded steps, but dropping a partition copies what is still needed first.
    statementTimeoutMs: 60_000,
    planning: 'free',
    onError: (error) => logger.warn({ err: error }, 'postgres.connection_lost'),
    metrics,
  });
  const store = decorate(createPruneStore(database));
  const retention: Retention = {
    eventsMs: config.retainEventsMs,
    deliveriesMs: config.retainDeliveriesMs,
    divertedMs: config.retainDivertedMs,
    auditMs: config.retainAuditMs,
    operationsMs: config.retainOperationsMs,
    attemptsPerWebhook: LOGGED_ATTEMPTS,
  };

  const pruned = countPruning(metrics);
  tellRetention(metrics, retention);
  const reaper = createBeat({
    name: 'reaper',
    intervalMs: config.pruneIntervalMs,
    logger,
    async work(signal) {
      const startedMs = performance.now();
      const report = await prune(store, retention, signal);
      const durationMs = performance.now() - startedMs;
      pruned(report, durationMs);
      tell(logger, report, durationMs);
    },
  });
  const figures = figuresService({
    store: createFigureStore(database.pool),
    metrics,
    logger,
    intervalMs: config.figuresIntervalMs,
  });
  const health = createHealthServer({
    host: config.host,
    port: config.healthPort,
    metrics,
    ready: async () => {
      const postgres = await checkSoon(database.pool.query('SELECT 1'));
      return { ready: postgres === 'ok', checks: { postgres } };
    },
  });
  const connections = { name: 'connections', start: async () => {}, stop: () => database.close() };
  const bootCheck = createBootCheck({ checks: { postgres: lookAtPostgres(database.pool, config) }, logger });
  return { services: [connections, bootCheck, reaper, figures, health], health, metrics };
}

function tell(logger: Logger, report: PruneReport, durationMs: number): void {
  logger.info({ ...report, duration_ms: Math.round(durationMs) }, 'prune.finished');
  if (report.rowsInDefault > 0) {
    // Rows without a day partition are never dropped: either a clock is wrong, or no reaper ran for days.
    logger.error({ rows: report.rowsInDefault }, 'partition.default_in_use');
  }
}
