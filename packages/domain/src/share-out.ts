/** One that wants `room` at most. */
export interface Wish<T> {
  who: T;
  room: number;
}

export interface Share<T> {
  who: T;
  count: number;
}

/**
 * Shares `budget` out: every group in turn, and within a group every member in turn, gets one until the budget or the
 * wishes are used up. So a group gets no more for having many members, and no less for being last but one.
 */
export function shareOut<T>(groups: ReadonlyArray<readonly Wish<T>[]>, budget: number): Share<T>[] {
  let open = groups.map((wishes) => ringOf(wishes)).filter((ring) => ring.left.length > 0);
  const shares = new Map<T, number>();
  let rest = budget;
  while (rest > 0 && open.length > 0) {
    for (const ring of open.slice(0, rest)) {
      const who = next(ring);
      shares.set(who, (shares.get(who) ?? 0) + 1);
    }
    rest -= Math.min(rest, open.length);
    open = open.filter((ring) => ring.left.length > 0);
  }
  return [...shares].map(([who, count]) => ({ who, count }));
}

interface Ring<T> {
  left: Wish<T>[];
  at: number;
}

function ringOf<T>(wishes: readonly Wish<T>[]): Ring<T> {
  return { left: wishes.filter((wish) => wish.room > 0).map((wish) => ({ ...wish })), at: 0 };
}

function next<T>(ring: Ring<T>): T {
  const index = ring.at % ring.left.length;
  const wish = ring.left[index];
  if (wish === undefined) throw new TypeError('a ring without members is closed');
  wish.room--;
  if (wish.room === 0) ring.left.splice(index, 1);
  ring.at = wish.room === 0 ? index : index + 1;
  return wish.who;
}
