import { randomFillSync } from 'node:crypto';
import type { IdPrefix } from '@hooklane/domain';
import { asId, uuidV7 } from '@hooklane/domain';

/** Makes new ids. One per process, so that ids of one millisecond still differ by 74 random bits. */
export interface IdFactory {
  /** `atMs`, ms since 1970: of another clock than the factory's own. */
  next<P extends IdPrefix>(prefix: P, atMs?: number): ReturnType<typeof asId<P>>;
}

const POOL_BYTES = 10 * 1024;

/** `clock` in ms since 1970. Random bytes are drawn by the thousand: one system call per id is measurable. */
export function createIdFactory(clock: () => number = Date.now): IdFactory {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;

  function randomTail(): Uint8Array {
    if (used === POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    used += 10;
    return pool.subarray(used - 10, used);
  }

  return { next: (prefix, atMs = clock()) => asId(prefix, uuidV7(atMs, randomTail())) };
}
