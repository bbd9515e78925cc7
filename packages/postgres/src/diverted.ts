import type { EventId } from '@hooklane/domain';
import type {
  ChangedWebhook,
  DivertedEvent,
  DivertedFilter,
  DivertedStore,
  DueRef,
  Page,
  PageRequest,
} from '@hooklane/engine';
import { divertedDeleted } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { noteChange } from './audit.ts';
import { readCursor, timestampOf, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import type { DivertedRow, DueRow } from './diverted-rows.ts';
import {
  DIVERTED_COLUMNS,
  filterValues,
  IS_ACTIVE,
  MAKE_BATCH_DUE,
  MATCHES_FILTER,
  toDiverted,
  toRef,
} from './diverted-rows.ts';
import type { WebhookKey } from './webhook-rows.ts';

/** What was set aside. Many at once are sent again by operations. */
export function createDivertedStore(database: Database): DivertedStore {
  return {
    list: (filter, page) => list(database, filter, page),
    get: (webhook, eventId) => get(database, webhook, eventId),
    delete: (webhook, eventId) => remove(database, webhook, eventId),
    resend: (webhook, eventId) => resend(database, webhook, eventId),
  };
}

/** One moment sets many aside: only with both ids is the key unique. */
const cursorKey = z.tuple([z.int(), z.guid(), z.guid()]);

async function list(
  { pool }: Database,
  filter: DivertedFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<DivertedEvent>> {
  const after = readCursor(cursorKey, cursor);
  const { rows } = await pool.query<DivertedRow>(
    `SELECT ${DIVERTED_COLUMNS} FROM diverted_events d
     WHERE ${MATCHES_FILTER}
       AND ($8::uuid IS NULL OR (d.diverted_at, d.event_id, d.webhook_id) < (${timestampOf('$7')}, $8, $9::uuid))
     ORDER BY d.diverted_at DESC, d.event_id DESC, d.webhook_id DESC LIMIT $10`,
    [...filterValues(filter), ...(after ?? [null, null, null]), limit + 1],
  );
  const keyOf = (row: DivertedRow) => [row.diverted_micros, row.event_id, row.webhook_id];
  return toPage(rows, limit, { keyOf, view: toDiverted });
}

async function get({ pool }: Database, webhook: WebhookKey, eventId: EventId): Promise<DivertedEvent | null> {
  const { rows } = await pool.query<DivertedRow & { payload: Buffer | null }>(
    `SELECT ${DIVERTED_COLUMNS}, coalesce(e.payload, k.payload) AS payload
     FROM diverted_events d
     LEFT JOIN LATERAL (SELECT payload FROM events WHERE id = d.event_id AND org_id = d.org_id LIMIT 1) e ON true
     LEFT JOIN events_kept k ON k.id = d.event_id AND k.org_id = d.org_id
     WHERE d.org_id = $1 AND d.webhook_id = $2 AND d.event_id = $3`,
    [webhook.orgId, webhook.id, eventId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return row.payload === null ? toDiverted(row) : { ...toDiverted(row), payload: row.payload };
}

function remove(database: Database, webhook: ChangedWebhook, eventId: EventId): Promise<boolean> {
  return database.transaction(async (client) => {
    const isRemoved = await removeRow(client, webhook, eventId);
    if (isRemoved) await noteChange(client, divertedDeleted(webhook, eventId));
    return isRemoved;
  });
}

async function removeRow(client: PoolClient, webhook: WebhookKey, eventId: EventId): Promise<boolean> {
  const { rows } = await client.query(
    `WITH removed AS (
       DELETE FROM diverted_events WHERE org_id = $1 AND webhook_id = $2 AND event_id = $3 RETURNING delivery_id
     ), history AS (
       UPDATE deliveries v SET state = 'discarded', reason = 'divert_removed', finished_at = now()
       FROM removed r WHERE v.id = r.delivery_id
     )
     SELECT FROM removed`,
    [webhook.orgId, webhook.id, eventId],
  );
  return rows.length === 1;
}

/** Null also where the webhook stopped being active since the caller looked. */
async function resend({ pool }: Database, webhook: WebhookKey, eventId: EventId): Promise<DueRef | null> {
  const { rows } = await pool.query<DueRow>(
    `WITH batch AS (
       SELECT d.webhook_id, d.event_id
       FROM diverted_events d JOIN webhooks w ON w.id = d.webhook_id AND ${IS_ACTIVE}
       WHERE d.org_id = $1 AND d.webhook_id = $2 AND d.event_id = $3
       FOR UPDATE OF d
     )${MAKE_BATCH_DUE}`,
    [webhook.orgId, webhook.id, eventId],
  );
  const [row] = rows;
  return row === undefined ? null : toRef(row);
}
