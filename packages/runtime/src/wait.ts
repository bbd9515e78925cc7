import { invariant } from './errors.ts';

/** The longest wait a Node timer can hold (about 24.8 days); beyond it a timer fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits `ms` milliseconds, or until `signal` aborts. Being stopped is no error: it resolves with `'aborted'` at once, so
 * that a loop needs no try/catch around its pause.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<'elapsed' | 'aborted'> {
  invariant(ms <= MAX_TIMER_MS, 'sleep takes at most 24.8 days');
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve('aborted');
    const timer = setTimeout(() => {
      // A signal lives as long as its process: a listener left behind by each pause would pile up on it.
      signal?.removeEventListener('abort', onAbort);
      resolve('elapsed');
    }, ms);
    const onAbort = () => {
      clearTimeout(timer);
      resolve('aborted');
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Settles as `promise` does, or rejects with `makeError()` after `ms` milliseconds. It does not cancel the work behind the
 * promise; a rejection that comes too late is swallowed.
 */
export async function withTimeout<T>(promise: Promise<T>, ms: number, makeError: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(makeError()), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * How long to wait after the `n`-th failure in a row, in milliseconds: `base` after the first (n = 1; less counts as 1),
 * then doubling, never more than `cap`. Without jitter: add it where several processes could fall into step.
 */
export function backoffMs(n: number, { base, cap }: { base: number; cap: number }): number {
  return Math.min(cap, base * 2 ** Math.max(0, n - 1));
}
