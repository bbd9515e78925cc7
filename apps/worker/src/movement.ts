/** At least so often a relay turns that works; where it is told to turn more rarely, three times that. */
const RELAY_STILL_MS = 10_000;
/** Above the longest deadline of an attempt and what recording it may take. */
const SLOTS_STILL_MS = 60_000;

export interface MovementLimits {
  relayIntervalMs: number;
  slots: number;
  /** Milliseconds, never going back. */
  clock: () => number;
}

/** Whether work moves: a worker that holds its connections and does nothing is not one that should get work. */
export class Movement {
  readonly #limits: MovementLimits;
  #relayTurnedMs: number;
  #attemptEndedMs: number;

  constructor(limits: MovementLimits) {
    this.#limits = limits;
    this.#relayTurnedMs = limits.clock();
    this.#attemptEndedMs = limits.clock();
  }

  /** A turn of the relay has ended well. Passes on what it came to. */
  relayTurned<T>(result: T): T {
    this.#relayTurnedMs = this.#limits.clock();
    return result;
  }

  attemptEnded(): void {
    this.#attemptEndedMs = this.#limits.clock();
  }

  /** Slots that are all used are fine as long as attempts end. */
  checks(inFlight: number): { relay: 'ok' | 'failed'; slots: 'ok' | 'failed' } {
    const { relayIntervalMs, slots, clock } = this.#limits;
    const nowMs = clock();
    const isRelayStill = nowMs - this.#relayTurnedMs > Math.max(RELAY_STILL_MS, 3 * relayIntervalMs);
    const isStuck = inFlight >= slots && nowMs - this.#attemptEndedMs > SLOTS_STILL_MS;
    return { relay: isRelayStill ? 'failed' : 'ok', slots: isStuck ? 'failed' : 'ok' };
  }
}
