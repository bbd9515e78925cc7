import type { OrgId, Outcome, WebhookId } from '@hooklane/domain';
import { LATENCY_BUCKETS, latencyBucket } from '@hooklane/domain';
import type { Attempted } from './attempt-delivery.ts';

/** What happened, counted. */
export interface Tally {
  /** Attempts, by what they came to. */
  outcomes: Record<Outcome['kind'], number>;
  /** Deliveries that ended. */
  delivered: number;
  diverted: number;
  discarded: number;
  /** Attempts by their duration, see `latencyBucket`; blocked ones are left out, since nothing was sent. */
  latency: number[];
}

/** A tally of one webhook; the store adds it up for its org too. */
export interface WebhookTally extends Tally {
  orgId: OrgId;
  webhookId: WebhookId;
}

/** Rows there are now; beyond `COUNTED_ROWS` nobody counts on. */
export interface RowCount {
  count: number;
  /** There are more. */
  capped: boolean;
}

export const COUNTED_ROWS = 10_000;

export interface StatsWindow extends Tally {
  since: Date;
}

export interface Stats {
  pending: RowCount;
  diverted: RowCount;
  /** Of the attempts in the log; null for an org. */
  lastSuccessAt: Date | null;
  lastFailureAt: Date | null;
  /** The last 60 minutes and the one under way; the last 24 hours and the one under way. */
  hour: StatsWindow;
  day: StatsWindow;
}

export interface StatsStore {
  /** Adds to the minute and the hour that it is, on the clock of the store. */
  add(tallies: readonly WebhookTally[]): Promise<void>;
  ofWebhook(orgId: OrgId, webhookId: WebhookId): Promise<Stats>;
  ofOrg(orgId: OrgId): Promise<Stats>;
}

/**
 * Counts in memory, so that attempts cost the store nothing; written down every few seconds. Statistics, not truth: what
 * a killed worker had not written is missing, and where the answer to a write was lost it may count twice.
 */
export class StatsCounter {
  #tallies = new Map<WebhookId, WebhookTally>();

  /** Attempts whose record was lost to another worker do not count: they are counted there. */
  count({ claim, step, sent, recorded }: Attempted): void {
    if (!recorded) return;
    const tally = this.#tallyOf(claim);
    if (step.kind === 'delivered') tally.delivered += 1;
    if (step.kind === 'divert') tally.diverted += 1;
    if (step.kind === 'discard') tally.discarded += 1;
    if (sent === null) return;
    const { outcome, durationMs } = sent.report;
    tally.outcomes[outcome.kind] += 1;
    if (outcome.kind !== 'blocked') bump(tally.latency, latencyBucket(durationMs));
  }

  /** Writes down what was counted. What could not be written is kept for the next time. */
  async flush(store: Pick<StatsStore, 'add'>): Promise<void> {
    const tallies = this.#tallies;
    if (tallies.size === 0) return;
    this.#tallies = new Map();
    try {
      await store.add([...tallies.values()]);
    } catch (error) {
      for (const tally of tallies.values()) addTo(this.#tallyOf(tally), tally);
      throw error;
    }
  }

  #tallyOf({ orgId, webhookId }: Pick<WebhookTally, 'orgId' | 'webhookId'>): WebhookTally {
    const known = this.#tallies.get(webhookId);
    if (known) return known;
    const made = { orgId, webhookId, ...emptyTally() };
    this.#tallies.set(webhookId, made);
    return made;
  }
}

export function emptyTally(): Tally {
  return {
    outcomes: { accepted: 0, rejected: 0, 'timed-out': 0, unreachable: 0, blocked: 0 },
    delivered: 0,
    diverted: 0,
    discarded: 0,
    latency: new Array<number>(LATENCY_BUCKETS).fill(0),
  };
}

/** Adds one tally to another, in place. */
export function addTo(sum: Tally, more: Tally): void {
  for (const kind of Object.keys(sum.outcomes) as Outcome['kind'][]) sum.outcomes[kind] += more.outcomes[kind];
  sum.delivered += more.delivered;
  sum.diverted += more.diverted;
  sum.discarded += more.discarded;
  for (const [bucket, count] of more.latency.entries()) sum.latency[bucket] = (sum.latency[bucket] ?? 0) + count;
}

function bump(counts: number[], at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}
