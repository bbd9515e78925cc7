import { describe, expect, it } from 'vitest';
import type { PruneStore, Retention } from './prune.ts';
import { prune } from './prune.ts';

const RETENTION: Retention = {
  eventsMs: 30,
  deliveriesMs: 40,
  divertedMs: 90,
  auditMs: 365,
  operationsMs: 60,
  attemptsPerWebhook: 100,
};

/** So much is past its limit; every step is told in `steps`. */
class FakeStore implements PruneStore {
  /** Attempts to delete, webhook by webhook. */
  attempts: number[] = [3, 0, 4];
  idempotencyKeys = 12_000;
  diverted = 5_000;
  auditEntries = 5_001;
  readonly steps: string[] = [];
  onStep = () => {};

  async pruneAttempts(keep: number, after: string | null): Promise<{ deleted: number; next: string | null }> {
    this.#step(`attempts beyond ${keep} after ${after}`);
    const at = after === null ? 0 : Number(after);
    return { deleted: this.attempts[at] ?? 0, next: at + 1 < this.attempts.length ? String(at + 1) : null };
  }

  async expireIdempotencyKeys(limit: number): Promise<number> {
    this.#step('keys');
    const done = Math.min(limit, this.idempotencyKeys);
    this.idempotencyKeys -= done;
    return done;
  }

  async expireDiverted(olderThanMs: number, limit: number): Promise<number> {
    this.#step(`diverted beyond ${olderThanMs}`);
    const done = Math.min(limit, this.diverted);
    this.diverted -= done;
    return done;
  }

  async expireOperations(olderThanMs: number): Promise<number> {
    this.#step(`operations beyond ${olderThanMs}`);
    return 3;
  }

  async expireAudit(olderThanMs: number, limit: number): Promise<number> {
    this.#step(`audit beyond ${olderThanMs}`);
    const done = Math.min(limit, this.auditEntries);
    this.auditEntries -= done;
    return done;
  }

  async forgetRateBuckets(): Promise<number> {
    this.#step('rate buckets');
    return 3;
  }

  async forgetStats(): Promise<number> {
    this.#step('stats');
    return 4;
  }

  async makePartitions(): Promise<string[]> {
    this.#step('make');
    return ['events_20260102'];
  }

  async dropPartitions({ eventsMs, deliveriesMs }: Pick<Retention, 'eventsMs' | 'deliveriesMs'>): Promise<string[]> {
    this.#step(`drop beyond ${eventsMs} and ${deliveriesMs}`);
    return ['events_20251201'];
  }

  async rowsInDefault(): Promise<number> {
    return 7;
  }

  #step(what: string): void {
    this.steps.push(what);
    this.onStep();
  }
}

describe('a pass of the reaper', () => {
  it('walks all webhooks, repeats bounded steps until one is not full, and tells what it did', async () => {
    const store = new FakeStore();
    expect(await prune(store, RETENTION, new AbortController().signal)).toEqual({
      attempts: 7,
      idempotencyKeys: 12_000,
      diverted: 5_000,
      auditEntries: 5_001,
      rateBuckets: 3,
      statsRows: 4,
      operations: 3,
      partitionsMade: ['events_20260102'],
      partitionsDropped: ['events_20251201'],
      rowsInDefault: 7,
    });
    expect(store.steps).toEqual([
      'make',
      ...['attempts beyond 100 after null', 'attempts beyond 100 after 1', 'attempts beyond 100 after 2'],
      ...['keys', 'keys', 'keys'],
      ...['diverted beyond 90', 'diverted beyond 90'],
      ...['audit beyond 365', 'audit beyond 365'],
      'rate buckets',
      'stats',
      'operations beyond 60',
      'drop beyond 30 and 40',
    ]);
  });

  it.each([
    ['attempts beyond 100 after 1', 3],
    ['keys', 5],
    ['diverted beyond 90', 8],
    ['audit beyond 365', 10],
    ['rate buckets', 12],
    ['stats', 13],
  ])('ends after the step during which it is told to stop: %s', async (last, count) => {
    const store = new FakeStore();
    const stop = new AbortController();
    store.onStep = () => {
      if (store.steps.at(-1) === last) stop.abort();
    };
    const report = await prune(store, RETENTION, stop.signal);
    expect(store.steps).toHaveLength(count);
    expect(store.steps.at(-1)).toBe(last);
    expect(report.partitionsDropped).toEqual([]);
  });
});
