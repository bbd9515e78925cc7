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

  it('looks again while something may yet come, and says once for each reason what it waits for', async () => {
    const seen = ['refused', 'refused', 'starting up'].map((outOfReach) => ({ outOfReach, mayCome: true }));
    const lines: unknown[] = [];
    const check = createBootCheck({
      checks: { postgres: async () => seen.shift() ?? FINE },
      logger: { warn: (fields: unknown) => lines.push(fields) },
    });
    await check.start();
    expect(lines).toEqual(['refused', 'starting up'].map((reason) => ({ check: 'postgres', reason })));
  });

  it('gives up with the reason when its patience is over', async () => {
    const check = createBootCheck({
      checks: { postgres: async () => ({ outOfReach: 'nobody there', mayCome: true }) },
      logger: { warn: () => {} },
      patienceMs: -1,
    });
    await expect(check.start()).rejects.toMatchObject({ problems: ['nobody there'] });
  });

  it('does not wait for what stays wrong until somebody mends it', async () => {
    let looks = 0;
    const check = createBootCheck({
      checks: {
        postgres: async () => {
          looks++;
          return { outOfReach: 'wrong password', mayCome: false };
        },
      },
      logger: { warn: () => {} },
    });
    await expect(check.start()).rejects.toMatchObject({ problems: ['wrong password'] });
    expect(looks).toBe(1);
  });

  it('looks at nothing where there is nothing', async () => {
    const check = createBootCheck({ checks: { redis: null }, logger: { warn: () => {} } });
    await expect(check.start()).resolves.toBeUndefined();
  });
});
