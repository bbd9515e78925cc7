/**
 * The queue is first come, first served: what one org puts there stands before what others bring later. So while jobs wait,
 * an org may add only its share; the rest stays in the store, from where workers take it org by org.
 */

/** Jobs waiting from which on the queue is crowded: a small part of a second's work. */
export const CROWDED = 50;
/** Deliveries of one org in a crowded queue, for each process that announces and each {@link SHARE_WINDOW_MS}. */
export const ORG_SHARE = 20;
export const SHARE_WINDOW_MS = 250;

/** @param org.used what the org announced in this window */
export function mayQueue(org: { used: number; count: number }, waiting: number): boolean {
  return waiting + org.count <= CROWDED || org.used + org.count <= ORG_SHARE;
}
