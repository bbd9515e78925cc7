// A worker as a test has it: like production, but with crash points, and with the guard left out that BREAK names.
import type { DueStore } from '@hooklane/engine';
import { createLogger, runMain, runServices } from '@hooklane/runtime';
import { composeWorker, readWorkerConfig } from '@hooklane/worker';
import type { Guard } from './broken-guards.ts';
import { brokenGuard, withoutFence, withoutRelay } from './broken-guards.ts';
import { withCrashPoints } from './crash-points.ts';

await runMain('worker', async () => {
  const config = readWorkerConfig(process.env);
  const logger = createLogger({ name: 'worker', level: config.logLevel });
  const guard = brokenGuard(process.env);
  const { services, health } = composeWorker(config, logger, (adapters) =>
    withCrashPoints('worker', { ...adapters, due: without(guard, adapters.due, config.databaseUrl) }),
  );
  services.push({
    name: 'ready',
    start: async () => logger.info({ health_port: health.port }, 'worker.ready'),
    stop: async () => {},
  });
  await runServices(services, { logger, stopTimeoutMs: config.stopTimeoutMs });
});

function without(guard: Guard | null, due: DueStore, databaseUrl: string): DueStore {
  if (guard === 'fence') return withoutFence(due, databaseUrl);
  return guard === 'relay' ? withoutRelay(due) : due;
}
