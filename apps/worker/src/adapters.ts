import type {
  AlertStore,
  AttemptTracer,
  CertificateFigures,
  DueQueue,
  DueStore,
  EventStore,
  OperationStore,
  StatsStore,
  Subscriptions,
} from '@hooklane/engine';
import { createIdFactory, FailureWatch, keepResults, queueOrWake, watchFailures } from '@hooklane/engine';
import type { Database } from '@hooklane/postgres';
import {
  createAlertStore,
  createCertificateFigures,
  createDueStore,
  createEventStore,
  createFailureRuns,
  createOperationStore,
  createSecretBox,
  createStatsStore,
  createSubscriptions,
  createWake,
  isAway,
  lookAtPostgres,
  openDatabase,
  RECORD_CONNECTIONS,
} from '@hooklane/postgres';
import type { RedisQueue } from '@hooklane/queue';
import { checkRedis, createConfiguredQueue, measureQueue } from '@hooklane/queue';
import type { Logger, Metrics, Service, Traces } from '@hooklane/runtime';
import { createBootCheck, createTraces, sleep } from '@hooklane/runtime';
import type { HttpSender } from '@hooklane/sender';
import { createAddressPolicy, createResolver, createSender } from '@hooklane/sender';
import { traceAttempts } from './attempt-traces.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerLog } from './events-log.ts';
import { countClaims } from './worker-metrics.ts';

/** How soon results that wait for Postgres are written when it is back. */
const KEPT_PAUSE_MS = 250;

/** Everything a worker reaches the world through. */
export interface Adapters {
  database: Database;
  due: DueStore;
  /** Of all that is recorded through `due`. */
  watch: Pick<FailureWatch, 'isFrozen'>;
  operations: OperationStore;
  stats: Pick<StatsStore, 'add'>;
  alerts: AlertStore;
  certificates: CertificateFigures;
  events: EventStore;
  subscriptions: Subscriptions;
  /** Null where there is no Redis: work is then taken from the store. */
  redis: RedisQueue | null;
  queue: DueQueue;
  sender: HttpSender;
  /** Both null where there is no collector. */
  traces: Traces | null;
  tracer: AttemptTracer | null;
  /** Refuses to start where promises could not be kept. */
  bootCheck: Service;
  /** Closes what was opened here; the last thing a worker stops. */
  connections: Service;
}

/** Who hears what happens. */
export interface Observers {
  logger: Logger;
  log: WorkerLog;
  metrics: Metrics;
}

export function openAdapters(config: WorkerConfig, { logger, log, metrics }: Observers): Adapters {
  const database = openDatabase({
    url: config.databaseUrl,
    name: 'worker',
    poolSize: config.pgPool,
    statementTimeoutMs: 10_000,
    steady: RECORD_CONNECTIONS,
    onError: (error) => logger.warn({ err: error }, 'postgres.connection_lost'),
    metrics,
  });
  const ids = createIdFactory();
  const box = createSecretBox(config.sealingKeys);
  const watch = new FailureWatch({
    rule: { minHosts: config.freezeHosts, percent: config.freezePercent },
    clock: () => performance.now(),
    observe: log.froze,
  });
  const store = createDueStore(database, {
    ids,
    box,
    claimGraceMs: config.claimGraceMs,
    enqueuedMs: config.enqueuedMs,
    onSuspended: log.suspended,
    withholds(suspensions) {
      const withheld = watch.withholds();
      if (withheld) log.withheld(suspensions);
      return withheld;
    },
    onUnopened: log.unopened,
  });
  const counted = {
    ...store,
    ...countClaims(store, metrics),
    ...watchFailures(store, watch, createFailureRuns(database.pool)),
  };
  const due = keepResults({ due: counted, isAway, pause: () => sleep(KEPT_PAUSE_MS), observe: log.kept });
  const redis = createConfiguredQueue(config, logger);
  if (redis !== null) measureQueue(redis, metrics);
  const queue = queueOrWake(redis, createWake(database.pool, { logger, hasQueue: redis !== null }));
  const { sender, close } = openSender(config);
  const traces = createTraces({ ...config, service: 'worker', logger, metrics });
  const connections: Service = {
    name: 'connections',
    start: async () => {},
    stop: async () => {
      due.giveUp();
      await close();
      await database.close();
    },
  };
  return {
    database,
    due,
    watch,
    operations: createOperationStore(database, ids, box),
    stats: createStatsStore(database.pool),
    certificates: createCertificateFigures(database.pool, box),
    ...openAlerts(config, database),
    redis,
    queue,
    sender,
    traces,
    tracer: traces && traceAttempts(traces, { propagate: config.propagateTrace }),
    bootCheck: bootCheckOf(config, { database, logger }),
    connections,
  };
}

function bootCheckOf(config: WorkerConfig, { database, logger }: { database: Database; logger: Logger }): Service {
  const { redisUrl } = config;
  const redis = redisUrl ? () => checkRedis(redisUrl) : null;
  return createBootCheck({ checks: { postgres: lookAtPostgres(database.pool, config), redis }, logger });
}

/** A fact is told again for less than a second, and only where a worker dies meanwhile. */
const TOLD_ONCE_MS = 24 * 3_600_000;

function openAlerts({ enqueuedMs, alertIntervalMs }: WorkerConfig, { pool }: Database) {
  return {
    alerts: createAlertStore(pool, { divertedEveryMs: alertIntervalMs }),
    events: createEventStore(pool, { idempotencyMs: TOLD_ONCE_MS, enqueuedMs }),
    subscriptions: createSubscriptions(pool),
  };
}

function openSender(config: WorkerConfig): { sender: HttpSender; close: () => Promise<void> } {
  const resolver = createResolver(config.dnsServers.length === 0 ? {} : { servers: config.dnsServers });
  const sender = createSender({
    policy: createAddressPolicy({ allowNetworks: config.allowNetworks }),
    resolver,
    userAgent: config.userAgent,
    allowUnverified: config.allowInsecureTls,
    trustedCertificates: config.trustedCertificates === undefined ? [] : [config.trustedCertificates],
    proxy: config.egressProxy ?? null,
    // Lanes bound each webhook; many webhooks may live on one host, and one that hangs must not hold the others up.
    maxConnectionsPerOrigin: config.slots,
  });
  async function close(): Promise<void> {
    await sender.close();
    resolver.close();
  }
  return { sender, close };
}
