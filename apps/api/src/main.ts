import { ALL_NAMES, createLogger, runMain, runServices } from '@hooklane/runtime';
import { composeApi } from './compose.ts';
import { apiConfig } from './config.ts';

/** Above what the slowest request takes: one that arrived slowly and then waited for an attempt ends early on a stop. */
const STOP_TIMEOUT_MS = 35_000;

await runMain('api', async () => {
  const config = apiConfig.read(process.env, ALL_NAMES);
  const logger = createLogger({ name: 'api', level: config.logLevel });
  const api = composeApi(config, logger);
  const ready = {
    name: 'ready',
    start: async () => logger.info({ url: api.url, health_port: api.health.port }, 'api.ready'),
    stop: async () => {},
  };
  await runServices([...api.services, ready], { logger, stopTimeoutMs: STOP_TIMEOUT_MS });
});
