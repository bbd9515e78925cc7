import { randomBytes } from 'node:crypto';
import { DEFAULT_FAILURE_POLICY, secretFromKey } from '@hooklane/domain';
import { createIdFactory, SYSTEM } from '@hooklane/engine';
import {
  createDueStore,
  createEventStore,
  createFailureRuns,
  createPauseStore,
  createSecretBox,
} from '@hooklane/postgres';
import { openTestDatabase } from '../support/database.ts';
import type { WorkWorld } from './work-store.ts';
import { describeWorkStore, WORLD_TIMES } from './work-store.ts';

describeWorkStore('Postgres', makeWorld);

async function makeWorld(): Promise<WorkWorld> {
  const test = await openTestDatabase();
  const { database } = test;
  const ids = createIdFactory();
  const box = createSecretBox([{ id: 'test', key: randomBytes(32) }]);
  const { pool } = database;
  const pauses = createPauseStore(database);

  async function one<T extends object>(sql: string, values: unknown[]): Promise<T | null> {
    const { rows } = await pool.query<T>(sql, values);
    return rows[0] ?? null;
  }

  return {
    events: createEventStore(pool, { idempotencyMs: 48 * 3600 * 1000, enqueuedMs: WORLD_TIMES.enqueuedMs }),
    due: createDueStore(database, { ids, box, ...WORLD_TIMES, onSuspended: () => {}, onUnopened: () => {} }),
    runs: createFailureRuns(pool),
    async newOrg() {
      const id = ids.next('org');
      await pool.query('INSERT INTO orgs (id, slug, name) VALUES ($1, $2, $2)', [id, id]);
      return id;
    },
    async newWebhook(orgId, policy = DEFAULT_FAILURE_POLICY) {
      const id = ids.next('wh');
      await pool.query(
        `INSERT INTO webhooks (id, org_id, name, url, events, failure_policy, timeout_ms, enabled)
         VALUES ($1, $2, 'w', 'https://example.com/', '{*}', $3, $4, true)`,
        [id, orgId, policy, WORLD_TIMES.timeoutMs],
      );
      const sealed = box.seal(Buffer.from(secretFromKey(randomBytes(32))), { orgId, webhookId: id, field: 'secret' });
      await pool.query(
        `INSERT INTO webhook_secrets (id, webhook_id, org_id, kind, sealed, hint) VALUES ($1, $2, $3, 'whsec', $4, 'hint')`,
        [ids.next('sec'), id, orgId, sealed],
      );
      await pool.query('UPDATE orgs SET config_version = config_version + 1 WHERE id = $1', [orgId]);
      return id;
    },
    async configVersion(orgId) {
      const row = await one<{ config_version: string }>('SELECT config_version FROM orgs WHERE id = $1', [orgId]);
      return BigInt(row?.config_version ?? 0);
    },
    async setStanding(webhookId, standing) {
      await pool.query(
        `UPDATE webhooks SET enabled = $2 <> 'disabled', suspended_at = CASE WHEN $2 = 'suspended' THEN now() END,
                deleted_at = CASE WHEN $2 = 'deleted' THEN now() END, draining = $2 <> 'active', version = version + 1
         WHERE id = $1`,
        [webhookId, standing],
      );
    },
    async pause(target) {
      await pauses.pause(target, SYSTEM);
    },
    async resume(target) {
      await pauses.resume(target, SYSTEM);
    },
    async setEncoding(webhookId, encoding) {
      await pool.query('UPDATE webhooks SET encoding = $2, version = version + 1 WHERE id = $1', [webhookId, encoding]);
    },
    async isSuspended(webhookId) {
      const row = await one<{ suspended_reason: string | null }>(
        'SELECT suspended_reason FROM webhooks WHERE id = $1',
        [webhookId],
      );
      return row?.suspended_reason ?? null;
    },
    async passTime(ms) {
      const older = (column: string) => `${column} = ${column} - ${Math.round(ms)} * interval '1 ms'`;
      await pool.query(
        `UPDATE delivery_due SET ${['due_at', 'created_at', 'enqueued_until', 'claimed_until'].map(older).join(', ')}`,
      );
      await pool.query(`UPDATE webhook_health SET ${older('first_failure_at')}`);
      await pool.query(`UPDATE idempotency_keys SET ${older('expires_at')}`);
    },
    delivery: (id) => one('SELECT state, reason, attempts FROM deliveries WHERE id = $1', [id]),
    async isDue(id) {
      return (await one('SELECT 1 FROM delivery_due WHERE delivery_id = $1', [id])) !== null;
    },
    async diverted(webhookId) {
      const { rows } = await pool.query<{ eventId: string; reason: string; attempts: number; trigger: string | null }>(
        'SELECT event_id AS "eventId", reason, attempts, trigger FROM diverted_events WHERE webhook_id = $1 ORDER BY diverted_at',
        [webhookId],
      );
      return rows;
    },
    async loggedAttempts(webhookId) {
      const row = await one<{ count: number }>('SELECT count(*)::int FROM attempts WHERE webhook_id = $1', [webhookId]);
      return row?.count ?? 0;
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
    },
  };
}
