// A reaper as a test has it: like production, but with crash points.
import type { PruneStore } from '@hooklane/engine';
import { composeReaper, readReaperConfig } from '@hooklane/reaper';
import { createLogger, runMain, runServices } from '@hooklane/runtime';
import { withCrashPoints } from './crash-points.ts';

await runMain('reaper', async () => {
  const config = readReaperConfig(process.env);
  const logger = createLogger({ name: 'reaper', level: config.logLevel });
  const decorate = (store: PruneStore) => withCrashPoints('reaper', { store }).store;
  const { services, health } = composeReaper(config, logger, decorate);
  services.push({
    name: 'ready',
    start: async () => logger.info({ health_port: health.port }, 'reaper.ready'),
    stop: async () => {},
  });
  await runServices(services, { logger, stopTimeoutMs: 10_000 });
});
