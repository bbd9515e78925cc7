import { InvariantError, invariant, OverloadedError } from './errors.ts';

export interface BatcherOptions<In, Out> {
  /** Most items in one batch. */
  maxItems: number;
  /** Most bytes in one batch, by `sizeOf`. A larger item goes alone. Default: no limit. */
  maxBytes?: number;
  /** Bytes of one item; needed with `maxBytes`. Called once per item. */
  sizeOf?: (item: In) => number;
  /** Batches under way at the same time. Default 1. */
  concurrency?: number;
  /** How long a batch that is not full waits for more while nothing keeps it from running, in milliseconds. Default 0. */
  lingerMs?: number;
  /** Items that may be unsettled, waiting and under way together; above it `submit` rejects. Default 10 000. */
  maxPending?: number;
  /** Bytes, by `sizeOf`, that may be unsettled together; above it `submit` rejects. Default: no limit. */
  maxPendingBytes?: number;
  /** Does the work: one result per item, in order. */
  run: (items: In[]) => Promise<Out[]>;
  /** Does the work for one item of a batch that failed. Default: `run` with a batch of one. */
  runOne?: (item: In) => Promise<Out>;
  /** True if the service itself is away, so that trying the items one by one would be in vain. Default: never. */
  isTransient?: (error: unknown) => boolean;
}

export interface Batcher<In, Out> {
  /**
   * Settles with the item's own result. Rejects with an OverloadedError, at once and with nothing done, if too much is
   * pending; with an InvariantError if `run` broke its contract; else with what the work for this item threw.
   */
  submit(item: In): Promise<Out>;
  /** Items submitted and not yet settled. */
  readonly pending: number;
  /** Resolves when nothing is pending, also what is submitted meanwhile. Does not wait for `lingerMs`. Never rejects. */
  drain(): Promise<void>;
}

/**
 * Lets work that arrives together be done together (group commit): items submitted in one turn of the event loop share a
 * batch, and while `concurrency` batches are under way the next ones fill up. So an idle system adds no latency and a busy
 * one makes large batches, with nothing to tune.
 *
 * A batch that fails as a whole is run again item by item, so that one bad item fails alone. Therefore `run` must either
 * do all or nothing (a transaction), or not mind doing an item twice.
 */
export function createBatcher<In, Out>(options: BatcherOptions<In, Out>): Batcher<In, Out> {
  const { maxItems, maxBytes, maxPendingBytes, sizeOf, concurrency = 1 } = options;
  invariant(maxItems >= 1, 'maxItems must be at least 1');
  invariant(concurrency >= 1, 'concurrency must be at least 1');
  const countsBytes = maxBytes !== undefined || maxPendingBytes !== undefined;
  invariant(!countsBytes || sizeOf !== undefined, 'a limit of bytes needs sizeOf');
  return new NaturalBatcher({ ...defaultsOf(options), ...options });
}

function defaultsOf<In, Out>({
  run,
}: BatcherOptions<In, Out>): Omit<Required<BatcherOptions<In, Out>>, 'run' | 'maxItems'> {
  return {
    maxBytes: Number.POSITIVE_INFINITY,
    sizeOf: () => 0,
    concurrency: 1,
    lingerMs: 0,
    maxPending: 10_000,
    maxPendingBytes: Number.POSITIVE_INFINITY,
    runOne: async (item) => onlyOf(await run([item])),
    isTransient: () => false,
  };
}

function onlyOf<Out>(results: Out[]): Out {
  checkCount(results, 1);
  return results[0] as Out;
}

/** Not run again: the work was done, only its report is unusable. */
class WrongCountError extends InvariantError {}

function checkCount(results: readonly unknown[], expected: number): void {
  if (results.length === expected) return;
  throw new WrongCountError(`run must return one result per item: ${results.length} for ${expected}`);
}

/** Items and the two ends of their promises, in parallel arrays: no object and no closure per item. */
class Batch<In, Out> {
  readonly items: In[] = [];
  readonly resolves: Array<(result: Out) => void> = [];
  readonly rejects: Array<(error: unknown) => void> = [];
  bytes = 0;

  add(item: In, bytes: number): Promise<Out> {
    this.items.push(item);
    this.bytes += bytes;
    return new Promise(this.#keepEnds);
  }

  readonly #keepEnds = (resolve: (result: Out) => void, reject: (error: unknown) => void): void => {
    this.resolves.push(resolve);
    this.rejects.push(reject);
  };
}

