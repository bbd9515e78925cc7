import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@hooklane/standalone';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startProcess } from '../support/process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('npm run demo -- --json', () => {
  it('ends with a JSON object also when it fails: that it did, at which step, and why', async () => {
    const env = { DATABASE_URL: 'postgres://hooklane:secret-password@127.0.0.1:1/nothing' };
    const { code, stdout } = await ended(['apps/standalone/dist/demo/main.js', '--json'], env);
    expect(code).toBe(1);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({
      ok: false,
      failed: expect.stringMatching(/^Hooklane: durable webhook delivery/),
      error: expect.stringContaining('127.0.0.1:1'),
    });
    expect(stdout).not.toContain('secret-password');
  });
});

describe('npm start', () => {
  it('keeps data and keys in the folder that HOOKLANE_DATA_DIR names, and says where health and metrics are', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hooklane-data-'));
    // The user that Postgres runs as where we are root must be able to pass.
    await chmod(folder, 0o755);
    try {
      await using standalone = await startProcess({
        entry: 'apps/standalone',
        env: { HOOKLANE_DATA_DIR: folder, PORT: String(await freePort()), HOME: folder },
        readyLine: /^hooklane ready (\{.*\})$/,
        timeoutMs: 90_000,
      });
      expect((await readdir(folder)).toSorted()).toEqual(['postgres', 'standalone-keys.json']);
      const { health } = JSON.parse(standalone.ready[1] ?? '') as { health: Record<string, string> };
      expect(Object.keys(health)).toEqual(['api', 'worker', 'reaper']);
      for (const [name, url] of Object.entries(health)) {
        expect((await fetch(`${url}/healthz`)).status).toBe(200);
        expect(await (await fetch(`${url}/metrics`)).text()).toContain(`service="${name}"`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe.each([
  ['api', 'HOOKLANE_HEALTH_PORT'],
  ['api', 'PORT'],
  ['worker', 'HOOKLANE_HEALTH_PORT'],
  ['reaper', 'HOOKLANE_HEALTH_PORT'],
])('%s', (name, variable) => {
  it(`says in one sentence that the port of ${variable} is in use`, async () => {
    await using database = await createTestDatabase();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '0';

    const env = { ...OURS, DATABASE_URL: database.url, [variable]: port };
    const { code, stderr } = await ended([`apps/${name}/dist/main.js`], env);

    server.close();
    expect([code, stderr]).toEqual([1, `${name}: port ${port} is in use: set ${variable} to a free one\n`]);
  });
});

const OURS = {
  HOOKLANE_HOST: '127.0.0.1',
  HOOKLANE_HEALTH_PORT: '0',
  PORT: '0',
  HOOKLANE_OPERATOR_KEY: randomBytes(32).toString('hex'),
  HOOKLANE_SEALING_KEYS: `test:${randomBytes(32).toString('base64')}`,
};

async function ended(args: string[], env: Record<string, string>) {
  const options = { cwd: ROOT, env: { PATH: process.env['PATH'], ...env }, timeout: 60_000 };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, args, options)) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}
