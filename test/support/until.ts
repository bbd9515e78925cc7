import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** Default 10,000. */
  readonly timeoutMs?: number;
  /** Completes "timed out waiting for …". */
  readonly what: string;
}

type Falsy = false | null | undefined | 0 | '';

/**
 * Asks every 15 ms until the answer is truthy, and returns it.
 * @throws Error naming `what` when time is out; an error of the condition itself passes through at once.
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<Exclude<T, Falsy>> {
  const { timeoutMs = 10_000, what } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer as Exclude<T, Falsy>;
    if (Date.now() >= deadline) throw new Error(`Timed out after ${timeoutMs} ms waiting for ${what}`);
    await sleep(15);
  }
}