class NaturalBatcher<In, Out> implements Batcher<In, Out> {
  readonly #options: Required<BatcherOptions<In, Out>>;
  /** Oldest first. Only the last one still takes items. */
  readonly #waiting: Batch<In, Out>[] = [];
  #pending = 0;
  /** Of batches that have not ended. */
  #pendingBytes = 0;
  #running = 0;
  /** Set while a flush is on its way, so that the next thousand items need not ask for one. */
  #flushSoon: NodeJS.Immediate | undefined;
  #flushLater: NodeJS.Timeout | undefined;
  #drains: Array<() => void> = [];

  constructor(options: Required<BatcherOptions<In, Out>>) {
    this.#options = options;
  }

  get pending(): number {
    return this.#pending;
  }

  submit(item: In): Promise<Out> {
    if (this.#pending >= this.#options.maxPending) {
      return Promise.reject(new OverloadedError(`more than ${this.#options.maxPending} items are pending`));
    }
    const bytes = this.#options.sizeOf(item);
    if (this.#pendingBytes + bytes > this.#options.maxPendingBytes) {
      return Promise.reject(new OverloadedError(`more than ${this.#options.maxPendingBytes} bytes are pending`));
    }
    const settled = this.#batchFor(bytes).add(item, bytes);
    this.#pending += 1;
    this.#pendingBytes += bytes;
    this.#askForFlush();
    return settled;
  }

  drain(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    const drained = new Promise<void>((resolve) => this.#drains.push(resolve));
    this.#askForFlush();
    return drained;
  }

  #batchFor(bytes: number): Batch<In, Out> {
    const last = this.#waiting.at(-1);
    if (last && last.items.length < this.#options.maxItems && last.bytes + bytes <= this.#options.maxBytes) return last;
    const batch = new Batch<In, Out>();
    this.#waiting.push(batch);
    return batch;
  }

  #askForFlush(): void {
    if (this.#flushSoon !== undefined || this.#waiting.length === 0) return;
    // The end of a run asks again.
    if (this.#running >= this.#options.concurrency) return;
    if (this.#mayLinger()) {
      this.#flushLater ??= setTimeout(this.#flush, this.#options.lingerMs);
    } else {
      // After everything this turn of the event loop still brings.
      this.#flushSoon = setImmediate(this.#flush);
    }
  }

  #mayLinger(): boolean {
    if (this.#options.lingerMs === 0 || this.#drains.length > 0 || this.#waiting.length > 1) return false;
    return (this.#waiting[0]?.items.length ?? 0) < this.#options.maxItems;
  }

  readonly #flush = (): void => {
    clearTimeout(this.#flushLater);
    this.#flushLater = undefined;
    this.#flushSoon = undefined;
    while (this.#running < this.#options.concurrency) {
      const batch = this.#waiting.shift();
      if (batch === undefined) return;
      this.#running += 1;
      void this.#run(batch);
    }
  };

  /** Never rejects: every error belongs to an item. */
  async #run(batch: Batch<In, Out>): Promise<void> {
    try {
      const results = await this.#options.run(batch.items);
      checkCount(results, batch.items.length);
      for (let i = 0; i < results.length; i += 1) this.#resolve(batch, i, results[i] as Out);
    } catch (error) {
      await this.#recover(batch, error);
    }
    this.#running -= 1;
    this.#pendingBytes -= batch.bytes;
    this.#askForFlush();
  }

  async #recover(batch: Batch<In, Out>, error: unknown): Promise<void> {
    const isFinal = batch.items.length === 1 || error instanceof WrongCountError || this.#options.isTransient(error);
    if (isFinal) this.#rejectFrom(batch, 0, error);
    else await this.#runOneByOne(batch);
  }

  async #runOneByOne(batch: Batch<In, Out>): Promise<void> {
    for (const [i, item] of batch.items.entries()) {
      try {
        this.#resolve(batch, i, await this.#options.runOne(item));
      } catch (error) {
        // Gone in the middle: the rest would only wait for the same answer, one after the other.
        if (this.#options.isTransient(error)) return this.#rejectFrom(batch, i, error);
        this.#reject(batch, i, error);
      }
    }
  }

  #rejectFrom(batch: Batch<In, Out>, first: number, error: unknown): void {
    for (let i = first; i < batch.items.length; i += 1) this.#reject(batch, i, error);
  }

  #resolve(batch: Batch<In, Out>, i: number, result: Out): void {
    batch.resolves[i]?.(result);
    this.#countSettled();
  }

  #reject(batch: Batch<In, Out>, i: number, error: unknown): void {
    batch.rejects[i]?.(error);
    this.#countSettled();
  }

  #countSettled(): void {
    this.#pending -= 1;
    if (this.#pending > 0 || this.#drains.length === 0) return;
    for (const resolve of this.#drains.splice(0)) resolve();
  }
}
