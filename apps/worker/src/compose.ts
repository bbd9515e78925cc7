import { Intake, relayDue, StatsCounter } from '@hooklane/engine';
import { createWakeListener, createWorkerCount } from '@hooklane/postgres';
import { createRedisConsumer } from '@hooklane/queue';
import type { HealthServer, Logger, Metrics, Service } from '@hooklane/runtime';
import { createHealthServer, createLoop, createMetrics } from '@hooklane/runtime';
import type { Adapters } from './adapters.ts';
import { openAdapters } from './adapters.ts';
import { admission, limitsOf } from './admission.ts';
import { workBeside } from './beside.ts';
import type { WorkerConfig } from './config.ts';
import { createWorkerLog, tellBoth } from './events-log.ts';
import { Movement } from './movement.ts';
import { workerReadiness } from './readiness.ts';
import { countWork, measureSlots } from './worker-metrics.ts';

/** Delivery goes on within seconds of Postgres coming back. */
const RELAY_BACKOFF_MS = 2_000;

/** Tests put crash points and broken guards between the use cases and the world; production leaves it as it is. */
export type Decorate = (adapters: Adapters) => Adapters;

/** Wires a worker: due work → a slot → one attempt → its record. Services start in this order and stop in reverse. */
export function composeWorker(
  config: WorkerConfig,
  logger: Logger,
  decorate: Decorate = (adapters) => adapters,
): { services: Service[]; health: HealthServer; metrics: Metrics } {
  const metrics = createMetrics({ service: 'worker' });
  const log = tellBoth(createWorkerLog(logger), countWork(metrics));
  const adapters = decorate(openAdapters(config, { logger, log, metrics }));
  const { database, due, redis, queue } = adapters;

  const counter = new StatsCounter();
  const movement = new Movement({ ...config, clock: () => performance.now() });
  const workers = createWorkerCount(database.pool);
  const intake = new Intake(
    {
      ...adapters,
      random: Math.random,
      observe(attempted) {
        movement.attemptEnded();
        log.attempted(attempted);
        counter.count(attempted);
      },
      onFault: log.fault,
    },
    limitsOf(config, workers),
  );
  measureSlots(metrics, { inFlight: () => intake.inFlight, total: config.slots });
  const relay = createLoop({
    name: 'relay',
    intervalMs: config.relayIntervalMs,
    logger,
    backoffCapMs: RELAY_BACKOFF_MS,
    run: async () => movement.relayTurned(await relayDue({ due, queue, epoch: redis, intake })),
  });
  // What is due then is taken from Postgres: at once, and not at the relay's next turn.
  redis?.onAway(() => relay.wake());
  const beside = workBeside(adapters, { counter, log, logger, metrics });
  const wakeListener = createWakeListener({ url: config.databaseUrl, logger, onWake: () => relay.wake() });
  const health = createHealthServer({
    host: config.host,
    port: config.healthPort,
    metrics,
    ready: () => workerReadiness({ database, redis, movement, inFlight: () => intake.inFlight }),
  });

  const attempts = attemptsService(intake, consumerOf(adapters, { config, logger, intake }));
  const { traces, connections, bootCheck } = adapters;
  const { statistics, operations, alerts, certificates, redisFigures } = beside;
  const admitting = admission({ intake, workers, watch: adapters.watch }, logger);
  const delivering = [traces, connections, bootCheck, redis, statistics, attempts, wakeListener, relay, ...admitting];
  const services = [...delivering, operations, alerts, certificates, redisFigures, health];
  return { services: services.filter((service) => service !== null), health, metrics };
}

function consumerOf({ redis }: Adapters, to: { config: WorkerConfig; logger: Logger; intake: Intake }): Service | null {
  if (redis === null || to.config.redisUrl === undefined) return null;
  return createRedisConsumer({
    url: to.config.redisUrl,
    shards: to.config.queueShards,
    prefix: to.config.queuePrefix,
    concurrency: to.config.slots,
    logger: to.logger,
    receive: (ref) => to.intake.receive(ref),
  });
}

/** Both stop at once: jobs that still arrive are handed back while the attempts under way end. */
function attemptsService(intake: Intake, consumer: Service | null): Service {
  return {
    name: 'attempts',
    start: async () => consumer?.start(),
    stop: async () => {
      await Promise.all([intake.stop(), consumer?.stop()]);
    },
  };
}
