import { describe, expect, it } from 'vitest';
import { ConfigError, defineConfig } from './config.ts';
import {
  ALL_NAMES,
  databaseSettings,
  logSettings,
  networkSettings,
  queueSettings,
  sealingSettings,
} from './settings.ts';

const config = defineConfig({
  ...databaseSettings,
  ...queueSettings,
  ...sealingSettings,
  ...networkSettings,
  ...logSettings,
});
const KEY_A = Buffer.alloc(32, 1).toString('base64');
const KEY_B = Buffer.alloc(32, 2).toString('base64');
const MINIMAL = { DATABASE_URL: 'postgres://localhost/h', HOOKLANE_SEALING_KEYS: `a:${KEY_A}` };

describe('the shared settings', () => {
  it('need a database and sealing keys, nothing else', () => {
    expect(config.read(MINIMAL)).toEqual({
      databaseUrl: 'postgres://localhost/h',
      pgPool: 10,
      redisUrl: undefined,
      queueShards: 1,
      queuePrefix: 'hooklane',
      queueHighWater: 10_000,
      enqueuedMs: 10_000,
      sealingKeys: [{ id: 'a', key: Buffer.alloc(32, 1) }],
      allowNetworks: [],
      allowHttp: false,
      allowInsecureTls: false,
      logLevel: 'info',
    });
    expect(problemsOf({})).toHaveLength(2);
  });

  it('list all their HOOKLANE_ names in ALL_NAMES', () => {
    const names = config.describe().map((setting) => setting.env);
    expect(ALL_NAMES).toEqual(expect.arrayContaining(names.filter((name) => name.startsWith('HOOKLANE_'))));
  });

  it('take several sealing keys in their order', () => {
    const { sealingKeys } = config.read({ ...MINIMAL, HOOKLANE_SEALING_KEYS: `b-2:${KEY_B}, a:${KEY_A}` });
    expect(sealingKeys.map(({ id, key }) => [id, key[0]])).toEqual([
      ['b-2', 2],
      ['a', 1],
    ]);
  });

  it.each([
    ['too short a key', `a:${Buffer.alloc(31).toString('base64')}`],
    ['no id', KEY_A],
    ['an id twice', `a:${KEY_A},a:${KEY_B}`],
    ['an empty item', `a:${KEY_A},`],
    ['what is not base64', `a:${KEY_A.slice(0, -2)}!=`],
    ['an id with a colon', `a:b:${KEY_A}`],
  ])('refuse %s among the sealing keys without quoting it', (_, text) => {
    const problems = problemsOf({ ...MINIMAL, HOOKLANE_SEALING_KEYS: text });
    expect(problems).toEqual([expect.stringContaining('HOOKLANE_SEALING_KEYS: expected id:base64 of 32 bytes')]);
    expect(problems.join()).not.toContain(KEY_A.slice(0, 8));
  });

  it('take networks of both kinds and single addresses', () => {
    const { allowNetworks } = config.read({ ...MINIMAL, HOOKLANE_ALLOW_NETWORKS: '10.0.0.0/8, fd00::/8,127.0.0.1' });
    expect(allowNetworks).toEqual(['10.0.0.0/8', 'fd00::/8', '127.0.0.1']);
  });

  it.each(['10.0.0.0/33', 'localhost', '10.0.0.0/8/8', '10.0.0.0/', 'fe80::1%eth0'])(
    'refuse %s as a network',
    (text) => {
      expect(problemsOf({ ...MINIMAL, HOOKLANE_ALLOW_NETWORKS: text })).toHaveLength(1);
    },
  );
});

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    config.read(env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)];
  }
}
