import type { Attempt, StartedDelivery } from './types.ts';

/** A call that starts a delivery: with `wait` it gives the attempt when it is over, else it answers at once. */
export interface WaitOrStart<Args extends string[]> {
  (...args: [...Args, options: { wait: true }]): Promise<Attempt>;
  (...args: [...Args, options?: { wait?: false }]): Promise<StartedDelivery>;
}

// The longest time limit a webhook may have.
const LONGEST_ATTEMPT_MS = 30_000;

/** What waiting adds to a request. It is never repeated when the answer is lost: the receiver would get it twice. */
export function waitFor({ wait = false }: { wait?: boolean } = {}): { query?: { wait: true }; extraTimeMs?: number } {
  return wait ? { query: { wait }, extraTimeMs: LONGEST_ATTEMPT_MS } : {};
}

/** What was waited for has ended as an attempt; else the call has only begun one. The overloads of the caller say which. */
export function asked<Args extends string[]>(
  call: (...args: [...Args, options?: { wait?: boolean }]) => Promise<Attempt | StartedDelivery>,
): WaitOrStart<Args> {
  return call as WaitOrStart<Args>;
}
