import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { InvariantError, TimeoutError } from './errors.ts';
import { backoffMs, MAX_TIMER_MS, sleep, withTimeout } from './wait.ts';

const HOUR_MS = 3_600_000;

describe('sleep', () => {
  it('waits its time and leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    const before = performance.now();
    expect(await sleep(20, signal)).toBe('elapsed');
    expect(performance.now() - before).toBeGreaterThan(18);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends at once when the signal aborts', async () => {
    const controller = new AbortController();
    const sleeping = sleep(HOUR_MS, controller.signal);
    controller.abort();
    expect(await sleeping).toBe('aborted');
  });

  it('does not begin when the signal has aborted before', async () => {
    expect(await sleep(HOUR_MS, AbortSignal.abort())).toBe('aborted');
  });

  it('refuses what a timer cannot hold, instead of returning at once', () => {
    expect(() => sleep(MAX_TIMER_MS + 1)).toThrow(InvariantError);
  });
});

describe('withTimeout', () => {
  const tooLate = () => new TimeoutError('too late');

  it('passes the value on', async () => {
    expect(await withTimeout(Promise.resolve('done'), HOUR_MS, tooLate)).toBe('done');
  });

  it('passes the rejection on', async () => {
    const error = new RangeError('no');
    await expect(withTimeout(Promise.reject(error), HOUR_MS, tooLate)).rejects.toBe(error);
  });

  it('rejects with the error made when the time is over', async () => {
    await expect(withTimeout(new Promise(() => {}), 5, tooLate)).rejects.toThrow(new TimeoutError('too late'));
  });

  it('leaves no timer behind', async () => {
    const timersBefore = timers();
    await withTimeout(Promise.resolve(), HOUR_MS, tooLate);
    expect(timers()).toBe(timersBefore);
  });
});

describe('backoffMs', () => {
  it('doubles from the base up to the cap', () => {
    const waits = [1, 2, 3, 4, 5, 2000].map((n) => backoffMs(n, { base: 100, cap: 1000 }));
    expect(waits).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('takes zero failures for one', () => {
    expect(backoffMs(0, { base: 100, cap: 1000 })).toBe(100);
  });
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
