import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProcess } from '../support/process.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

describe('until', () => {
  test('returns the first answer that is truthy', async () => {
    let asked = 0;
    expect(await until(() => ++asked > 2 && asked, { what: 'the third' })).toBe(3);
  });

  test('names what it waited for when time is out', async () => {
    await expect(until(() => false, { timeoutMs: 20, what: 'Godot' })).rejects.toThrow('waiting for Godot');
  });
});

describe('a receiver', () => {
  test('records method, path, headers and the bytes of each request', async () => {
    await using receiver = await startReceiver();
    const body = Buffer.from([0, 255, 10]);
    await fetch(`${receiver.url}/in?a=1`, { method: 'POST', headers: { 'Webhook-Id': 'evt_1' }, body });

    const [request] = await receiver.waitFor(1);

    expect(request).toMatchObject({ method: 'POST', path: '/in?a=1', body });
    expect(request?.headers['webhook-id']).toBe('evt_1');
  });

  test('answers as its behaviour says, request by request, until it is given another', async () => {
    await using receiver = await startReceiver((_, index) => ({ status: index === 0 ? 503 : 410, body: 'no' }));
    const post = () => fetch(receiver.url, { method: 'POST' });

    const first = await post();
    const second = await post();
    receiver.answer(() => ({ status: 204, headers: { 'x-new': 'yes' } }));
    const third = await post();

    expect([first.status, await first.text(), second.status, third.status]).toEqual([503, 'no', 410, 204]);
    expect(third.headers.get('x-new')).toBe('yes');
  });

  test('hangs or breaks the connection when told to, and can be disposed meanwhile', async () => {
    const receiver = await startReceiver((_, index) => (index === 0 ? { hang: true } : { reset: true }));
    const hanging = fetch(receiver.url).catch((error: Error) => error.message);
    await receiver.waitFor(1);

    await expect(fetch(receiver.url)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    await receiver[Symbol.asyncDispose]();

    expect(await hanging).toBe('fetch failed');
  });

  test('finds the requests that satisfy a predicate', async () => {
    await using receiver = await startReceiver();
    await Promise.all(['/a', '/b', '/a'].map((path) => fetch(`${receiver.url}${path}`)));

    expect(await receiver.waitFor(({ path }) => path === '/a')).toHaveLength(2);
    await expect(receiver.waitFor(({ path }) => path === '/c', 20)).rejects.toThrow('a request that fits');
  });
});

describe('a started process', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hooklane-test-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is ready at its line, sees only the environment it is given, and ends with the scope', async () => {
    const entry = await script(
      'console.log("up on 42", Object.keys(process.env).join()); setInterval(() => {}, 1000);',
    );
    let exited: Promise<unknown> | undefined;
    {
      await using child = await startProcess({ entry, env: { MINE: '1' }, readyLine: /up on (\d+) (.+)/ });
      expect([...child.ready].slice(1)).toEqual(['42', 'PATH,MINE']);
      exited = child.exited;
    }
    expect(await exited).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('fails with its output when it ends before its line', async () => {
    const entry = await script('console.error("no database"); process.exitCode = 3;');

    await expect(startProcess({ entry, readyLine: /ready/ })).rejects.toThrow('no database');
  });

  async function script(source: string): Promise<string> {
    const file = join(folder, 'main.mjs');
    await writeFile(file, source);
    return file;
  }
});
