import type { DueQueue } from '@hooklane/engine';
import { describe, expect, it } from 'vitest';
import type { ReadinessOf } from './readiness.ts';
import { workerReadiness } from './readiness.ts';

describe('a worker', () => {
  it('is ready when Postgres answers and work moves', async () => {
    expect(await readiness({})).toEqual({
      ready: true,
      checks: { postgres: 'ok', relay: 'ok', slots: 'ok', redis: 'ok' },
    });
  });

  it('is ready, and degraded, without its Redis', async () => {
    expect(await readiness({ redis: 'away' })).toMatchObject({ ready: true, checks: { redis: 'degraded' } });
  });

  it('is not ready without Postgres', async () => {
    const { ready, checks } = await readiness({ query: () => Promise.reject(new RangeError('away')) });
    expect({ ready, postgres: checks['postgres'] }).toEqual({ ready: false, postgres: 'failed' });
  });

  it('is not ready while Postgres hangs, and says so within the time of a probe', async () => {
    const { ready, checks } = await readiness({ query: () => new Promise(() => {}) });
    expect({ ready, postgres: checks['postgres'] }).toEqual({ ready: false, postgres: 'failed' });
  });

  it.each(['relay', 'slots'] as const)('is not ready while its %s stand still', async (part) => {
    expect(await readiness({ still: part })).toMatchObject({ ready: false, checks: { [part]: 'failed' } });
  });
});

interface Situation {
  redis?: DueQueue['state'];
  query?: () => Promise<unknown>;
  still?: 'relay' | 'slots';
}

function readiness({ redis = 'accepting', query = async () => ({}), still }: Situation) {
  const checks = () => ({ relay: 'ok', slots: 'ok', ...(still && { [still]: 'failed' }) }) as const;
  // Of the pool nothing but this is asked.
  const database = { pool: { query } } as unknown as ReadinessOf['database'];
  return workerReadiness({ database, redis: { state: redis }, movement: { checks }, inFlight: () => 0 });
}
