import type { OrgId } from '@hooklane/domain';
import { OverloadedError } from '@hooklane/runtime';
import type { Answer, Answered, Ask } from './asks.ts';

export interface FairAsksOptions {
  /** Answers the first of these, and as many more as it comes to in a short time. */
  ask: (asks: Ask[]) => Promise<Answered>;
  /** Milliseconds since some moment. */
  clock: () => number;
}

/** In one message. */
const MOST_ASKS = 64;
const MOST_BYTES = 1024 * 1024;
/** Of one org: four batches. */
const MOST_WAITING = 4_096;
/** Who waits longer than this has asked for more than the thread can do, ms. */
const LONGEST_WAIT_MS = 30_000;
/** An ask that takes longer makes its org slow for so long, ms. To compile a schema may take longer, too: once. */
const SLOW_ASK_MS = 20;
const SLOW_FOR_MS = 10_000;

/**
 * Lets all orgs use one thread in turn, however much each of them asks. What is quick goes there together. An org whose
 * asks are slow gets every second message, for one ask, so that others wait for one of its asks and no more.
 */
export class FairAsks {
  readonly #options: FairAsksOptions;
  /** Who has had a turn goes to the end. */
  readonly #waiting = new Map<OrgId, Waiting[]>();
  readonly #slowUntil = new Map<OrgId, number>();
  #working: Promise<void> | null = null;
  #wasSlow = false;

  constructor(options: FairAsksOptions) {
    this.#options = options;
  }

  /** Rejects with an OverloadedError when the org asks for too much; else with what ended the thread, or its time. */
  submit(orgId: OrgId, ask: Ask): Promise<Answer> {
    const mine = this.#waiting.get(orgId) ?? [];
    if (mine.length >= MOST_WAITING) return Promise.reject(new OverloadedError('the org has too many checks waiting'));
    return new Promise((resolve, reject) => {
      mine.push({ orgId, ask, resolve, reject, sinceMs: this.#options.clock() });
      this.#waiting.set(orgId, mine);
      this.#working ??= this.#work();
    });
  }

  /** Resolves when nobody waits any more. */
  async drain(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    // What is asked in one turn of the event loop goes together.
    await Promise.resolve();
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) await this.#askAll(batch);
    this.#working = null;
  }

  async #askAll(batch: Waiting[]): Promise<void> {
    try {
      const { answers, lastMs } = await this.#options.ask(batch.map(({ ask }) => ask));
      const answered = batch.splice(0, answers.length);
      for (const [at, { resolve }] of answered.entries()) resolve(answers[at] ?? null);
      if (lastMs > SLOW_ASK_MS) this.#callSlow(answered.slice(-1));
      this.#putBack(batch);
    } catch (error) {
      // Whose fault it was is found by asking one by one, as is done with those who are slow.
      this.#callSlow(batch);
      if (batch.length > 1) this.#putBack(batch);
      else for (const { reject } of batch) reject(error);
    }
  }

  #callSlow(asked: readonly Waiting[]): void {
    for (const { orgId } of asked) this.#slowUntil.set(orgId, this.#options.clock() + SLOW_FOR_MS);
  }

  #putBack(asks: readonly Waiting[]): void {
    for (const ask of asks.toReversed()) {
      const others = this.#waiting.get(ask.orgId) ?? [];
      others.unshift(ask);
      this.#waiting.set(ask.orgId, others);
    }
  }

  #next(): Waiting[] {
    this.#refuseOverdue();
    const slow = () => this.#take((orgId) => this.#isSlow(orgId), 1);
    const quick = () => this.#take((orgId) => !this.#isSlow(orgId), MOST_ASKS);
    const batch = this.#wasSlow ? quick() : slow();
    if (batch.length > 0) this.#wasSlow = !this.#wasSlow;
    if (batch.length > 0) return batch;
    return this.#wasSlow ? slow() : quick();
  }

  /** One of each org before the second of any. */
  #take(isWanted: (orgId: OrgId) => boolean, most: number): Waiting[] {
    const taken: Waiting[] = [];
    let bytes = 0;
    // An org that is put in again comes again.
    for (const [orgId, asks] of this.#waiting) {
      const [next] = isWanted(orgId) ? asks : [];
      if (next === undefined) continue;
      bytes += sizeOf(next.ask);
      if (taken.length > 0 && bytes > MOST_BYTES) break;
      taken.push(next);
      this.#passOn(orgId, asks);
      if (taken.length === most) break;
    }
    return taken;
  }

  #passOn(orgId: OrgId, asks: Waiting[]): void {
    asks.shift();
    this.#waiting.delete(orgId);
    if (asks.length > 0) this.#waiting.set(orgId, asks);
  }

  #isSlow(orgId: OrgId): boolean {
    const until = this.#slowUntil.get(orgId);
    if (until === undefined) return false;
    if (until > this.#options.clock()) return true;
    this.#slowUntil.delete(orgId);
    return false;
  }

  /** The oldest of an org come first. */
  #refuseOverdue(): void {
    const overdueMs = this.#options.clock() - LONGEST_WAIT_MS;
    for (const [orgId, asks] of this.#waiting) {
      while (asks[0] !== undefined && asks[0].sinceMs < overdueMs) {
        asks.shift()?.reject(new OverloadedError('the org has asked for more checks than there was time for'));
      }
      if (asks.length === 0) this.#waiting.delete(orgId);
    }
  }
}

interface Waiting {
  orgId: OrgId;
  ask: Ask;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
  sinceMs: number;
}

function sizeOf(ask: Ask): number {
  return ask.kind === 'check' ? ask.payload.length : ask.schema.length;
}
