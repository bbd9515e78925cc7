/** What became of a beat that came back, signed as it should be. */
export type Receipt =
  | { result: 'verified'; roundTripMs: number }
  /** It came back before. */
  | { result: 'repeated' }
  /** Too old to show that the chain works now, or of a canary that ran before. */
  | { result: 'late' };

/** A beat that took longer is no sign of life: so long the alert waits. */
export const LATEST_MS = 180_000;

/** Which beats were sent and have not come back. Times in milliseconds, of a clock that only goes forward. */
export class Receipts {
  readonly #sentAt = new Map<string, number>();
  readonly #back = new Set<string>();

  /** Before it is published: it may be back before the publish is answered. */
  sent(beat: string, nowMs: number): void {
    for (const [old, sentMs] of this.#sentAt) {
      if (nowMs - sentMs < LATEST_MS) break;
      this.#sentAt.delete(old);
      this.#back.delete(old);
    }
    this.#sentAt.set(beat, nowMs);
  }

  came(beat: string, nowMs: number): Receipt {
    const sentMs = this.#sentAt.get(beat);
    if (sentMs === undefined || nowMs - sentMs >= LATEST_MS) return { result: 'late' };
    if (this.#back.has(beat)) return { result: 'repeated' };
    this.#back.add(beat);
    return { result: 'verified', roundTripMs: nowMs - sentMs };
  }

  isBack(beat: string): boolean {
    return this.#back.has(beat);
  }
}
