import { randomBytes } from 'node:crypto';
import type { AttemptRecord } from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { openTestDatabase } from '../../../test/support/database.ts';
import { ACCEPTED, reportOf } from '../../../test/support/memory/work-fakes.ts';
import { seedWebhook } from '../../../test/support/seed-webhook.ts';
import { until } from '../../../test/support/until.ts';
import { createDueStore } from './due-store.ts';
import { createSecretBox } from './secret-box.ts';

/** From the sixth time on each of the connections uses a plan that it keeps. */
const ROUNDS = 50;
const BATCH = 40;
const WEBHOOKS = 20;

test('results are written while others change the same rows, and Postgres lives', { timeout: 60_000 }, async () => {
  await using stage = await openTestDatabase();
  const { pool } = stage.database;
  const box = createSecretBox([{ id: 'ours', key: randomBytes(32) }]);
  const ids = createIdFactory();
  for (let n = 0; n < WEBHOOKS; n++) {
    const due = (ROUNDS * BATCH) / WEBHOOKS;
    await seedWebhook(pool, box, { id: ids.next('wh'), orgId: ids.next('org'), secretId: ids.next('sec'), due });
  }
  const times = { claimGraceMs: 15_000, enqueuedMs: 10_000 };
  const notices = { onSuspended() {}, onUnopened() {} };
  const due = createDueStore(stage.database, { ids, box, ...times, ...notices });
  const startedAt = await serverStart(pool);

  for (let round = 0; round < ROUNDS; round++) {
    const claims = await due.take({ limit: BATCH, includeQueued: true });
    expect(claims).toHaveLength(BATCH);
    const other = await pool.connect();
    await other.query('BEGIN');
    await other.query('UPDATE delivery_due SET enqueued_until = NULL WHERE delivery_id = ANY($1)', [
      claims.filter((_, n) => n % 2 === 0).map((claim) => claim.deliveryId),
    ]);
    const recording = Promise.all(claims.map((claim, n) => due.record(recordOf(claim, n))));
    await until(() => isWaiting(pool), { what: 'the results to wait for the change' });
    await other.query('COMMIT');
    other.release();
    expect(await recording).toEqual(claims.map(() => true));
  }

  expect(await serverStart(pool)).toEqual(startedAt);
});

function recordOf(claim: AttemptRecord['claim'], n: number): AttemptRecord {
  const sent = { report: reportOf(ACCEPTED, 20), requestHeaders: {}, startedAtMs: claim.claimedAtMs, waitedFor: null };
  const step: AttemptRecord['step'] = n % 3 === 0 ? { kind: 'retry', delayMs: 60_000 } : { kind: 'delivered' };
  return { claim, step, sent, queued: false };
}

async function isWaiting(pool: Pool): Promise<boolean> {
  const { rowCount } = await pool.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rowCount !== 0;
}

async function serverStart(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ at: Date }>('SELECT pg_postmaster_start_time() AS at');
  return rows[0]?.at ?? new Date(0);
}
