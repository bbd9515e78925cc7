import type { Env } from '@hooklane/runtime';
import { ConfigError, createLogger, runServices } from '@hooklane/runtime';
import { CliError, EXIT } from '../exit-codes.ts';
import { composeCanary } from './compose.ts';
import { readCanaryConfig } from './config.ts';

/** A call under way is broken off; nothing else takes time. */
const STOP_TIMEOUT_MS = 10_000;

/** Beats until a signal ends it. */
export async function runCanary(env: Env): Promise<void> {
  try {
    await run(env);
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(EXIT.usage, error.problems.join('\n  '));
    throw error;
  }
}

async function run(env: Env): Promise<void> {
  const config = readCanaryConfig(env);
  const logger = createLogger({ name: 'canary', level: config.logLevel });
  const { services, health, receiver } = composeCanary(config, logger);
  services.push({
    name: 'ready',
    start: async () => logger.info({ port: receiver.port, health_port: health.port }, 'canary.ready'),
    stop: async () => {},
  });
  await runServices(services, { logger, stopTimeoutMs: STOP_TIMEOUT_MS });
}
