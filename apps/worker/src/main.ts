import { createLogger, runMain, runServices } from '@hooklane/runtime';
import { composeWorker } from './compose.ts';
import { readWorkerConfig } from './config.ts';

await runMain('worker', async () => {
  const config = readWorkerConfig(process.env);
  const logger = createLogger({ name: 'worker', level: config.logLevel });
  const { services, health } = composeWorker(config, logger);
  services.push({
    name: 'ready',
    start: async () => logger.info({ health_port: health.port }, 'worker.ready'),
    stop: async () => {},
  });
  await runServices(services, { logger, stopTimeoutMs: config.stopTimeoutMs });
});
