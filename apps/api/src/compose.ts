import type { RateLimits, SchemaJudge } from '@hooklane/engine';
import { createIdFactory, queueOrWake, RateLimiter } from '@hooklane/engine';
import type { Database } from '@hooklane/postgres';
import {
  createAuditLog,
  createDivertedStore,
  createDueStore,
  createEventStore,
  createEventStream,
  createEventTypeStore,
  createHistoryStore,
  createKeyStore,
  createOperationStore,
  createOperatorStore,
  createOrgStore,
  createPauseStore,
  createRateLedger,
  createRedeliveryStore,
  createSecretBox,
  createStatsStore,
  createSubscriptions,
  createWake,
  createWebhookStore,
  lookAtPostgres,
  openDatabase,
} from '@hooklane/postgres';
import type { RedisQueue } from '@hooklane/queue';
import { checkRedis, createConfiguredQueue, measureQueue } from '@hooklane/queue';
import type { HealthServer, Logger, Metrics, Service } from '@hooklane/runtime';
import { createBeat, createBootCheck, createHealthServer, createMetrics, createTraces } from '@hooklane/runtime';
import type { ClosableSchemaJudge } from '@hooklane/schemas';
import { createSchemaJudge } from '@hooklane/schemas';
import { createAddressPolicy, createDestinationGuard } from '@hooklane/sender';
import { countAnswers, countPorts } from './api-metrics.ts';
import type { ApiConfig } from './config.ts';
import { createListener } from './http/listener.ts';
import { createServer } from './http/server.ts';
import type { ApiPorts } from './ports.ts';
import { createReadiness } from './readiness.ts';

export interface ComposedApi {
  /** In the order they start; they stop in reverse. */
  services: Service[];
  /** Where it listens, such as `http://127.0.0.1:8080`. Only after the services have started. */
  readonly url: string;
  readonly health: HealthServer;
  readonly metrics: Metrics;
}

const STATEMENT_TIMEOUT_MS = 10_000;
const IDEMPOTENCY_MS = 48 * 3_600_000;

/** Tests put crash points and broken guards between the use cases and the world; production leaves it as it is. */
export type Decorate = (ports: ApiPorts) => ApiPorts;

/** Wires the API: stores on Postgres, the queue where there is one, the guard, the server. */
export function composeApi(config: ApiConfig, logger: Logger, decorate: Decorate = (ports) => ports): ComposedApi {
  const metrics = createMetrics({ service: 'api' });
  const traces = createTraces({ ...config, service: 'api', logger, metrics });
  const database = openDatabase({
    url: config.databaseUrl,
    name: 'api',
    poolSize: config.pgPool,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: (error) => logger.warn({ err: error }, 'postgres.connection_lost'),
    metrics,
  });
  const redis = createConfiguredQueue(config, logger);
  if (redis !== null) measureQueue(redis, metrics);
  const stopping = new AbortController();
  const readiness = createReadiness({ database, redis, stopping: stopping.signal });
  const limiter = new RateLimiter(createRateLedger(database.pool), () => performance.now());
  const schemas = openJudge(database, logger);
  const ports = decorate(openPorts(config, { database, redis, limiter, schemas, logger, readiness }));
  const app = createServer(countPorts(ports, metrics), {
    ...config,
    orgRateLimits: orgRateLimitsOf(config),
    logger,
    stopping: stopping.signal,
    traces,
    onAnswered: countAnswers(metrics),
  });
  const listener = createListener(app, { host: config.host, port: config.port, stopping });

  const health = createHealthServer({ host: config.host, port: config.healthPort, ready: readiness, metrics });

  const connections: Service = { name: 'connections', start: async () => {}, stop: () => database.close() };
  const judging: Service = { name: 'schemas', start: async () => {}, stop: () => schemas.close() };
  const { redisUrl } = config;
  const bootCheck = createBootCheck({
    checks: { postgres: lookAtPostgres(database.pool, config), redis: redisUrl ? () => checkRedis(redisUrl) : null },
    logger,
  });
  const services = [traces, connections, bootCheck, judging, settling(limiter, logger), redis, health, listener];
  return {
    services: services.filter((service) => service !== null),
    get url() {
      return listener.url;
    },
    health,
    metrics,
  };
}

