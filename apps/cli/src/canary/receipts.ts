/** What became of a beat that came back, signed as it should be. */
export type Receipt =
  | { result: 'verified'; roundTripMs: number }
  /** It came back before. */
  | { result: 'repeated' }
  /** Too old to show that the chain works now, or of a canary that ran before. */
  | { result: 'late' };

/** A beat that took longer is no sign of life: so long the alert waits. */
export const LATEST_MS = 180_000;

interface Sent {
  atMs: number;
  isBack: boolean;
}

/** Which beats were sent lately, oldest first, and which of them are back. Times in milliseconds, of a clock that only goes forward. */
export class Receipts {
  readonly #beats = new Map<string, Sent>();

  /** Before it is published: it may be back before the publish is answered. */
  sent(beat: string, nowMs: number): void {
    for (const [old, { atMs }] of this.#beats) {
      if (nowMs - atMs < LATEST_MS) break;
      this.#beats.delete(old);
    }
    this.#beats.set(beat, { atMs: nowMs, isBack: false });
  }

  came(beat: string, nowMs: number): Receipt {
    const sent = this.#beats.get(beat);
    if (sent === undefined || nowMs - sent.atMs >= LATEST_MS) return { result: 'late' };
    if (sent.isBack) return { result: 'repeated' };
    sent.isBack = true;
    return { result: 'verified', roundTripMs: nowMs - sent.atMs };
  }

  isBack(beat: string): boolean {
    return this.#beats.get(beat)?.isBack ?? false;
  }
}
