import { randomBytes } from 'node:crypto';
import { createIdFactory } from '@hooklane/engine';
import type { Database, SecretBox } from '@hooklane/postgres';
import {
  createAuditLog,
  createDivertedStore,
  createEventTypeStore,
  createKeyStore,
  createOperationStore,
  createOrgStore,
  createPauseStore,
  createRedeliveryStore,
  createSecretBox,
  createWebhookStore,
} from '@hooklane/postgres';
import type { PublishedEvent, SeenDelivery, SetAside, Stores } from '../conformance/stores.ts';
import { openTestDatabase } from './database.ts';

export interface PostgresStores extends Stores {
  readonly database: Database;
  readonly box: SecretBox;
}

/** The stores on a migrated, empty database of their own. */
export async function createPostgresStores(): Promise<PostgresStores> {
  const test = await openTestDatabase();
  const { database } = test;
  const box = createSecretBox([{ id: 'k1', key: randomBytes(32) }]);
  return {
    database,
    box,
    orgs: createOrgStore(database),
    keys: createKeyStore(database),
    webhooks: createWebhookStore(database, box),
    diverted: createDivertedStore(database),
    eventTypes: createEventTypeStore(database),
    audit: createAuditLog(database),
    redeliveries: createRedeliveryStore(database),
    operations: createOperationStore(database, ids, box),
    pauses: createPauseStore(database),
    async configVersion(orgId) {
      const sql = 'SELECT config_version FROM orgs WHERE id = $1';
      const { rows } = await database.pool.query<{ config_version: string }>(sql, [orgId]);
      return BigInt(rows[0]?.config_version ?? 0);
    },
    divert: (set) => divert(database, set),
    publish: (event) => publish(database, event),
    delivery: (id) => readDelivery(database, id),
    async deliveriesOf(webhookId) {
      const { rows } = await database.pool.query('SELECT id FROM deliveries WHERE webhook_id = $1', [webhookId]);
      return rows.map((row) => row.id);
    },
    async pruneEvent(id) {
      await database.pool.query('DELETE FROM events WHERE id = $1', [id]);
    },
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
    },
  };
}

const ids = createIdFactory();

async function divert({ pool }: Database, set: SetAside): Promise<void> {
  await pool.query(
    `WITH event AS (
       INSERT INTO events (id, org_id, type, payload, occurred_at, request_id)
       SELECT $1, $2, $3, $4, $7, 'test' WHERE NOT EXISTS (SELECT FROM events WHERE id = $1)
     ), delivery AS (
       INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state, reason, attempts, finished_at)
       VALUES ($5, $1, $6, $2, 'event', 'diverted', $9, $8, $7)
     )
     INSERT INTO diverted_events (webhook_id, event_id, delivery_id, org_id, event_type, attempts, reason, message, diverted_at)
     VALUES ($6, $1, $5, $2, $3, $8, $9, 'the receiver answered 500', $7)`,
    [
      set.eventId,
      set.orgId,
      set.eventType,
      set.payload,
      ids.next('dlv'),
      set.webhookId,
      set.divertedAt,
      set.attempts,
      set.reason,
    ],
  );
}

async function publish({ pool }: Database, { id, orgId, type, attributes, deliveries }: PublishedEvent): Promise<void> {
  await pool.query(
    `INSERT INTO events (id, org_id, type, attributes, payload, occurred_at, request_id)
     VALUES ($1, $2, $3, $4, '{"n": 1.0}', now(), 'test')`,
    [id, orgId, type, attributes],
  );
  const column = <K extends keyof PublishedEvent['deliveries'][number]>(name: K) => deliveries.map((one) => one[name]);
  await pool.query(
    `WITH made AS MATERIALIZED (
       SELECT * FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::float8[], $9::boolean[])
         AS m(id, webhook_id, origin, state, attempts, due_in_ms, claimed)
     ), history AS (
       INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state, reason, attempts, finished_at)
       SELECT id, $1, webhook_id, $2, origin, state, CASE state WHEN 'discarded' THEN 'not_retried' END, attempts,
              CASE WHEN state <> 'pending' THEN now() END
       FROM made
     )
     INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, attempt, round_first, due_at, claimed_until)
     SELECT id, $1, webhook_id, $2, origin, attempts + 1, 1, now() + due_in_ms * interval '1 ms',
            CASE WHEN claimed THEN now() + interval '1 hour' END
     FROM made WHERE state = 'pending'`,
    [
      id,
      orgId,
      column('id'),
      column('webhookId'),
      column('origin'),
      column('state'),
      column('attempts'),
      column('dueInMs'),
      column('claimed'),
    ],
  );
}

async function readDelivery({ pool }: Database, id: string): Promise<SeenDelivery | null> {
  const { rows } = await pool.query(
    `SELECT v.event_id, v.state, v.reason, v.attempts, v.sent_as, d.attempt, d.origin, d.sent_as AS due_as,
            (extract(epoch FROM d.due_at - now()) * 1000)::float8 AS in_ms
     FROM deliveries v LEFT JOIN delivery_due d ON d.delivery_id = v.id WHERE v.id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const due =
    row.attempt === null ? null : { attempt: row.attempt, origin: row.origin, sentAs: row.due_as, inMs: row.in_ms };
  const { event_id: eventId, state, reason, attempts, sent_as: sentAs } = row;
  return { eventId, state, reason, attempts, sentAs, due };
}
