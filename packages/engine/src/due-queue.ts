import type { OrgId } from '@hooklane/domain';
import { mayQueue, SHARE_WINDOW_MS } from '@hooklane/domain';
import type { DueQueue, DueRef, JobQueue, Wake } from './due-work.ts';

/** A queue where there is one and it takes work, otherwise a signal to the workers that read the store themselves. */
export function queueOrWake(
  queue: JobQueue | null,
  wake: Wake,
  clock: () => number = () => performance.now(),
): DueQueue {
  const used = new OrgsInWindow(clock);
  return {
    get state() {
      return queue?.state ?? 'away';
    },
    admits(orgId, count, { isLater = false } = {}) {
      if (queue?.state !== 'accepting') return false;
      // Retries may all come due in one moment: how many wait by then is not known now.
      const waiting = isLater ? Number.POSITIVE_INFINITY : queue.waiting;
      const isAdmitted = mayQueue({ used: used.of(orgId), count }, waiting);
      if (isAdmitted) used.add(orgId, count);
      return isAdmitted;
    },
    announce(refs: readonly DueRef[], delayMs = 0) {
      if (queue?.state === 'accepting') return queue.announce(refs, delayMs);
      wake.soon(delayMs);
      return Promise.resolve(false);
    },
    leaveToStore: (delayMs = 0) => wake.soon(delayMs),
  };
}

/** What each org did lately. */
class OrgsInWindow {
  readonly #clock: () => number;
  readonly #counts = new Map<OrgId, number>();
  #endsMs = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  of(orgId: OrgId): number {
    const nowMs = this.#clock();
    if (nowMs >= this.#endsMs) {
      this.#counts.clear();
      this.#endsMs = nowMs + SHARE_WINDOW_MS;
    }
    return this.#counts.get(orgId) ?? 0;
  }

  add(orgId: OrgId, count: number): void {
    this.#counts.set(orgId, this.of(orgId) + count);
  }
}
