import { setMaxListeners } from 'node:events';
import type { DeliveryId, OrgId, WebhookId } from '@hooklane/domain';
import type { AttemptView, HistoryStore } from '@hooklane/engine';
import { sleep } from '@hooklane/runtime';

/** The attempt that a call with `wait=true` is about. */
export interface AwaitedAttempt {
  orgId: OrgId;
  webhookId: WebhookId;
  deliveryId: DeliveryId;
  number: number;
}

export interface AttemptWait {
  /** The attempt once a worker has recorded it; null when that takes longer than `timeoutMs`, or nobody waits any more. */
  until(attempt: AwaitedAttempt, waiter: { timeoutMs: number; isGone: () => boolean }): Promise<AttemptView | null>;
}

/** Looks grow apart: most attempts are over in a blink, the others make waiting cheap. */
const FIRST_LOOK_MS = 20;
const LAST_LOOK_MS = 100;

/** Each costs a query per tenth of a second: above this, callers are told at once to look themselves. */
const MOST_WAITERS = 200;

export function createAttemptWait(
  ports: { history: Pick<HistoryStore, 'attemptOf'>; clock: () => number },
  stopping: AbortSignal,
): AttemptWait {
  let waiters = 0;
  // Every waiter listens for the stop: that is no leak, whatever Node makes of more than ten.
  setMaxListeners(MOST_WAITERS + 1, stopping);

  async function watch(
    attempt: AwaitedAttempt,
    { timeoutMs, isGone }: { timeoutMs: number; isGone: () => boolean },
  ): Promise<AttemptView | null> {
    const deadline = ports.clock() + timeoutMs;
    for (let pauseMs = FIRST_LOOK_MS; !isGone(); pauseMs = Math.min(LAST_LOOK_MS, pauseMs * 1.5)) {
      const recorded = await ports.history.attemptOf(attempt, attempt.number);
      if (recorded !== null) return recorded;
      if (ports.clock() + pauseMs > deadline || (await sleep(pauseMs, stopping)) === 'aborted') return null;
    }
    return null;
  }

  return {
    async until(attempt, waiter) {
      if (waiters >= MOST_WAITERS) return null;
      waiters++;
      try {
        return await watch(attempt, waiter);
      } finally {
        waiters--;
      }
    },
  };
}
