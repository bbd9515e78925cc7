import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { administer, databaseUrl } from '../support/database-server.ts';
import { startRedis } from '../support/redis-server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OURS = {
  HOOKLANE_HOST: '127.0.0.1',
  HOOKLANE_HEALTH_PORT: '0',
  PORT: '0',
  HOOKLANE_OPERATOR_KEY: randomBytes(32).toString('hex'),
  HOOKLANE_SEALING_KEYS: `test:${randomBytes(32).toString('base64')}`,
};

describe.each(['api', 'worker', 'reaper', 'doctor'])('%s', (name) => {
  it('refuses a Postgres that forgets what it committed, and one that was not migrated, in one message', async () => {
    await using database = await createTestDatabase();
    const dbName = new URL(database.url).pathname.slice(1);
    await administer(inject('postgresUrl'), `ALTER DATABASE ${dbName} SET synchronous_commit = off`);
    const pool = new Pool({ connectionString: database.url, max: 1 });
    await pool.query('DELETE FROM drizzle.__drizzle_migrations');
    await pool.end();

    const { code, output } = await run(name, { DATABASE_URL: database.url });

    expect(code).toBe(1);
    expect(output).toContain('synchronous_commit is off: a crash of Postgres loses acknowledged events');
    expect(output).toMatch(/(a migration is|\d+ migrations are) pending: npm run migrate/);
  });
});

describe.each(['api', 'worker', 'reaper', 'migrate'])('%s', (name) => {
  it('ends at once with one line where Postgres does not let it in, which names the setting and not the password', async () => {
    await using database = await createTestDatabase();
    const url = new URL(database.url);
    url.password = 'secret-password';

    const { code, output } = await run(name, { DATABASE_URL: url.href });

    const why = `password authentication failed for user "${url.username}"`;
    expect([code, output]).toEqual([1, `${name}: DATABASE_URL: Postgres does not let us in: ${why}\n`]);
  });
});

describe.each(['api', 'worker', 'doctor'])('%s', (name) => {
  it('refuses a Redis that may throw jobs away', async () => {
    await using database = await createTestDatabase();
    const redis = await startRedis();
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    client.disconnect();

    const { code, output } = await run(name, { DATABASE_URL: database.url, REDIS_URL: redis.url });

    await redis.stop();
    expect(code).toBe(1);
    expect(output).toContain('set it to noeviction');
  });
});

describe('doctor', () => {
  it('finds nothing wrong where nothing is, and warns of a Redis without AOF', async () => {
    await using database = await createTestDatabase();
    const redis = await startRedis({ appendonly: false });

    const { code, output } = await run('doctor', { DATABASE_URL: database.url, REDIS_URL: redis.url });

    await redis.stop();
    expect(code).toBe(0);
    expect(output).toMatch(/Postgres +ok/);
    expect(output).toMatch(/Redis +! +Redis has appendonly off/);
  });

  it('tells which sealing keys are still needed, and shows none', async () => {
    await using database = await createTestDatabase();
    const [first, second] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    const keys = `new:${first},old:${second}`;
    const { code, output } = await run('doctor', { DATABASE_URL: database.url, HOOKLANE_SEALING_KEYS: keys });
    expect(code).toBe(0);
    expect(output).toMatch(/Sealing +! +nothing is sealed with key "old" any more/);
    expect(output).not.toContain(first);
  });

  it('says what it cannot reach, without the password', async () => {
    const url = databaseUrl('postgres://hooklane:secret-password@127.0.0.1:1/', 'nothing');
    const { code, output } = await run('doctor', { DATABASE_URL: url });
    expect(code).toBe(1);
    expect(output).toMatch(/Postgres +x +DATABASE_URL: Postgres cannot be reached/);
    expect(output).not.toContain('secret-password');
  });
});

describe('a wrong configuration', () => {
  it.each(['api', 'worker', 'reaper'])('of the %s is told whole, and ends it with code 1', async (name) => {
    const { code, output } = await run(name, {
      DATABASE_URL: 'mysql://nowhere',
      HOOKLANE_LOG_LEVEL: 'loud',
      HOOKLANE_WROKER_SLOTS: '3',
    });
    expect(code).toBe(1);
    expect(output).toContain('DATABASE_URL');
    expect(output).toContain('HOOKLANE_LOG_LEVEL');
    expect(output).toContain('HOOKLANE_WROKER_SLOTS');
  });
});

const ENTRIES: Readonly<Record<string, string[]>> = {
  doctor: ['apps/cli/bin/hooklane.mjs', 'doctor'],
  migrate: ['apps/api/dist/migrate.js'],
};

async function run(name: string, env: Record<string, string>): Promise<{ code: number; output: string }> {
  const entry = ENTRIES[name] ?? [`apps/${name}/dist/main.js`];
  const options = { cwd: ROOT, env: { PATH: process.env['PATH'], ...OURS, ...env }, timeout: 60_000 };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, entry, options);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}
