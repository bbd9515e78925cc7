import type { Call } from './http.ts';
import type { Attempt, StartedDelivery } from './types.ts';

/** A call that starts a delivery: with `wait` it gives the attempt when it is over, else it answers at once. */
export interface WaitOrStart<Args extends string[]> {
  (...args: [...Args, options: { wait: true }]): Promise<Attempt>;
  (...args: [...Args, options?: { wait?: false }]): Promise<StartedDelivery>;
}

// The longest time limit a webhook may have.
const LONGEST_ATTEMPT_MS = 30_000;

/** Never repeated when the answer is lost: the receiver would get it twice. */
export function waiting(path: string, { wait = false }: { wait?: boolean } = {}): Call {
  const call = { method: 'POST', path, repeat: 'if-not-done' } as const;
  return wait ? { ...call, query: { wait }, extraTimeMs: LONGEST_ATTEMPT_MS } : call;
}
