import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { expect, inject, it } from 'vitest';
import { hooklane } from '../support/command-line.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { administer } from '../support/database-server.ts';
import { openHouse } from '../support/house.ts';
import { startRedis } from '../support/redis-server.ts';

const OURS = {
  HOOKLANE_HOST: '127.0.0.1',
  HOOKLANE_HEALTH_PORT: '0',
  PORT: '0',
  HOOKLANE_OPERATOR_KEY: randomBytes(32).toString('hex'),
  HOOKLANE_SEALING_KEYS: `test:${randomBytes(32).toString('base64')}`,
};
const SHIFTED = fileURLToPath(new URL('../chaos/shifted-clock.mjs', import.meta.url));

interface Planted {
  env: Record<string, string>;
  undo?: () => Promise<unknown>;
}

interface Misconfiguration {
  name: string;
  plant: (database: TestDatabase) => Promise<Planted>;
  level: 'problem' | 'warning';
  found: RegExp;
  cure: RegExp;
}

const MISCONFIGURATIONS: readonly Misconfiguration[] = [
  {
    name: 'a database that confirms before it has written',
    plant: async (database) => {
      const { pathname } = new URL(database.url);
      await administer(inject('postgresUrl'), `ALTER DATABASE ${pathname.slice(1)} SET synchronous_commit = off`);
      return { env: {} };
    },
    level: 'problem',
    found: /^synchronous_commit is off/,
    cure: /synchronous_commit = on/,
  },
  {
    name: 'migrations that were not run',
    plant: (database) => sql(database, 'DELETE FROM drizzle.__drizzle_migrations'),
    level: 'problem',
    found: /pending: npm run migrate/,
    cure: /^npm run migrate/,
  },
  {
    name: 'too few connections for all processes',
    plant: async (database) => {
      const { pathname } = new URL(database.url);
      await administer(inject('postgresUrl'), `ALTER DATABASE ${pathname.slice(1)} CONNECTION LIMIT 12`);
      return { env: {} };
    },
    level: 'problem',
    found: /admits 12 connections of ours; one api, one worker, one reaper may want 31/,
    cure: /max_connections.*HOOKLANE_PG_POOL/,
  },
  {
    name: 'a clock that is a minute ahead',
    plant: async () => ({ env: { NODE_OPTIONS: `--import=${SHIFTED}`, CHAOS_CLOCK_SHIFT_MS: '60000' } }),
    level: 'problem',
    found: /our clock is (60|61) s ahead of that of Postgres/,
    cure: /time server/,
  },
  {
    name: 'a Redis that may throw jobs away',
    plant: () => redisWith((client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru')),
    level: 'problem',
    found: /maxmemory-policy allkeys-lru/,
    cure: /CONFIG SET maxmemory-policy noeviction/,
  },
  {
    name: 'a Redis that forgets all when it is restarted',
    plant: () => redisWith((client) => client.config('SET', 'appendonly', 'no')),
    level: 'warning',
    found: /appendonly off/,
    cure: /CONFIG SET appendonly yes/,
  },
  {
    name: 'a Redis that nobody started',
    plant: async () => ({ env: { REDIS_URL: 'redis://127.0.0.1:1' } }),
    level: 'problem',
    found: /^Redis cannot be reached/,
    cure: /start Redis, correct REDIS_URL/,
  },
  {
    name: 'a Postgres that nobody started',
    plant: async () => ({ env: { DATABASE_URL: 'postgres://hooklane:secret-password@127.0.0.1:1/nothing' } }),
    level: 'problem',
    found: /^DATABASE_URL: Postgres cannot be reached: connect ECONNREFUSED/,
    cure: /^start Postgres/,
  },
  {
    name: 'a password that Postgres does not know',
    plant: async ({ url }) => {
      const wrong = new URL(url);
      wrong.password = 'secret-password';
      return { env: { DATABASE_URL: wrong.href } };
    },
    level: 'problem',
    found: /^DATABASE_URL: Postgres does not let us in: password authentication failed/,
    cure: /^correct user, password or database in DATABASE_URL/,
  },
  {
    name: 'a log level that there is not',
    plant: async () => ({ env: { HOOKLANE_LOG_LEVEL: 'loud' } }),
    level: 'problem',
    found: /^HOOKLANE_LOG_LEVEL: .*"loud"/,
    cure: /correct the variable/,
  },
  {
    name: 'a variable that is misspelt',
    plant: async () => ({ env: { HOOKLANE_WROKER_SLOTS: '3' } }),
    level: 'problem',
    found: /HOOKLANE_WROKER_SLOTS is not a known variable; did you mean HOOKLANE_WORKER_SLOTS/,
    cure: /correct its name/,
  },
  {
    name: 'a file of certificates that is not there',
    plant: async () => ({ env: { HOOKLANE_CA_FILE: '/nowhere/ca.pem' } }),
    level: 'problem',
    found: /^HOOKLANE_CA_FILE: .*cannot be read/,
    cure: /can read/,
  },
  {
    name: 'a port that somebody has',
    plant: async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = String(typeof address === 'object' ? address?.port : 0);
      return { env: { HOOKLANE_HEALTH_PORT: port }, undo: async () => server.close() };
    },
    level: 'warning',
    found: /^port \d+ \(HOOKLANE_HEALTH_PORT\) is in use/,
    cure: /choose another HOOKLANE_HEALTH_PORT/,
  },
  {
    name: 'an egress proxy that nobody started',
    plant: async () => ({ env: { HOOKLANE_EGRESS_PROXY: 'http://user:secret-password@127.0.0.1:1' } }),
    level: 'problem',
    found: /the proxy at 127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\)/,
    cure: /HOOKLANE_EGRESS_PROXY/,
  },
  {
    name: 'private networks that are open to webhooks',
    plant: async () => ({ env: { HOOKLANE_ALLOW_NETWORKS: '10.0.0.0/8' } }),
    level: 'warning',
    found: /private networks/,
    cure: /leave HOOKLANE_ALLOW_NETWORKS out/,
  },
];

