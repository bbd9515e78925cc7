import { setImmediate } from 'node:timers/promises';
import { invariant } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Service } from './service.ts';
import { backoffMs, MAX_TIMER_MS, sleep } from './wait.ts';

export interface LoopOptions {
  name: string;
  /** Pause after an idle turn, in milliseconds. */
  intervalMs: number;
  /** Share of the pause, 0 to 1, by which it may be longer or shorter, so that processes do not fall into step. Default 0.2. */
  jitter?: number;
  logger: Logger;
  /**
   * One turn. `'again'`: there is more to do, come back at once. `'idle'`: come back after the interval or when woken.
   * Should return soon after `signal` aborts. A rejection is logged and the loop goes on more slowly.
   */
  run: (signal: AbortSignal) => Promise<'again' | 'idle'>;
  /** The longest pause after failures in a row, in milliseconds. Default 10 000. */
  backoffCapMs?: number;
  /** 0 ≤ n < 1. Default Math.random. */
  random?: () => number;
}

export interface Loop extends Service {
  /**
   * Cuts the pause after an idle turn short. During a turn it makes another turn follow: what the running turn could no
   * longer see is not left lying until the next interval. During the pause after a failure it does nothing.
   */
  wake(): void;
}

/**
 * A service that runs `run` over and over, one turn at a time, the first one at once. `start` does not wait for it;
 * `stop` aborts the signal and waits for the turn under way.
 */
export function createLoop(options: LoopOptions): Loop {
  const { intervalMs, jitter = 0.2 } = options;
  invariant(jitter >= 0 && jitter <= 1, `${options.name}: jitter is a share from 0 to 1`);
  invariant(intervalMs >= 0 && intervalMs * (1 + jitter) <= MAX_TIMER_MS, `${options.name}: intervalMs out of range`);
  return new RunningLoop({ jitter, random: Math.random, backoffCapMs: BACKOFF_CAP_MS, ...options });
}

/** A loop that has done all there is after each turn: the next one comes after the interval. */
export function createBeat({ work, ...options }: BeatOptions): Loop {
  return createLoop({
    ...options,
    async run(signal) {
      await work(signal);
      return 'idle';
    },
  });
}

export interface BeatOptions extends Omit<LoopOptions, 'run'> {
  /** One turn; as {@link LoopOptions.run} otherwise. */
  work: (signal: AbortSignal) => Promise<void>;
}

const BACKOFF_BASE_MS = 100;
const BACKOFF_CAP_MS = 10_000;
/** A restart of Postgres costs a failure or two; more is worth waking somebody. */
const WARN_ONLY_FAILURES = 2;

class RunningLoop implements Loop {
  readonly name: string;
  readonly #options: Required<LoopOptions>;
  readonly #stopped = new AbortController();
  #turns: Promise<void> | undefined;
  #failures = 0;
  /** Someone called `wake` since the last turn began. */
  #woken = false;
  /** Aborting it ends the pause under way; undefined while there is none. */
  #pausing: AbortController | undefined;

  constructor(options: Required<LoopOptions>) {
    this.name = options.name;
    this.#options = options;
  }

  async start(): Promise<void> {
    invariant(this.#turns === undefined, `${this.name} was started twice`);
    this.#turns = this.#turnUntilStopped();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#pausing?.abort();
    await this.#turns;
  }

  wake(): void {
    this.#woken = true;
    if (this.#mayBeWoken()) this.#pausing?.abort();
  }

  async #turnUntilStopped(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#woken = false;
      const pauseMs = await this.#turn();
      if (!this.#stopped.signal.aborted) await this.#pause(pauseMs);
    }
  }

  /** Returns the pause to make after it, in milliseconds. */
  async #turn(): Promise<number> {
    try {
      const next = await this.#options.run(this.#stopped.signal);
      this.#failures = 0;
      return next === 'again' ? 0 : this.#jittered(this.#options.intervalMs);
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): number {
    // A turn that was told to stop may well end with an AbortError.
    if (this.#stopped.signal.aborted) return 0;
    this.#failures += 1;
    const cap = this.#options.backoffCapMs;
    const pauseMs = Math.min(cap, this.#jittered(backoffMs(this.#failures, { base: BACKOFF_BASE_MS, cap })));
    const level = this.#failures <= WARN_ONLY_FAILURES ? 'warn' : 'error';
    this.#options.logger[level](
      { err: error, loop: this.name, failures: this.#failures, pauseMs: Math.round(pauseMs) },
      'turn failed',
    );
    return pauseMs;
  }

  #jittered(ms: number): number {
    return ms * (1 + this.#options.jitter * (2 * this.#options.random() - 1));
  }

  async #pause(ms: number): Promise<void> {
    // Asked here, with nothing awaited in between: a wake-up after the turn but before the pause counts too.
    const isWoken = this.#woken && this.#mayBeWoken();
    if (ms > 0 && !isWoken) {
      this.#pausing = new AbortController();
      await sleep(ms, this.#pausing.signal);
      this.#pausing = undefined;
    }
    // Through the event loop even without a pause: a loop that always has more to do must not starve the sockets.
    await setImmediate();
  }

  /** While the other side is failing, a wake-up per event would turn the backoff into a storm. */
  #mayBeWoken(): boolean {
    return this.#failures === 0;
  }
}
