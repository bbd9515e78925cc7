/** How often the event loop is asked whether it still turns, ms. */
const BEAT_MS = 1_000;
const BEATS = 5;
/** A process that is this late time after time does no work, and never answers in time. */
const STUCK_MS = 5_000;

/**
 * Whether the process should live on: its event loop turns. Asks nothing else: a database that is away must not make a
 * supervisor restart all that wait for it. The timer keeps no process alive.
 */
export function watchLiveness(): { live: () => boolean; stop: () => void } {
  const latenesses: number[] = [];
  let expectedMs = performance.now() + BEAT_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    latenesses.push(nowMs - expectedMs);
    if (latenesses.length > BEATS) latenesses.shift();
    expectedMs = nowMs + BEAT_MS;
  }, BEAT_MS);
  timer.unref();
  return { live: () => !isStuck(latenesses), stop: () => clearInterval(timer) };
}

/** Most of the last beats came too late. One alone may be a machine that was put to sleep, or a process that was stopped. */
export function isStuck(latenessesMs: readonly number[]): boolean {
  return latenessesMs.filter((lateMs) => lateMs > STUCK_MS).length > BEATS / 2;
}
