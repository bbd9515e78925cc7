import type { Destination, ThrottleRules, WaitReason } from '@hooklane/domain';
import { shareOfWorker, UNTHROTTLED } from '@hooklane/domain';
import { Gate } from './gate.ts';

export interface ThrottleOptions {
  /** For each host, whoever's webhooks are there; for this worker alone. */
  host: ThrottleRules;
  /** Among which the limits of a webhook are divided: those that live now, this one among them. */
  workers: () => number;
}

/** Hosts that are remembered though nothing goes there. */
const REMEMBERED = 20_000;

/** What limits a webhook beside its lane: its own settings, and what its host may get of all webhooks there. */
export class Throttles {
  readonly #options: ThrottleOptions;
  readonly #hosts = new Map<string, Gate>();

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  room({ destination, gate }: Throttling, nowMs: number): number {
    const ownRoom = gate.room(this.#rulesOf(destination), nowMs);
    return Math.min(ownRoom, this.#host(destination.host).room(this.#hostRules(destination), nowMs));
  }

  /** What leaves less room than `wanted`, the webhook's own limits first; null: nothing. */
  refusal({ destination, gate }: Throttling, at: { nowMs: number; wanted: number }): WaitReason | null {
    const own = gate.narrowestRule(this.#rulesOf(destination), at);
    if (own !== null) return own;
    return this.#host(destination.host).narrowestRule(this.#hostRules(destination), at) && 'host';
  }

  enter({ destination, gate }: Throttling, count: number, nowMs: number): void {
    gate.enter(count, { rules: this.#rulesOf(destination), nowMs });
    this.#host(destination.host).enter(count, { rules: this.#hostRules(destination), nowMs });
  }

  leave({ destination, gate }: Throttling, left: { count: number; unsent: number }, nowMs: number): void {
    gate.leave(left.count, left.unsent, { rules: this.#rulesOf(destination), nowMs });
    this.#host(destination.host).leave(left.count, left.unsent, { rules: this.#hostRules(destination), nowMs });
    if (this.#hosts.size > REMEMBERED) this.#forgetIdle();
  }

  #rulesOf({ limits }: Destination): ThrottleRules {
    return shareOfWorker(limits, this.#options.workers());
  }

  /** A webhook that is gone has no host, and nothing is sent to it. */
  #hostRules({ host }: Destination): ThrottleRules {
    return host === '' ? UNTHROTTLED : this.#options.host;
  }

  #host(name: string): Gate {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const gate = new Gate();
    this.#hosts.set(name, gate);
    return gate;
  }

  #forgetIdle(): void {
    for (const [name, gate] of this.#hosts) if (gate.isIdle) this.#hosts.delete(name);
  }
}

/** A webhook as its limits see it. */
export interface Throttling {
  destination: Destination;
  gate: Gate;
}
