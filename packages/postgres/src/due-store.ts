import type { WebhookId } from '@hooklane/domain';
import type { AttemptRecord, Claim, DueRef, DueStore, IdFactory } from '@hooklane/engine';
import { createBatcher } from '@hooklane/runtime';
import { isConnectionError } from './connection-errors.ts';
import type { Database } from './database.ts';
import { drainInactive } from './drain-inactive.ts';
import { createClaimReader } from './due-claims.ts';
import type { RecordOptions } from './due-records.ts';
import { writeRecords } from './due-records.ts';
import { relay, release, unqueue, unqueueAll, waiting } from './due-relay.ts';
import { pausesNow } from './pauses.ts';
import type { SecretBox } from './secret-box.ts';
import { createWebhookCache } from './webhook-cache.ts';
import type { Suspension } from './webhook-health.ts';
import { suspend, suspensionsAfter } from './webhook-health.ts';

export interface DueStoreOptions {
  ids: IdFactory;
  box: SecretBox;
  /** A claim lapses this long after the webhook's deadline, ms. Design: 15 s. */
  claimGraceMs: number;
  /** How long the relay leaves queued work alone, ms. */
  enqueuedMs: number;
  onSuspended: (suspension: Suspension) => void;
  /** Asked when so many webhooks are to be suspended; true: they are not, this time. Left out: they are. */
  withholds?: (suspensions: number) => boolean;
  /** A webhook whose secret or headers no configured key opens: its deliveries wait. */
  onUnopened: (webhookId: WebhookId, error: Error) => void;
}

const CLAIM_BATCH = { maxItems: 200, concurrency: 2 };
/** Statements that write results at a time, each on a {@link Database.steady} connection. */
export const RECORD_CONNECTIONS = 2;
/** Nobody waits for a result but the slot it frees: a moment more, and where a few come at a time they share a statement. */
const RECORD_BATCH = { maxItems: 200, maxBytes: 4 * 1024 * 1024, concurrency: RECORD_CONNECTIONS, lingerMs: 10 };

/** Undone work in Postgres. Claims and results that come together share a statement. */
export function createDueStore(database: Database, options: DueStoreOptions): DueStore {
  const { pool } = database;
  const cache = createWebhookCache(pool, options.box);
  const reader = createClaimReader({
    pool,
    cache,
    ids: options.ids,
    graceMs: options.claimGraceMs,
    onUnopened: options.onUnopened,
  });
  const claims = createBatcher<DueRef, Claim | null>({
    ...CLAIM_BATCH,
    run: (refs) => reader.claimAll(refs),
    isTransient: isConnectionError,
  });
  const records = createBatcher<AttemptRecord, boolean>({
    ...RECORD_BATCH,
    sizeOf: (record) => record.sent?.report.response?.body.length ?? 0,
    run: (batch) => recordAll(database, batch, options),
    isTransient: isConnectionError,
  });

  return {
    claim: (ref) => claims.submit(ref),
    take: (request) => reader.take(request),
    takeShares: (shares) => reader.takeShares(shares),
    waiting: () => waiting(pool),
    pauses: () => pausesNow(pool),
    record: (record) => records.submit(record),
    release: (given) => release(pool, given),
    relay: (limit) => relay(pool, limit, options.enqueuedMs),
    unqueue: (refs) => unqueue(pool, refs),
    unqueueAll: () => unqueueAll(pool),
    drainInactive: (limit) => drainInactive(database, limit),
  };
}

async function recordAll(
  database: Database,
  batch: AttemptRecord[],
  options: RecordOptions & Pick<DueStoreOptions, 'onSuspended' | 'withholds'>,
): Promise<boolean[]> {
  const { written, failures } = await writeRecords(database.steady, batch, options);
  const due = suspensionsAfter(
    batch.filter((_, n) => written[n]),
    failures,
  );
  if (due.length > 0 && !options.withholds?.(due.length)) {
    const suspended = await database.transaction((client) => suspend(client, due));
    for (const suspension of suspended) options.onSuspended(suspension);
  }
  return written;
}
