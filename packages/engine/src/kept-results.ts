import type { AttemptRecord, DueStore } from './due-work.ts';

export interface KeptResultsPorts {
  due: DueStore;
  /** Says of an error that the store is away. What it was asked may or may not have been done. */
  isAway: (error: unknown) => boolean;
  /** Between two looks whether the store is back. */
  pause: () => Promise<unknown>;
  observe: (change: KeptChange) => void;
}

export interface KeptChange {
  /** `kept`: the store went away; `written`: it is back, and has them all; `given-up`: we end before it came back. */
  what: 'kept' | 'written' | 'given-up';
  /** How many results this is about, or so far. */
  results: number;
}

/** Results wait to be written. Nothing new is begun before they are. */
export class ResultsKeptError extends Error {
  override readonly name = 'ResultsKeptError';
}

export interface KeepingDueStore extends DueStore {
  /** Waits no longer: what is kept is lost, its claims lapse, and the attempts are made again. */
  giveUp(): void;
}

/**
 * A store of due work that may go away: results of attempts wait until it is back, and are written before anything is
 * claimed or relayed, so that no attempt is made again whose result we have. A result that waits keeps its slot, so
 * there are never more of them than attempts in flight; when they fill the slots, the worker takes no new work.
 */
export function keepResults(ports: KeptResultsPorts): KeepingDueStore {
  const { due } = ports;
  const results = new KeptResults(ports);
  return {
    record: (record) => results.record(record),
    claim: (ref) => results.first(() => due.claim(ref)),
    take: (request) => results.first(() => due.take(request)),
    takeShares: (shares) => results.first(() => due.takeShares(shares)),
    waiting: () => results.first(() => due.waiting()),
    pauses: () => due.pauses(),
    relay: (limit) => results.first(() => due.relay(limit)),
    // It also sets aside what has a lapsed claim, although the event may have been accepted.
    drainInactive: (limit) => results.first(() => due.drainInactive(limit)),
    release: (claims) => due.release(claims),
    unqueue: (refs) => due.unqueue(refs),
    unqueueAll: () => due.unqueueAll(),
    giveUp: () => results.giveUp(),
  };
}

interface Kept {
  record: AttemptRecord;
  resolve: (isWritten: boolean) => void;
  reject: (error: unknown) => void;
}

class KeptResults {
  readonly #ports: KeptResultsPorts;
  /** In the order in which they came. */
  readonly #kept = new Set<Kept>();
  #isWriting = false;

  constructor(ports: KeptResultsPorts) {
    this.#ports = ports;
  }

  async record(record: AttemptRecord): Promise<boolean> {
    if (this.#kept.size > 0) return this.#keep(record);
    try {
      return await this.#ports.due.record(record);
    } catch (error) {
      if (!this.#ports.isAway(error)) throw error;
      return this.#keep(record);
    }
  }

  async first<T>(call: () => Promise<T>): Promise<T> {
    if (this.#kept.size > 0) throw new ResultsKeptError(`${this.#kept.size} results wait to be written first`);
    return call();
  }

  giveUp(): void {
    if (this.#kept.size === 0) return;
    this.#ports.observe({ what: 'given-up', results: this.#kept.size });
    for (const { reject } of this.#kept) reject(new ResultsKeptError('the store did not come back'));
    this.#kept.clear();
  }

  #keep(record: AttemptRecord): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#kept.add({ record, resolve, reject });
      void this.#writeKept();
    });
  }

  async #writeKept(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#ports.observe({ what: 'kept', results: this.#kept.size });
    let written = 0;
    while (this.#kept.size > 0) {
      await this.#ports.pause();
      written += await this.#writeRound();
    }
    this.#isWriting = false;
    this.#ports.observe({ what: 'written', results: written });
  }

  /** One first: a store that is still away should not be asked for all. Returns how many were written. */
  async #writeRound(): Promise<number> {
    const [oldest] = this.#kept;
    if (oldest === undefined || !(await this.#write(oldest))) return 0;
    const rest = await Promise.all([...this.#kept].map((kept) => this.#write(kept)));
    return 1 + rest.filter((isSettled) => isSettled).length;
  }

  /** False: it goes on waiting. */
  async #write(kept: Kept): Promise<boolean> {
    try {
      kept.resolve(await this.#ports.due.record(kept.record));
    } catch (error) {
      if (this.#ports.isAway(error)) return false;
      kept.reject(error);
    }
    this.#kept.delete(kept);
    return true;
  }
}
