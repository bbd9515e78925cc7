import type { DeliveryId, Expiry } from '@hooklane/domain';
import type { PauseScope } from './pauses.ts';

/** What can be told at once, however much there is to do: read every few seconds. */
export interface Pulse {
  /** How long the oldest delivery that nobody is at has been due, ms; 0 when there is none. What is paused does not count. */
  oldestDueMs: number;
  /** How long the oldest transaction of any client has been open, ms: vacuum cleans up nothing that is younger. */
  oldestTransactionMs: number;
  /** Rows of undone work, and of work that is done and waits for vacuum; as Postgres estimates them. */
  dueRows: { live: number; dead: number };
  /** Who is paused, by how much of it: everybody (1), so many orgs, so many webhooks. */
  paused: Record<PauseScope, number>;
}

/** What there is, counted; takes the longer the more there is. */
export interface Census {
  pending: { due: number; claimed: number; scheduled: number };
  /** `failing`: active, and its last attempt failed. */
  webhooks: { active: number; failing: number; suspended: number; disabled: number };
  diverted: { count: number; oldestMs: number };
  operationsRunning: number;
  /** Keys that something is sealed with: more than one while a key is being replaced. */
  sealingKeys: number;
}

/** Some deliveries, compared with the work and the diverted events that belong to them. */
export interface Comparison {
  compared: number;
  /** In a state that what belongs to it contradicts. There is no good reason for one. */
  mismatched: number;
  /** The last one compared; null when there are no more. */
  next: DeliveryId | null;
}

export interface FigureStore {
  pulse(): Promise<Pulse>;
  census(): Promise<Census>;
  /** Up to `limit` deliveries after the one named, in the order of their ids; the newest ones where it says so. */
  compare(from: DeliveryId | 'first' | 'newest', limit: number): Promise<Comparison>;
}

/** The certificates that webhooks bring: authorities of their own, and what they show to receivers. */
export interface CertificateFigures {
  /** Active webhooks with any, by the first of theirs that ends. */
  expiries(): Promise<Record<Expiry, number>>;
}

/** Deliveries compared at a time: some 10 ms of Postgres. */
const COMPARED = 2_000;

/**
 * Conservation: every accepted delivery is pending, delivered, diverted or discarded, and the tables agree on which. Each
 * look compares the newest deliveries and walks on through all others, so that history is never read at once.
 */
export class ConservationWalk {
  #from: DeliveryId | 'first' = 'first';
  #mismatchedSoFar = 0;
  #mismatchedBefore = 0;

  /** What is wrong by this look and the walk; what was found is told until a whole walk has not found it again. */
  async step(store: Pick<FigureStore, 'compare'>): Promise<{ compared: number; mismatched: number }> {
    const newest = await store.compare('newest', COMPARED);
    const walked = await store.compare(this.#from, COMPARED);
    this.#mismatchedSoFar += walked.mismatched;
    const known = Math.max(this.#mismatchedSoFar, this.#mismatchedBefore);
    this.#from = walked.next ?? 'first';
    if (walked.next === null) {
      this.#mismatchedBefore = this.#mismatchedSoFar;
      this.#mismatchedSoFar = 0;
    }
    return { compared: newest.compared + walked.compared, mismatched: Math.max(newest.mismatched, known) };
  }
}
