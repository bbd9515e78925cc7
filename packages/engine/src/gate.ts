import type { ThrottleRules } from '@hooklane/domain';
import { FULL_BUCKET, levelAfter, narrowestRule, throttleRoom } from '@hooklane/domain';

/** Counts what goes to one receiver, or one host, under its rules. */
export class Gate {
  #inFlight = 0;
  #level = FULL_BUCKET;

  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /** How many attempts more may begin; less than 0: so many too many are about to. */
  room(rules: ThrottleRules, nowMs: number): number {
    return throttleRoom({ inFlight: this.#inFlight, level: this.#level }, rules, nowMs);
  }

  /** Which rule leaves less room than `wanted`; null: none. */
  narrowestRule(rules: ThrottleRules, at: { nowMs: number; wanted: number }): ReturnType<typeof narrowestRule> {
    return narrowestRule({ inFlight: this.#inFlight, level: this.#level }, rules, at);
  }

  enter(count: number, at: { rules: ThrottleRules; nowMs: number }): void {
    this.#inFlight += count;
    this.#level = levelAfter(this.#level, count, at);
  }

  /** @param unsent of them were never sent, and do not count as begun */
  leave(count: number, unsent: number, at: { rules: ThrottleRules; nowMs: number }): void {
    this.#inFlight -= count;
    if (unsent > 0) this.#level = levelAfter(this.#level, -unsent, at);
  }
}
