import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { Env } from './config.ts';
import { ConfigError, defineConfig } from './config.ts';
import { durationMs, integer, list, url } from './env-schemas.ts';
import { InvariantError } from './errors.ts';

const definition = defineConfig({
  databaseUrl: { env: 'DATABASE_URL', schema: url(['postgres']), description: 'Where Postgres is.', secret: true },
  redisUrl: { env: 'REDIS_URL', schema: url(['redis']).optional(), description: 'Where Redis is.', secret: true },
  port: { env: 'PORT', schema: integer({ min: 0, max: 65_535 }), description: 'Port of the API.', default: '3000' },
  deadlineMs: { env: 'HOOKLANE_DEADLINE', schema: durationMs(), description: 'Of one attempt.', default: '15s' },
  networks: { env: 'HOOKLANE_ALLOW_NETWORKS', schema: list().optional(), description: 'Opened networks.' },
  logLevel: { env: 'HOOKLANE_LOG_LEVEL', schema: z.enum(['info', 'debug']), description: 'Log.', default: 'info' },
});

const DATABASE_URL = 'postgres://u:pw@db/x';

describe('read', () => {
  it('takes values from the environment, then from the defaults', () => {
    const config = definition.read({ DATABASE_URL, PORT: '0', HOOKLANE_ALLOW_NETWORKS: '10.0.0.0/8' });
    expect(config).toEqual({
      databaseUrl: DATABASE_URL,
      redisUrl: undefined,
      port: 0,
      deadlineMs: 15_000,
      networks: ['10.0.0.0/8'],
      logLevel: 'info',
    });
  });

  it('infers the type of every setting', () => {
    const config = definition.read({ DATABASE_URL });
    expectTypeOf(config.databaseUrl).toEqualTypeOf<string>();
    expectTypeOf(config.redisUrl).toEqualTypeOf<string | undefined>();
    expectTypeOf(config.port).toEqualTypeOf<number>();
    expectTypeOf(config.logLevel).toEqualTypeOf<'info' | 'debug'>();
  });

  it('freezes what it returns', () => {
    expect(Object.isFrozen(definition.read({ DATABASE_URL }))).toBe(true);
  });

  it('takes an empty variable for an unset one', () => {
    expect(definition.read({ DATABASE_URL, PORT: '', REDIS_URL: '' })).toMatchObject({
      port: 3000,
      redisUrl: undefined,
    });
    expect(problemsOf({ DATABASE_URL: '' })).toEqual(['DATABASE_URL is required: Where Postgres is.']);
  });

  it('reports all problems together, each with the variable, what was expected, and the value', () => {
    expect(problemsOf({ PORT: '99999', HOOKLANE_DEADLINE: '30', HOOKLANE_LOG_LEVEL: 'loud' })).toEqual([
      'DATABASE_URL is required: Where Postgres is.',
      'PORT: expected an integer from 0 to 65535, got "99999"',
      'HOOKLANE_DEADLINE: expected a duration such as 500ms, 15s, 5m, 1h or 3d, got "30"',
      'HOOKLANE_LOG_LEVEL: Invalid option: expected one of "info"|"debug", got "loud"',
    ]);
  });

  it('never quotes a secret', () => {
    expect(problemsOf({ DATABASE_URL: 'mysql://u:pw@db' })).toEqual([
      'DATABASE_URL: expected a URL starting with postgres://, got the value given (secret, not shown)',
    ]);
  });

  it('quotes only the beginning of a long value', () => {
    expect(problemsOf({ DATABASE_URL, PORT: 'x'.repeat(5000) })[0]?.length).toBeLessThan(200);
  });

  it('refuses unknown HOOKLANE_ variables and proposes what is near', () => {
    expect(problemsOf({ DATABASE_URL, HOOKLANE_DEADLIN: '1s', HOOKLANE_COLOUR: 'red', COLOUR: 'red' })).toEqual([
      'HOOKLANE_DEADLIN is not a known variable; did you mean HOOKLANE_DEADLINE?',
      'HOOKLANE_COLOUR is not a known variable',
    ]);
  });

  it('leaves what other processes read, and unknown variables that are empty', () => {
    const env = { DATABASE_URL, HOOKLANE_SLOTS: '5', HOOKLANE_OLD: '' };
    expect(definition.read(env, ['HOOKLANE_SLOTS'])).toMatchObject({ port: 3000 });
    expect(problemsOf({ DATABASE_URL, HOOKLANE_SLOT: '5' }, ['HOOKLANE_SLOTS'])).toEqual([
      'HOOKLANE_SLOT is not a known variable; did you mean HOOKLANE_SLOTS?',
    ]);
  });
});

describe('describe', () => {
  it('lists the table in the order written', () => {
    const [first, second, third] = definition.describe();
    const secret = { default: undefined, secret: true };
    expect(first).toEqual({ env: 'DATABASE_URL', description: 'Where Postgres is.', required: true, ...secret });
    expect(second).toEqual({ env: 'REDIS_URL', description: 'Where Redis is.', required: false, ...secret });
    expect(third).toMatchObject({ env: 'PORT', default: '3000', required: false, secret: false });
  });
});

describe('defineConfig', () => {
  const port = { env: 'PORT', schema: integer(), description: 'Port.' };

  it('refuses a default that does not fit', () => {
    expect(() => defineConfig({ port: { ...port, default: 'x' } })).toThrow(InvariantError);
  });

  it('refuses two settings of one variable', () => {
    expect(() => defineConfig({ port, samePort: port })).toThrow(InvariantError);
  });
});

function problemsOf(env: Env, alsoKnown: string[] = []): readonly string[] {
  try {
    definition.read(env, alsoKnown);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
