/** What one pass of the reaper did. */
export interface PruneReport {
  attempts: number;
  idempotencyKeys: number;
  diverted: number;
  auditEntries: number;
  rateBuckets: number;
  statsRows: number;
  operations: number;
  partitionsMade: string[];
  partitionsDropped: string[];
  /** Rows that found no day partition: clocks are wrong, or the reaper was away for days. */
  rowsInDefault: number;
}

export interface Retention {
  eventsMs: number;
  deliveriesMs: number;
  divertedMs: number;
  auditMs: number;
  /** Counted from the end of an operation. */
  operationsMs: number;
  /** Attempts kept per webhook. */
  attemptsPerWebhook: number;
}

/** Deletes what is past its limit, in bounded steps that two reapers may take at the same time. */
export interface PruneStore {
  /** Looks at the next webhooks that have attempts; null when all have been looked at. */
  pruneAttempts(keep: number, after: string | null): Promise<{ deleted: number; next: string | null }>;
  expireIdempotencyKeys(limit: number): Promise<number>;
  /** Diverted events past their retention; their deliveries end as discarded, reason `divert_expired`. */
  expireDiverted(olderThanMs: number, limit: number): Promise<number>;
  expireAudit(olderThanMs: number, limit: number): Promise<number>;
  /** Levels of rate limits that nobody has used for a day: by then they are full. */
  forgetRateBuckets(limit: number): Promise<number>;
  /** Minutes and hours that no window of the statistics reaches any more. */
  forgetStats(limit: number): Promise<number>;
  /** Operations that ended longer ago. */
  expireOperations(olderThanMs: number, limit: number): Promise<number>;
  /** Day partitions from yesterday to three days ahead; returns the names of new ones. */
  makePartitions(): Promise<string[]>;
  /** Days wholly past their retention; what due or diverted rows still need is kept. Returns the names dropped. */
  dropPartitions(retention: Pick<Retention, 'eventsMs' | 'deliveriesMs'>): Promise<string[]>;
  rowsInDefault(): Promise<number>;
}

const STEP = 5_000;

/** One pass of the reaper. It stops between steps when `signal` is raised. */
export async function prune(store: PruneStore, retention: Retention, signal: AbortSignal): Promise<PruneReport> {
  const partitionsMade = await store.makePartitions();
  const attempts = await pruneAttempts(store, retention.attemptsPerWebhook, signal);
  const idempotencyKeys = await inSteps(signal, () => store.expireIdempotencyKeys(STEP));
  const diverted = await inSteps(signal, () => store.expireDiverted(retention.divertedMs, STEP));
  const auditEntries = await inSteps(signal, () => store.expireAudit(retention.auditMs, STEP));
  const rateBuckets = await inSteps(signal, () => store.forgetRateBuckets(STEP));
  const statsRows = await inSteps(signal, () => store.forgetStats(STEP));
  const operations = await inSteps(signal, () => store.expireOperations(retention.operationsMs, STEP));
  const partitionsDropped = signal.aborted ? [] : await store.dropPartitions(retention);
  const rowsInDefault = await store.rowsInDefault();
  const rows = { attempts, idempotencyKeys, diverted, auditEntries, rateBuckets, statsRows, operations };
  return { ...rows, partitionsMade, partitionsDropped, rowsInDefault };
}

async function pruneAttempts(store: PruneStore, keep: number, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  let after: string | null = null;
  do {
    const step: { deleted: number; next: string | null } = await store.pruneAttempts(keep, after);
    deleted += step.deleted;
    after = step.next;
  } while (after !== null && !signal.aborted);
  return deleted;
}

async function inSteps(signal: AbortSignal, step: () => Promise<number>): Promise<number> {
  let done = 0;
  let last = STEP;
  while (last === STEP && !signal.aborted) {
    last = await step();
    done += last;
  }
  return done;
}
