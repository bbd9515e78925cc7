import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startChild } from '../../../test/support/child.ts';
import { until } from '../../../test/support/until.ts';
import { isAlive } from './private-postgres/process-table.ts';
import type { PrivatePostgres, PrivatePostgresOptions } from './private-postgres.ts';
import { startPrivatePostgres } from './private-postgres.ts';

let folder = '';
let dataDir = '';
const started: PrivatePostgres[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hooklane-test-'));
  // The user that Postgres runs as where we are root must be able to pass.
  await chmod(folder, 0o755);
  dataDir = join(folder, 'data');
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

describe('private Postgres', () => {
  test('keeps what was committed when it is killed and started again on the same folder', async () => {
    const first = await start({ dataDir });
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.kill();

    const second = await start({ dataDir, port: first.port });

    expect(second.pid).not.toBe(first.pid);
    expect(second.url).toBe(first.url);
    expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('flushes to disk before it confirms, and listens on the loopback address only', async () => {
    const server = await start({ dataDir });

    expect(
      await query(
        server,
        `SELECT name, setting FROM pg_settings WHERE name IN
         ('fsync', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories', 'lc_messages') ORDER BY name`,
      ),
    ).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'lc_messages', setting: 'C' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'synchronous_commit', setting: 'on' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
  });

  test('admits nobody without the password', async () => {
    const server = await start({ dataDir });
    const url = new URL(server.url);
    url.password = 'guessed';

    await expect(query({ url: url.href }, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  test('ends the server of an owner that was killed, and goes on with its data', async () => {
    const owner = startOwner({ dataDir });
    const [, orphanPid, url = ''] = await owner.waitForLine(/^pid (\d+) url (\S+)$/, 30_000);
    await query({ url }, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await owner.kill('SIGKILL');
    expect(isAlive(Number(orphanPid))).toBe(true);

    const server = await start({ dataDir });

    expect(server.pid).not.toBe(Number(orphanPid));
    expect(await query(server, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  test('refuses a folder whose server belongs to a living process, and leaves that alone', async () => {
    const server = await start({ dataDir });

    await expect(start({ dataDir })).rejects.toThrow(`in use by process ${process.pid}`);

    expect(await query(server, 'SELECT 42 AS answer')).toEqual([{ answer: 42 }]);
  });

  test('refuses a folder that holds something else, and leaves it as it was', async () => {
    await expect(start({ dataDir: fileURLToPath(new URL('.', import.meta.url)) })).rejects.toThrow(
      'not empty and not ours',
    );
  });

  test('removes a temporary folder when it is stopped, and one that a killed process left when it starts', async () => {
    const owner = startOwner({});
    const [, orphanPid, , orphanDir = ''] = await owner.waitForLine(/^pid (\d+) url (\S+) dataDir (.+)$/, 30_000);
    await owner.kill('SIGKILL');

    const server = await start({});
    await until(() => !isAlive(Number(orphanPid)), { what: 'the end of the orphan' });
    await expect(stat(dirname(orphanDir))).rejects.toThrow('ENOENT');

    await server.stop();
    await expect(stat(dirname(server.dataDir))).rejects.toThrow('ENOENT');
  });
});

async function start(options: PrivatePostgresOptions): Promise<PrivatePostgres> {
  const server = await startPrivatePostgres(options);
  started.push(server);
  return server;
}

async function query({ url }: { url: string }, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Another process that starts a server and then waits to be killed. */
function startOwner(options: PrivatePostgresOptions) {
  const module = JSON.stringify(new URL('./private-postgres.ts', import.meta.url).href);
  const script = `
    import { startPrivatePostgres } from ${module};
    const { pid, url, dataDir } = await startPrivatePostgres(${JSON.stringify(options)});
    console.log('pid ' + pid + ' url ' + url);
    console.log('pid ' + pid + ' url ' + url + ' dataDir ' + dataDir);`;
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  return startChild({ command: process.execPath, args: ['--import', 'tsx', '--input-type=module', '-e', script], cwd });
}
