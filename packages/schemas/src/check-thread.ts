import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { TimeoutError, withTimeout } from '@hooklane/runtime';
import type { Answered, Ask } from './asks.ts';

export interface CheckThreadOptions {
  /** What the thread runs. Default: the worker of this package as it was built; sources are no use to a thread. */
  entry?: URL;
  /** For one message of asks, ms. */
  answerWithinMs: number;
}

/** Starting is loading code, on a machine that may have much else to do. */
const START_WITHIN_MS = 30_000;

/** A hostile schema may use up its own thread's memory, not the process's. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

const BUILT = new URL(import.meta.url.endsWith('.ts') ? '../dist/worker.js' : './worker.js', import.meta.url);

/**
 * A thread that answers, started when it is needed first. One that does not answer in time, or ends, is done with: the
 * asks under way fail, the next get another thread.
 */
export class CheckThread {
  readonly #options: CheckThreadOptions;
  #running: Promise<Worker> | null = null;

  constructor(options: CheckThreadOptions) {
    this.#options = options;
  }

  /** One call at a time. Rejects with a TimeoutError, or with what ended the thread. */
  async ask(asks: Ask[]): Promise<Answered> {
    this.#running ??= this.#start();
    const running = this.#running;
    try {
      const worker = await running;
      const answered = withTimeout(messageOf<Answered>(worker), this.#options.answerWithinMs, late);
      worker.postMessage({ asks }, asks.flatMap(buffersOf));
      return await answered;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    const worker = await running?.catch(() => null);
    await worker?.terminate();
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(this.#options.entry ?? BUILT, { env: {}, resourceLimits: LIMITS });
    // Between two calls nobody listens; it must end neither this process nor keep it from ending.
    worker.on('error', () => {});
    worker.unref();
    try {
      await withTimeout(messageOf(worker), START_WITHIN_MS, late);
      return worker;
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }
}

/** The next message; rejects when the thread fails or ends instead. */
async function messageOf<T>(worker: Worker): Promise<T> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const ended = once(worker, 'exit', { signal }).then(() => {
      throw new Error('the thread ended');
    });
    // `once` rejects when there is an error.
    return await Promise.race([once(worker, 'message', { signal }).then(([message]) => message as T), ended]);
  } finally {
    over.abort();
  }
}

/** Handed over instead of copied: they are copies already. */
function buffersOf(ask: Ask): ArrayBuffer[] {
  return ask.kind === 'check' ? [ask.payload.buffer as ArrayBuffer] : [];
}

function late(): TimeoutError {
  return new TimeoutError('no answer in time');
}
