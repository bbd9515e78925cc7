import { randomBytes } from 'node:crypto';
import { createIdFactory } from '@hooklane/engine';
import type { Database, SecretBox } from '@hooklane/postgres';
import {
  createAuditLog,
  createDivertedStore,
  createKeyStore,
  createOrgStore,
  createSecretBox,
  createWebhookStore,
  openDatabase,
} from '@hooklane/postgres';
import type { SetAside, Stores } from '../conformance/stores.ts';
import { createTestDatabase } from './database.ts';

export interface PostgresStores extends Stores {
  readonly database: Database;
  readonly box: SecretBox;
}

/** The stores on a migrated, empty database of their own. */
export async function createPostgresStores(): Promise<PostgresStores> {
  const test = await createTestDatabase();
  const database = openDatabase({
    url: test.url,
    name: 'test',
    poolSize: 10,
    statementTimeoutMs: 20_000,
    onError: () => {},
  });
  const box = createSecretBox([{ id: 'k1', key: randomBytes(32) }]);
  return {
    database,
    box,
    orgs: createOrgStore(database),
    keys: createKeyStore(database),
    webhooks: createWebhookStore(database, box),
    diverted: createDivertedStore(database),
    audit: createAuditLog(database),
    divert: (set) => divert(database, set),
    [Symbol.asyncDispose]: async () => {
      await database.close();
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
