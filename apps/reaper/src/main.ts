import { createLogger, runMain, runServices } from '@hooklane/runtime';
import { composeReaper } from './compose.ts';
import { readReaperConfig } from './config.ts';

/** A step of the reaper is short; what it has not done is done by the next pass. */
const STOP_TIMEOUT_MS = 10_000;

await runMain('reaper', async () => {
  const config = readReaperConfig(process.env);
  const logger = createLogger({ name: 'reaper', level: config.logLevel });
  const { services, health } = composeReaper(config, logger);
  services.push({
    name: 'ready',
    start: async () => logger.info({ health_port: health.port }, 'reaper.ready'),
    stop: async () => {},
  });
  await runServices(services, { logger, stopTimeoutMs: STOP_TIMEOUT_MS });
});
