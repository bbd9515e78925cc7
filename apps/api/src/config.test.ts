import { ALL_NAMES, ConfigError } from '@hooklane/runtime';
import { describe, expect, it } from 'vitest';
import { apiConfig } from './config.ts';

const MINIMAL = {
  DATABASE_URL: 'postgres://localhost/hooklane',
  HOOKLANE_OPERATOR_KEY: 'k'.repeat(32),
  HOOKLANE_SEALING_KEYS: `a:${Buffer.alloc(32, 1).toString('base64')}`,
};

describe('the configuration of the API', () => {
  it('needs a database, an operator key and sealing keys', () => {
    expect(apiConfig.read(MINIMAL)).toMatchObject({
      port: 8080,
      host: '0.0.0.0',
      maxPayloadBytes: 262_144,
      maxDepth: 64,
      webhooksPerOrg: 100,
      webhooksPerHost: 50,
      redisUrl: undefined,
    });
    expect(problemsOf({})).toHaveLength(3);
  });

  it.each(['short', 'k'.repeat(31), `${'k'.repeat(40)} x`, `${'k'.repeat(40)}:x`])(
    'refuses the operator key %j without quoting it',
    (key) => {
      const problems = problemsOf({ ...MINIMAL, HOOKLANE_OPERATOR_KEY: key });
      expect(problems).toHaveLength(1);
      expect(problems[0]).not.toContain(key);
    },
  );

  it('is known to the other processes', () => {
    const names = apiConfig.describe().map((setting) => setting.env);
    expect(ALL_NAMES).toEqual(expect.arrayContaining(names.filter((name) => name.startsWith('HOOKLANE_'))));
  });

  it('knows the variables of the other processes', () => {
    expect(() => apiConfig.read({ ...MINIMAL, HOOKLANE_LANE: '5' }, ALL_NAMES)).not.toThrow();
    expect(problemsOf({ ...MINIMAL, HOOKLANE_MAX_DEPHT: '5' })).toEqual([
      expect.stringContaining('HOOKLANE_MAX_DEPTH'),
    ]);
  });
});

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    apiConfig.read(env, ALL_NAMES);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
}
