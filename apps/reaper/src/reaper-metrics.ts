import type { Census, PruneReport, Pulse } from '@hooklane/engine';
import type { Metrics } from '@hooklane/runtime';

/** What a reaper did. */
export function countPruning(metrics: Metrics): (report: PruneReport, durationMs: number) => void {
  const rows = metrics.counter(PRUNED_ROWS);
  const duration = metrics.histogram(PRUNE_DURATION);
  const defaults = metrics.gauge(DEFAULT_ROWS);
  return ({ partitionsMade, partitionsDropped, rowsInDefault, ...deleted }, durationMs) => {
    for (const [kind, count] of Object.entries(deleted)) rows.add({ kind }, count);
    rows.add({ kind: 'partitions' }, partitionsDropped.length);
    duration.observe({}, durationMs / 1000);
    defaults.set({}, rowsInDefault);
  };
}

/** What it was told to do, for rules that compare with it. */
export function tellRetention(metrics: Metrics, { divertedMs }: { divertedMs: number }): void {
  metrics.gauge(DIVERTED_RETENTION).set({}, divertedMs / 1000);
}

/** What there is to do in all, as it was read last. */
export interface FigureGauges {
  pulse(pulse: Pulse): void;
  census(census: Census): void;
  conservation(look: { compared: number; mismatched: number }): void;
}

export function figureGauges(metrics: Metrics): FigureGauges {
  const oldestDue = metrics.gauge(OLDEST_DUE);
  const oldestTransaction = metrics.gauge(OLDEST_TRANSACTION);
  const dueRows = metrics.gauge(DUE_ROWS);
  const paused = metrics.gauge(PAUSED);
  const pending = metrics.gauge(PENDING);
  const webhooks = metrics.gauge(WEBHOOKS);
  const diverted = metrics.gauge(DIVERTED);
  const oldestDiverted = metrics.gauge(OLDEST_DIVERTED);
  const operations = metrics.gauge(OPERATIONS);
  const sealingKeys = metrics.gauge(SEALING_KEYS);
  const mismatches = metrics.gauge(MISMATCHES);
  const compared = metrics.counter(COMPARED);
  let readAtMs = performance.now();
  metrics.gauge(FIGURES_AGE, (gauge) => gauge.set({}, (performance.now() - readAtMs) / 1000));
  return {
    pulse(pulse) {
      readAtMs = performance.now();
      oldestDue.set({}, pulse.oldestDueMs / 1000);
      oldestTransaction.set({}, pulse.oldestTransactionMs / 1000);
      for (const [scope, count] of Object.entries(pulse.paused)) paused.set({ scope }, count);
      dueRows.set({ kind: 'live' }, pulse.dueRows.live);
      dueRows.set({ kind: 'dead' }, pulse.dueRows.dead);
    },
    census(census) {
      for (const [state, count] of Object.entries(census.pending)) pending.set({ state }, count);
      for (const [state, count] of Object.entries(census.webhooks)) webhooks.set({ state }, count);
      diverted.set({}, census.diverted.count);
      oldestDiverted.set({}, census.diverted.oldestMs / 1000);
      operations.set({}, census.operationsRunning);
      sealingKeys.set({}, census.sealingKeys);
    },
    conservation(look) {
      mismatches.set({}, look.mismatched);
      compared.add({}, look.compared);
    },
  };
}

const PRUNED_ROWS = {
  name: 'hooklane_pruned_rows_total',
  help: 'Rows, and partitions, deleted because they were past their limit, by what they were.',
  labels: ['kind'],
} as const;

const PRUNE_DURATION = {
  name: 'hooklane_prune_duration_seconds',
  help: 'How long one pass of the reaper took.',
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
} as const;

const DEFAULT_ROWS = {
  name: 'hooklane_default_partition_rows',
  help: 'Rows that found no day partition (counted to 1,000). Must be 0: they are never dropped.',
} as const;

const OLDEST_DUE = {
  name: 'hooklane_oldest_due_age_seconds',
  help: 'How long the oldest delivery that nobody is at has been due; those that are paused do not count.',
} as const;

const OLDEST_TRANSACTION = {
  name: 'hooklane_postgres_oldest_transaction_seconds',
  help: 'How long the oldest transaction of any client of this database has been open.',
} as const;

const DUE_ROWS = {
  name: 'hooklane_postgres_due_rows',
  help: 'Rows of undone work, as Postgres estimates them: live, and dead ones that wait for vacuum.',
  labels: ['kind'],
} as const;

const PAUSED = {
  name: 'hooklane_paused',
  help: "Deliveries that are paused: everybody's (all, 0 or 1), those of so many orgs, of so many webhooks.",
  labels: ['scope'],
} as const;

const PENDING = {
  name: 'hooklane_pending_deliveries',
  help: 'Pending deliveries: due, claimed by a worker, or scheduled for later.',
  labels: ['state'],
} as const;

const WEBHOOKS = {
  name: 'hooklane_webhooks',
  help: 'Webhooks: active, failing (active, but the last attempt failed), suspended, disabled.',
  labels: ['state'],
} as const;

const DIVERTED = {
  name: 'hooklane_diverted_events',
  help: 'Diverted events that wait to be sent again.',
} as const;

const OLDEST_DIVERTED = {
  name: 'hooklane_diverted_oldest_age_seconds',
  help: 'Age of the oldest diverted event.',
} as const;

const DIVERTED_RETENTION = {
  name: 'hooklane_diverted_retention_seconds',
  help: 'How old a diverted event may become before it is deleted.',
} as const;

const OPERATIONS = {
  name: 'hooklane_operations_running',
  help: 'Resends, replays and other operations that are under way.',
} as const;

const SEALING_KEYS = {
  name: 'hooklane_sealing_keys',
  help: 'Keys that secrets, headers or credentials are sealed with. More than one until a replaced key is needed no more.',
} as const;

const MISMATCHES = {
  name: 'hooklane_conservation_mismatches',
  help: 'Deliveries whose state and whose rows of work or diverted events contradict each other. Must be 0.',
} as const;

const COMPARED = {
  name: 'hooklane_conservation_compared_total',
  help: 'Deliveries that were compared for it.',
} as const;

const FIGURES_AGE = {
  name: 'hooklane_figures_age_seconds',
  help: 'How long ago the figures of the reaper were read from Postgres.',
} as const;
