import { describe, expect, it } from 'vitest';
import { createBootCheck } from './boot-check.ts';
import { ConfigError } from './config.ts';

const FINE = { problems: [], warnings: [] };

describe('a boot check', () => {
  it('lets start what has no problem, and passes warnings on', async () => {
    const lines: unknown[] = [];
    const check = createBootCheck({
      checks: { redis: async () => ({ problems: [], warnings: ['appendonly is off'] }), postgres: async () => FINE },
      logger: { warn: (fields: unknown) => lines.push(fields) },
    });
    await check.start();
    expect(lines).toEqual([{ warning: 'appendonly is off' }]);
  });

  it('refuses with the problems of all checks together', async () => {
    const check = createBootCheck({
      checks: {
        postgres: async () => ({ problems: ['fsync is off', 'migrations are pending'], warnings: [] }),
        redis: async () => ({ problems: ['evicts'], warnings: [] }),
      },
      logger: { warn: () => {} },
    });
    const refused = await check.start().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused).toMatchObject({ problems: ['fsync is off', 'migrations are pending', 'evicts'] });
  });

  it('looks again while something is out of reach', async () => {
    let looks = 0;
    const check = createBootCheck({
      checks: {
        postgres: async () => {
          looks++;
          if (looks === 1) throw new RangeError('not yet');
          return FINE;
        },
      },
      logger: { warn: () => {} },
    });
    await check.start();
    expect(looks).toBe(2);
  });

  it('gives up with the reason when its patience is over', async () => {
    const check = createBootCheck({
      checks: { postgres: () => Promise.reject(new RangeError('nobody there')) },
      logger: { warn: () => {} },
      patienceMs: 0,
    });
    await expect(check.start()).rejects.toThrow('nobody there');
  });
});
