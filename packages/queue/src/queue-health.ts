import type { JobQueue } from '@hooklane/engine';
import { backoffMs } from '@hooklane/runtime';

export type QueueState = JobQueue['state'];

export interface QueueHealthOptions {
  /** Jobs waiting and delayed from which on the queue is full. */
  highWaterMark: number;
  /** Milliseconds, monotonic. */
  clock: () => number;
  /** The queue went away or came back; `reason` says why it is away. */
  onChange: (isAway: boolean, reason: string) => void;
}

/** Decides what state the queue is in from what probes and announces tell. It does no I/O itself. */
export class QueueHealth {
  readonly #options: QueueHealthOptions;
  #state: QueueState = 'away';
  #depth = 0;
  #waiting = 0;
  #refusals = 0;
  #heldUntilMs = 0;
  #mustProveWrites = true;

  constructor(options: QueueHealthOptions) {
    this.#options = options;
  }

  get state(): QueueState {
    return this.#state;
  }

  /** Jobs waiting and delayed, by the last probe. */
  get depth(): number {
    return this.#depth;
  }

  /** Jobs that nobody has taken: by the last probe, and what was added from here since. */
  get waiting(): number {
    return this.#waiting;
  }

  adding(jobs: number): void {
    this.#waiting += jobs;
  }

  /** A Redis that is out of memory, or has become a replica, answers reads: the next probe has to write as well. */
  get mustProveWrites(): boolean {
    return this.#mustProveWrites;
  }

  /** A probe was answered in time. Default of `waiting`: none is delayed. */
  answered(depth: number, waiting = depth): void {
    this.#depth = depth;
    this.#waiting = waiting;
    if (this.#options.clock() < this.#heldUntilMs) return;
    const wasAway = this.#state === 'away';
    this.#mustProveWrites = false;
    this.#state = depth >= this.#options.highWaterMark ? 'full' : 'accepting';
    if (wasAway) this.#options.onChange(false, '');
  }

  /** The connection closed, or a probe failed or was not answered in time. */
  lost(reason: string): void {
    this.#mustProveWrites = true;
    if (this.#state === 'away') return;
    this.#state = 'away';
    this.#options.onChange(true, reason);
  }

  /** An announce arrived. */
  taken(): void {
    this.#refusals = 0;
  }

  /** An announce failed. Where probes succeed all the same, the queue must not flicker at their rhythm: it stays away longer each time. */
  refused(reason: string): void {
    if (this.#state !== 'away') {
      this.#refusals += 1;
      this.#heldUntilMs = this.#options.clock() + backoffMs(this.#refusals, HOLD);
    }
    this.lost(reason);
  }

  /** For good, and of our own will: that is nothing to report. */
  close(): void {
    this.#state = 'away';
  }
}

const HOLD = { base: 250, cap: 10_000 };
