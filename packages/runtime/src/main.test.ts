import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';

const sources = new URL('./index.ts', import.meta.url).href;

// A program that does not end by itself fails its test; it must not outlive it.
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('runMain', { timeout: 20_000 }, () => {
  it('ends by itself with code 0 after main resolved, without waiting for the linger time', async () => {
    const { code, stdout, stderr } = await runProgram(`
      await runMain('test', async () => {}, { lingerMs: 3_600_000 });
    `);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('prints every problem of a wrong configuration on its own line', async () => {
    const { code, stdout, stderr } = await runProgram(`
      await runMain('api', async () => { throw new ConfigError(['PORT: expected a port', 'REDIS_URL is required']); });
    `);
    expect(stderr).toBe('api: PORT: expected a port\napi: REDIS_URL is required\n');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('logs any other error and exits with code 1', async () => {
    const { code, stdout } = await runProgram(`
      await runMain('api', () => { throw new RangeError('no such table'); });
    `);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ level: 'fatal', service: 'api', err: { message: 'no such table' } });
  });

  it.each([
    ['thrown', `setImmediate(() => { throw new RangeError('unexpected'); });`],
    ['rejected', `Promise.reject(new RangeError('unexpected'));`],
  ])('logs what is %s and caught by nobody, and exits at once', async (_, doing) => {
    const { code, stdout } = await runProgram(`
      await runMain('api', async () => { ${doing} await sleep(3_600_000); });
    `);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ level: 'fatal', msg: 'crashed', err: { message: 'unexpected' } });
  });

  it.each([
    ['resolved', ''],
    ['rejected', `throw new RangeError('failed');`],
  ])('exits with code 1 when something keeps the process alive after main %s', async (_, end) => {
    const { code, stdout } = await runProgram(`
      await runMain('api', async () => { setInterval(() => {}, 1000); ${end} }, { lingerMs: 50 });
    `);
    expect(code).toBe(1);
    expect(stdout).toContain('"msg":"still alive after the end"');
  });

  it.each([
    'SIGTERM',
    'SIGINT',
    // What is left of a parent that was killed: the channel to it is broken.
    'disconnect',
  ] as const)('stops its services on %s and ends with code 0', async (signal) => {
    const { code, stdout } = await runProgram(
      `
      const logger = createLogger({ name: 'api', level: 'info' });
      const service = { name: 'server', start: async () => {}, stop: async () => logger.info('stopped') };
      await runMain('api', () => runServices([service], { logger, stopTimeoutMs: 1000 }));
    `,
      { signalAt: '"msg":"started"', signal },
    );
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect({ code, messages }).toEqual({ code: 0, messages: ['started', 'stopping', 'stopped'] });
  });
});

interface Signalling {
  /** Sent once when this has appeared on stdout. */
  signalAt: string;
  signal: NodeJS.Signals | 'disconnect';
}

/** Runs the lines in a process of their own: an exit code can only be seen from outside. */
async function runProgram(lines: string, signalling?: Signalling) {
  const names = '{ ConfigError, createLogger, runMain, runServices, sleep }';
  const program = `import ${names} from ${JSON.stringify(sources)};\n${lines}`;
  // Node's own answer to an unhandled rejection is off, so that ours is seen.
  const flags = ['--import', 'tsx', '--unhandled-rejections=warn', '--input-type=module'];
  const child = spawn(process.execPath, [...flags, '--eval', program], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(child);
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the program has no output');
  const send = (signal: Signalling['signal']) => (signal === 'disconnect' ? child.disconnect() : child.kill(signal));
  const output = { stdout: '', stderr: '' };
  stdout.on('data', (chunk) => {
    const isDue = signalling && !output.stdout.includes(signalling.signalAt);
    output.stdout += chunk;
    if (isDue && output.stdout.includes(signalling.signalAt)) send(signalling.signal);
  });
  stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  // Not `close`: it never comes for a child whose channel was disconnected.
  const [[code]] = await Promise.all([once(child, 'exit'), once(stdout, 'end'), once(stderr, 'end')]);
  return { code, ...output };
}
