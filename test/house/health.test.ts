import { randomBytes } from 'node:crypto';
import { apiConfig, composeApi } from '@hooklane/api';
import { composeCanary, readCanaryConfig } from '@hooklane/cli';
import { composeReaper, readReaperConfig } from '@hooklane/reaper';
import type { HealthServer } from '@hooklane/runtime';
import { ALL_NAMES, createLogger } from '@hooklane/runtime';
import { composeWorker, readWorkerConfig } from '@hooklane/worker';
import { afterEach, describe, expect, it } from 'vitest';

const ENV = {
  // Nobody is there.
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  REDIS_URL: 'redis://127.0.0.1:1',
  HOOKLANE_HOST: '127.0.0.1',
  HOOKLANE_HEALTH_PORT: '0',
  HOOKLANE_OPERATOR_KEY: randomBytes(32).toString('hex'),
  HOOKLANE_SEALING_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  HOOKLANE_URL: 'http://127.0.0.1:1',
  HOOKLANE_API_KEY: 'hk_nobody',
  HOOKLANE_CANARY_URL: 'https://canary.example.com/',
};
const logger = createLogger({ name: 'test', level: 'silent' });

const started: HealthServer[] = [];
afterEach(() => Promise.all(started.splice(0).map((health) => health.stop())));

describe.each([
  ['the API', () => composeApi(apiConfig.read(ENV, ALL_NAMES), logger).health],
  ['a worker', () => composeWorker(readWorkerConfig(ENV), logger).health],
  ['a reaper', () => composeReaper(readReaperConfig(ENV), logger).health],
  ['a canary', () => composeCanary(readCanaryConfig(ENV), logger).health],
])('%s without Postgres and Redis, or what else it needs', (_, compose) => {
  it('is live, not ready, and tells its metrics', async () => {
    const health = compose();
    await health.start();
    started.push(health);
    const url = `http://127.0.0.1:${health.port}`;
    const answers = await Promise.all(['/healthz', '/readyz', '/metrics'].map((path) => fetch(`${url}${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 200]);
    expect(await answers[2]?.text()).toContain('hooklane_build_info');
  });
});
