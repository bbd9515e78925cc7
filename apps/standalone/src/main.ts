import { createLogger, runMain, runServices } from '@hooklane/runtime';
import type { Standalone } from './standalone.ts';
import { startStandalone } from './standalone.ts';

const STOP_TIMEOUT_MS = 50_000;

await runMain('standalone', async () => {
  const logger = createLogger({ name: 'standalone', level: 'warn' });
  let standalone: Standalone | null = null;
  const service = {
    name: 'standalone',
    async start() {
      const env = { PORT: '8080', ...process.env };
      standalone = await startStandalone({ env, persistent: true, tell: (line) => logger.warn(line) });
      const { url, operatorKey, health } = standalone;
      process.stdout.write(`hooklane ready ${JSON.stringify({ url, operatorKey, health })}\n`);
    },
    stop: async () => standalone?.stop(),
  };
  await runServices([service], { logger, stopTimeoutMs: STOP_TIMEOUT_MS });
});
