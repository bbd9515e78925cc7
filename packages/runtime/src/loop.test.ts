import { afterEach, describe, expect, it, vi } from 'vitest';
import { InvariantError } from './errors.ts';
import type { Logger } from './logger.ts';
import { createLogger } from './logger.ts';
import type { Loop, LoopOptions } from './loop.ts';
import { createBeat, createLoop } from './loop.ts';

const HOUR_MS = 3_600_000;
const running: Loop[] = [];
afterEach(async () => {
  for (const loop of running.splice(0)) await loop.stop();
});

describe('a loop', () => {
  it('runs again at once while there is more to do, then pauses', async () => {
    let turns = 0;
    await start({ run: async () => (++turns < 50 ? 'again' : 'idle') });
    await vi.waitFor(() => expect(turns).toBe(50));
    await quiet();
    expect(turns).toBe(50);
  });

  it('lets the rest of the process work while it is always busy', async () => {
    await start({ run: async () => 'again' });
    // Never resolves if the loop only went round through microtasks.
    await quiet();
  });

  it('comes back after the interval', async () => {
    const turnedAt: number[] = [];
    await start({ intervalMs: 30, jitter: 0, run: counting(() => turnedAt.push(performance.now())) });
    await vi.waitFor(() => expect(turnedAt.length).toBeGreaterThanOrEqual(3));
    const [first = 0, second = 0, third = 0] = turnedAt;
    expect(second - first).toBeGreaterThan(28);
    expect(third - second).toBeGreaterThan(28);
  });

  it.each([
    { drawn: 0, atLeastMs: 18, belowMs: 58 },
    { drawn: 0.9999, atLeastMs: 58, belowMs: HOUR_MS },
  ])('shifts the interval by the jitter: drawn $drawn', async ({ drawn, atLeastMs, belowMs }) => {
    const turnedAt: number[] = [];
    const run = counting(() => turnedAt.push(performance.now()));
    await start({ intervalMs: 40, jitter: 0.5, random: () => drawn, run });
    await vi.waitFor(() => expect(turnedAt.length).toBeGreaterThanOrEqual(4));
    const pauses = turnedAt.slice(1).map((at, i) => at - (turnedAt[i] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(atLeastMs);
    expect(Math.min(...pauses)).toBeLessThan(belowMs);
  });

  it('never runs two turns at the same time', async () => {
    let turns = 0;
    let atOnce = 0;
    let most = 0;
    const loop = await start({
      run: async () => {
        turns += 1;
        most = Math.max(most, ++atOnce);
        await quiet();
        atOnce -= 1;
        return turns < 10 ? 'again' : 'idle';
      },
    });
    await vi.waitFor(() => {
      loop.wake();
      expect(turns).toBeGreaterThan(10);
    });
    expect(most).toBe(1);
  });

  it('refuses to be started twice', async () => {
    const loop = await start({});
    await expect(loop.start()).rejects.toThrow(InvariantError);
  });

  it('refuses an interval that no timer can hold, and a jitter that is no share', () => {
    expect(() => create({ intervalMs: 2 ** 31, jitter: 0 })).toThrow(InvariantError);
    expect(() => create({ intervalMs: 5, jitter: 1.1 })).toThrow(InvariantError);
  });
});

describe('wake', () => {
  it('cuts the pause short', async () => {
    let turns = 0;
    const loop = await start({
      run: counting(() => {
        turns += 1;
      }),
    });
    await vi.waitFor(() => expect(turns).toBe(1));
    loop.wake();
    await vi.waitFor(() => expect(turns).toBe(2));
  });

  it('during a turn makes one more turn follow', async () => {
    let turns = 0;
    const loop = await start({
      run: async () => {
        turns += 1;
        if (turns === 1) for (let i = 0; i < 5; i += 1) loop.wake();
        return 'idle';
      },
    });
    await vi.waitFor(() => expect(turns).toBe(2));
    await quiet();
    expect(turns).toBe(2);
  });

  it('between the end of a turn and the pause is not lost', async () => {
    for (const microtasks of [0, 1, 2, 3, 4, 5, 6]) {
      let turns = 0;
      const loop = create({
        run: async () => {
          turns += 1;
          if (turns === 1) void afterMicrotasks(microtasks).then(() => loop.wake());
          return 'idle';
        },
      });
      running.push(loop);
      await loop.start();
      await vi.waitFor(() => expect(turns).toBe(2));
    }
  });

  it('does not shorten the pause after a failure', async () => {
    const failedAt: number[] = [];
    const loop = await start({
      jitter: 0,
      run: async () => {
        failedAt.push(performance.now());
        throw new RangeError('away');
      },
    });
    await vi.waitFor(
      () => {
        loop.wake();
        expect(failedAt.length).toBe(2);
      },
      { interval: 1 },
    );
    expect((failedAt[1] ?? 0) - (failedAt[0] ?? 0)).toBeGreaterThan(98);
  });
});

describe('a failing turn', () => {
  it('is logged, louder when it goes on, and does not end the loop', async () => {
    const { logger, lines } = recordingLogger();
    let turns = 0;
    await start({
      logger,
      run: async () => {
        turns += 1;
        if (turns <= 3) throw new RangeError(`failure ${turns}`);
        return 'idle';
      },
    });
    await vi.waitFor(() => expect(turns).toBe(4), { timeout: 3000 });
    expect(lines.map(({ level, failures }) => ({ level, failures }))).toEqual([
      { level: 'warn', failures: 1 },
      { level: 'warn', failures: 2 },
      { level: 'error', failures: 3 },
    ]);
    expect(lines[0]).toMatchObject({ loop: 'test', err: { message: 'failure 1' } });
  });

  it('makes the pauses longer, and a good turn makes them short again', async () => {
    const { logger, lines } = recordingLogger();
    let turns = 0;
    await start({
      logger,
      jitter: 0,
      run: async () => {
        turns += 1;
        if (turns === 3) return 'again';
        if (turns <= 4) throw new RangeError('away');
        return 'idle';
      },
    });
    await vi.waitFor(() => expect(turns).toBe(5), { timeout: 3000 });
    expect(lines.map(({ pauseMs }) => pauseMs)).toEqual([100, 200, 100]);
  });
});

describe('a beat', () => {
  it('waits for its work, and then for the interval', async () => {
    let worked = 0;
    const beat = createBeat({
      name: 'test',
      intervalMs: HOUR_MS,
      logger: recordingLogger().logger,
      work: async () => void worked++,
    });
    running.push(beat);
    await beat.start();
    await quiet();
    expect(worked).toBe(1);
    beat.wake();
    await vi.waitFor(() => expect(worked).toBe(2));
  });
});

describe('stop', () => {
  it('aborts the signal and waits for the turn under way', async () => {
    let ended = false;
    const begun = deferred();
    const loop = await start({
      run: async (signal) => {
        begun.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await quiet();
        ended = true;
        return 'again';
      },
    });
    await begun.promise;
    await loop.stop();
    expect(ended).toBe(true);
  });

  it('ends the pause and runs no more', async () => {
    let turns = 0;
    const loop = await start({
      run: counting(() => {
        turns += 1;
      }),
    });
    await vi.waitFor(() => expect(turns).toBe(1));
    await loop.stop();
    loop.wake();
    await quiet();
    expect(turns).toBe(1);
  });

  it('does not log the error of a turn that was told to stop', async () => {
    const { logger, lines } = recordingLogger();
    const begun = deferred();
    const loop = await start({
      logger,
      run: (signal) => {
        begun.resolve();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    await begun.promise;
    await loop.stop();
    expect(lines).toEqual([]);
  });

  it('of a loop that never started resolves', async () => {
    await create({}).stop();
  });
});

function create(options: Partial<LoopOptions>): Loop {
  const { logger } = recordingLogger();
  return createLoop({ name: 'test', intervalMs: HOUR_MS, logger, run: async () => 'idle', ...options });
}

async function start(options: Partial<LoopOptions>): Promise<Loop> {
  const loop = create(options);
  running.push(loop);
  await loop.start();
  return loop;
}

/** Turns that note something and have nothing more to do. */
function counting(note: () => void): LoopOptions['run'] {
  return async () => {
    note();
    return 'idle';
  };
}

function recordingLogger(): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { logger: createLogger({ name: 'test', level: 'info', destination }), lines };
}

/** Some turns of the event loop: whatever would happen at once has happened by then. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function afterMicrotasks(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await undefined;
}

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
