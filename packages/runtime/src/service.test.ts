import { afterEach, describe, expect, it, vi } from 'vitest';
import { TimeoutError } from './errors.ts';
import { createLogger } from './logger.ts';
import type { Service } from './service.ts';
import { runServices } from './service.ts';

const never = new Promise<void>(() => {});

// The services let go of the channel to their parent; this process still needs the one to the test runner.
afterEach(() => process.channel?.ref());

describe('runServices', () => {
  it('starts in order, waits for the signal, stops in reverse order and resolves', async () => {
    const { calls, service } = recorder();
    const running = run([service('pool'), service('queue'), service('server')]);
    await vi.waitFor(() => expect(calls).toEqual(['start pool', 'start queue', 'start server']));
    signal();
    await running;
    expect(calls.slice(3)).toEqual(['stop server', 'stop queue', 'stop pool']);
  });

  it('waits for each start and each stop before the next', async () => {
    const { calls, service } = recorder();
    const slowly = async () => {
      await quiet();
      calls.push('done');
    };
    const running = run([service('pool'), service('queue', { start: slowly, stop: slowly }), service('server')]);
    await vi.waitFor(() => expect(calls).toHaveLength(4));
    signal();
    await running;
    expect(calls.slice(0, 4)).toEqual(['start pool', 'start queue', 'done', 'start server']);
    expect(calls.slice(4)).toEqual(['stop server', 'stop queue', 'done', 'stop pool']);
  });

  it('takes a second signal for the same one', async () => {
    const { calls, service } = recorder();
    // Both are delivered while the stop is still going on.
    const signalling = () => {
      signal();
      return quiet();
    };
    const lines: string[] = [];
    const running = run([service('pool', { stop: signalling }), service('server', { stop: signalling })], 5000, lines);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    signal();
    await running;
    expect(calls.slice(2)).toEqual(['stop server', 'stop pool']);
    expect(lines.filter((line) => line.includes('"msg":"stopping"'))).toHaveLength(1);
  });

  it('leaves no signal handler and no timer behind', async () => {
    const timersBefore = timers();
    const { calls, service } = recorder();
    const running = run([service('pool')]);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(process.listenerCount(SIGNAL)).toBe(1);
    signal();
    await running;
    expect(process.listenerCount(SIGNAL)).toBe(0);
    expect(timers()).toBe(timersBefore);
  });

  it('keeps the process alive although no service does', async () => {
    const timersBefore = timers();
    const { calls, service } = recorder();
    const running = run([service('idle')]);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(timers()).toBe(timersBefore + 1);
    signal();
    await running;
  });
});

describe('a start that fails', () => {
  it('stops what was started and rejects with its error', async () => {
    const { calls, service } = recorder();
    const taken = new RangeError('port taken');
    const failing = service('server', { start: () => Promise.reject(taken) });
    await expect(run([service('pool'), service('queue'), failing, service('late')])).rejects.toBe(taken);
    expect(calls).toEqual(['start pool', 'start queue', 'start server', 'stop queue', 'stop pool']);
  });

  it('rejects with its error although the stop fails too', async () => {
    const { service } = recorder();
    const taken = new RangeError('port taken');
    const pool = service('pool', { stop: () => Promise.reject(new RangeError('stop')) });
    await expect(run([pool, service('server', { start: () => Promise.reject(taken) })])).rejects.toBe(taken);
  });
});

describe('a signal during the start', () => {
  it('lets the service that is starting finish, starts no more, and stops', async () => {
    const { calls, service } = recorder();
    const starting = service('queue', {
      start: async () => {
        signal();
        await quiet();
      },
    });
    await run([service('pool'), starting, service('server')]);
    expect(calls).toEqual(['start pool', 'start queue', 'stop queue', 'stop pool']);
  });

  it('does not wait for a start that hangs', async () => {
    const { calls, service } = recorder();
    const hanging = service('queue', {
      start: () => {
        signal();
        return never;
      },
    });
    await expect(run([service('pool'), hanging], 20)).rejects.toThrow('queue was still starting when told to stop');
    expect(calls.at(-1)).toBe('stop pool');
  });
});

describe('a stop that fails', () => {
  it.each([
    ['rejects', () => Promise.reject(new RangeError('broken')), RangeError],
    ['misses its deadline', () => never, TimeoutError],
  ])('because it %s does not keep the others from stopping, is logged, and is thrown', async (_, stop, Expected) => {
    const { calls, service } = recorder();
    const lines: string[] = [];
    const running = run([service('pool'), service('server', { stop })], 20, lines);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    signal();
    await expect(running).rejects.toMatchObject({ errors: [expect.any(Expected)] });
    expect(calls.slice(2)).toEqual(['stop server', 'stop pool']);
    expect(lines.join('')).toContain('"stopping":"server"');
  });
});

/** Not one that the test runner itself listens to. */
const SIGNAL = 'SIGHUP';

function signal(): void {
  process.kill(process.pid, SIGNAL);
}

function run(services: Service[], stopTimeoutMs = 5000, lines: string[] = []): Promise<void> {
  const logger = createLogger({ name: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } });
  return runServices(services, { logger, stopTimeoutMs, signals: [SIGNAL] });
}

function recorder() {
  const calls: string[] = [];
  const service = (name: string, doing: Partial<Pick<Service, 'start' | 'stop'>> = {}): Service => ({
    name,
    start: async () => {
      calls.push(`start ${name}`);
      await doing.start?.();
    },
    stop: async () => {
      calls.push(`stop ${name}`);
      await doing.stop?.();
    },
  });
  return { calls, service };
}

async function quiet(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
