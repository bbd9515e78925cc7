import type { Worker } from 'bullmq';
import type { QueueLogger } from './log.ts';

/** How long a worker that was refused asks for nothing. */
const PAUSE_MS = 1_000;
/** So long after a pause without another refusal, all is well again. */
const WATCH_MS = 3_000;

/**
 * Slows a worker down whose commands Redis refuses (out of memory, disk full, too few replicas): BullMQ would ask again at
 * once, thousands of times a second. Attempts under way still end their jobs, which is what frees memory.
 */
export class Brake {
  readonly #worker: Pick<Worker, 'pause' | 'resume'>;
  readonly #logger: QueueLogger;
  #phase: 'off' | 'pausing' | 'watching' = 'off';
  #timer: NodeJS.Timeout | undefined;

  constructor(worker: Pick<Worker, 'pause' | 'resume'>, logger: QueueLogger) {
    this.#worker = worker;
    this.#logger = logger;
  }

  refused(reason: string): void {
    if (this.#phase === 'pausing') return;
    if (this.#phase === 'off') this.#logger.warn({ reason }, 'Redis refuses to hand out work: trying once a second');
    void this.#worker.pause(true);
    this.#enter('pausing', PAUSE_MS, () => this.#resume());
  }

  /** Before the worker is closed: nothing resumes it any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#phase = 'pausing';
  }

  #resume(): void {
    this.#enter('watching', WATCH_MS, () => {
      this.#phase = 'off';
      this.#logger.info({}, 'Redis hands out work again');
    });
    void this.#worker.resume();
  }

  #enter(phase: 'pausing' | 'watching', ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#phase = phase;
    this.#timer = setTimeout(then, ms);
  }
}
