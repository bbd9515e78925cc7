import { randomBytes } from 'node:crypto';
import { apiConfig, composeApi } from '@hooklane/api';
import { composeCanary, readCanaryConfig } from '@hooklane/cli';
import { composeReaper, readReaperConfig } from '@hooklane/reaper';
import { ALL_NAMES, createLogger } from '@hooklane/runtime';
import { composeWorker, readWorkerConfig } from '@hooklane/worker';
import type { KnownMetric } from './metrics-text.ts';

/** Of processes that are composed as in production, and not started. */
export function knownMetrics(): KnownMetric[] {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const env = {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
    REDIS_URL: 'redis://127.0.0.1:1',
    HOOKLANE_OPERATOR_KEY: randomBytes(32).toString('hex'),
    HOOKLANE_SEALING_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    HOOKLANE_API_KEY: 'hk_nobody',
    HOOKLANE_CANARY_URL: 'https://canary.example.com/',
  };
  const processes = {
    api: composeApi(apiConfig.read(env, ALL_NAMES), logger),
    worker: composeWorker(readWorkerConfig(env), logger),
    reaper: composeReaper(readReaperConfig(env), logger),
    canary: composeCanary(readCanaryConfig(env), logger),
  };
  return Object.entries(processes).flatMap(([process, { metrics }]) =>
    metrics.describe().map((metric) => ({ ...metric, process })),
  );
}
