// The API as a test has it: like production, but with crash points, and with the guard left out that BREAK names.
import { apiConfig, composeApi } from '@hooklane/api';
import { ALL_NAMES, createLogger, runMain, runServices } from '@hooklane/runtime';
import { beforeCommit, brokenGuard } from './broken-guards.ts';
import { withCrashPoints } from './crash-points.ts';

await runMain('api', async () => {
  const config = apiConfig.read(process.env, ALL_NAMES);
  const logger = createLogger({ name: 'api', level: config.logLevel });
  const guard = brokenGuard(process.env);
  const api = composeApi(config, logger, (ports) =>
    withCrashPoints('api', guard === 'after-commit' ? { ...ports, events: beforeCommit(ports.events) } : ports),
  );
  const ready = { name: 'ready', start: async () => logger.info({ url: api.url }, 'api.ready'), stop: async () => {} };
  await runServices([...api.services, ready], { logger, stopTimeoutMs: 35_000 });
});
