import type { DueQueue, DueRef, Wake } from './due-work.ts';

/** A queue where there is one and it takes work, otherwise a signal to the workers that read the store themselves. */
export function queueOrWake(queue: DueQueue | null, wake: Wake): DueQueue {
  return {
    get state() {
      return queue?.state ?? 'away';
    },
    announce(refs: readonly DueRef[], delayMs = 0) {
      if (queue?.state === 'accepting') return queue.announce(refs, delayMs);
      wake.soon(delayMs);
      return Promise.resolve(false);
    },
  };
}