/** What other processes let pass is known here this much later; see {@link RateLimiter}. */
const SETTLE_INTERVAL_MS = 100;

/** While Postgres is away each process keeps the limits by itself; it is asked again this often. */
const SETTLE_BACKOFF_MS = 1_000;

function settling(limiter: RateLimiter, logger: Logger): Service {
  return createBeat({
    name: 'rate-limits',
    intervalMs: SETTLE_INTERVAL_MS,
    backoffCapMs: SETTLE_BACKOFF_MS,
    logger,
    work: () => limiter.settle(),
  });
}

function orgRateLimitsOf({ orgRequestsPerSecond, orgEventsPerSecond }: ApiConfig): RateLimits {
  const orNone = (perSecond: number) => (perSecond === 0 ? null : perSecond);
  return { requestsPerSecond: orNone(orgRequestsPerSecond), eventsPerSecond: orNone(orgEventsPerSecond) };
}

interface Opened {
  database: Database;
  schemas: SchemaJudge;
  limiter: RateLimiter;
  redis: RedisQueue | null;
  logger: Logger;
  readiness: ApiPorts['readiness'];
}

function openPorts(config: ApiConfig, opened: Opened): ApiPorts {
  const { database, redis, limiter, schemas, logger, readiness } = opened;
  const ids = createIdFactory();
  const box = createSecretBox(config.sealingKeys);
  return {
    ...openStores(config, { database, box, ids }),
    queue: queueOrWake(redis, createWake(database.pool, { logger, hasQueue: redis !== null })),
    guard: createDestinationGuard({
      policy: createAddressPolicy({ allowNetworks: config.allowNetworks }),
      allowHttp: config.allowHttp,
      // Names of a private network are of use only where one is open.
      allowPrivateNames: config.allowNetworks.length > 0,
    }),
    schemas,
    rates: limiter,
    ids,
    sealingKeyId: config.sealingKeys[0].id,
    limits: { webhooksPerOrg: config.webhooksPerOrg, webhooksPerHost: config.webhooksPerHost },
    allowInsecureTls: config.allowInsecureTls,
    clock: Date.now,
    onFault: (error) => logger.warn({ err: error }, 'api.fault'),
    readiness,
  };
}

function openStores(
  { enqueuedMs }: ApiConfig,
  { database, box, ids }: { database: Database; box: ReturnType<typeof createSecretBox>; ids: ApiPorts['ids'] },
) {
  return {
    orgs: createOrgStore(database),
    keys: createKeyStore(database),
    webhooks: createWebhookStore(database, box),
    events: createEventStore(database.pool, { idempotencyMs: IDEMPOTENCY_MS, enqueuedMs }),
    subscriptions: createSubscriptions(database.pool),
    history: createHistoryStore(database),
    stream: createEventStream(database.pool),
    eventTypes: createEventTypeStore(database),
    diverted: createDivertedStore(database),
    audit: createAuditLog(database),
    stats: createStatsStore(database.pool),
    redeliveries: createRedeliveryStore(database),
    operations: createOperationStore(database, ids, box),
    operator: createOperatorStore(database),
    pauses: createPauseStore(database),
    // The API claims nothing and suspends nothing: it only forgets what the queue did not take.
    due: createDueStore(database, { ids, box, claimGraceMs: 0, enqueuedMs, onSuspended: nothing, onUnopened: nothing }),
  };
}

function nothing(): void {}

function openJudge(database: Database, logger: Logger): ClosableSchemaJudge {
  const { schema: load } = createEventTypeStore(database);
  return createSchemaJudge({ load, onFault: (error) => logger.warn({ err: error }, 'schemas.fault') });
}