it.each(MISCONFIGURATIONS)('the doctor finds $name, and nothing else, and names the cure', async (planted) => {
  await using database = await createTestDatabase();
  const { env, undo } = await planted.plant(database);
  try {
    const { code, stdout } = await doctor({ DATABASE_URL: database.url, ...env });
    const [report = ''] = stdout.split('\n');
    const { ok, findings } = JSON.parse(report) as { ok: boolean; findings: Record<string, string>[] };
    const bad = findings.filter(({ level }) => level !== 'fine');
    expect(bad).toEqual([
      {
        about: expect.any(String),
        level: planted.level,
        found: expect.stringMatching(planted.found),
        cure: expect.stringMatching(planted.cure),
      },
    ]);
    expect([ok, code]).toEqual(planted.level === 'problem' ? [false, 1] : [true, 0]);
    expect(stdout).not.toContain('secret-password');
  } finally {
    await undo?.();
  }
});

it('the doctor finds that a sealing key is another one under the same id, and one that is missing', async () => {
  await using house = await openHouse({ redis: false });
  await house.webhook({ url: 'http://127.0.0.1:9000/' });
  const url = house.env['DATABASE_URL'] ?? '';
  const right = await doctor({ DATABASE_URL: url, HOOKLANE_SEALING_KEYS: house.env['HOOKLANE_SEALING_KEYS'] ?? '' });
  expect([right.code, right.stdout]).toEqual([0, expect.not.stringContaining('Sealing')]);

  const wrong = await doctor({ DATABASE_URL: url });
  expect([wrong.code, wrong.stdout]).toEqual([1, expect.stringContaining('is not the one that sealed')]);
  expect(wrong.stdout).toContain('a new key needs an id of its own');

  const lost = await doctor({
    DATABASE_URL: url,
    HOOKLANE_SEALING_KEYS: `other:${randomBytes(32).toString('base64')}`,
  });
  expect(lost.stdout).toContain('put the key back into HOOKLANE_SEALING_KEYS');
});

it('the doctor finds nothing where nothing is wrong, and says so to a person', async () => {
  await using database = await createTestDatabase();
  const { code, stdout } = await hooklane(['doctor'], { ...OURS, DATABASE_URL: database.url });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Settings {2}ok {2}as it should be\nPostgres {2}ok/)]);
});

function doctor(env: Record<string, string>) {
  return hooklane(['doctor', '--json'], { ...OURS, ...env });
}

async function sql({ url }: TestDatabase, statement: string): Promise<Planted> {
  const pool = new Pool({ connectionString: url, max: 1 });
  await pool.query(statement);
  await pool.end();
  return { env: {} };
}

async function redisWith(change: (client: Redis) => Promise<unknown>): Promise<Planted> {
  const redis = await startRedis();
  const client = new Redis(redis.url);
  await change(client);
  client.disconnect();
  return { env: { REDIS_URL: redis.url }, undo: () => redis.stop() };
}
