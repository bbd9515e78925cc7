import type { OrgId, SuspendReason, WebhookId } from '@hooklane/domain';
import type { Author, OperatorStore, QueueFigures, SuspendedFilter, SuspendedWebhook } from '@hooklane/engine';
import { webhookEntry } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { noteChanges } from './audit.ts';
import type { Database } from './database.ts';

/** What the operator sees and does over all orgs. */
export function createOperatorStore(database: Database): OperatorStore {
  return {
    queues: () => readQueues(database),
    suspended: (filter, limit) => readSuspended(database, filter, limit),
    unsuspend: (filter, call) => database.transaction((client) => unsuspend(client, filter, call)),
  };
}

const BACKLOGS = 20;

interface PendingRow {
  due: number;
  queued: number;
  in_flight: number;
  scheduled: number;
  oldest_due_ms: number | null;
}

/** Each delivery is in exactly one of the four. */
const PENDING = `
  SELECT count(*) FILTER (WHERE place = 'due')::int AS due, count(*) FILTER (WHERE place = 'queued')::int AS queued,
         count(*) FILTER (WHERE place = 'in_flight')::int AS in_flight,
         count(*) FILTER (WHERE place = 'scheduled')::int AS scheduled,
         (extract(epoch FROM now() - min(due_at) FILTER (WHERE place IN ('due', 'queued'))) * 1000)::float8 AS oldest_due_ms
  FROM (
    SELECT due_at, CASE WHEN claimed_until >= now() THEN 'in_flight' WHEN due_at > now() THEN 'scheduled'
                        WHEN enqueued_until >= now() THEN 'queued' ELSE 'due' END AS place
    FROM delivery_due
  ) d`;

const LARGEST_BACKLOGS = `
  SELECT org_id, webhook_id, count(*)::int AS pending, count(*) FILTER (WHERE due_at <= now())::int AS due
  FROM delivery_due GROUP BY org_id, webhook_id ORDER BY pending DESC, webhook_id LIMIT $1`;

/** The share of the table that is looked at: all of two megabytes, which is about 10,000 events, and so much of a larger one. */
const SHARE = `least(1, 2097152.0 / greatest(pg_relation_size('diverted_events'), 1))`;

/** Exact as long as there are few. Nobody needs to know millions to the last one, and to count them takes seconds. */
const DIVERTED = `
  SELECT reason, round(count(*) / ${SHARE})::int AS count
  FROM diverted_events TABLESAMPLE SYSTEM (100 * ${SHARE}) GROUP BY reason ORDER BY reason`;

async function readQueues({ pool }: Database): Promise<QueueFigures> {
  const [pending, backlogs, diverted, running] = [
    await pool.query<PendingRow>(PENDING),
    await pool.query<{ org_id: OrgId; webhook_id: WebhookId; pending: number; due: number }>(LARGEST_BACKLOGS, [
      BACKLOGS,
    ]),
    await pool.query<{ reason: string; count: number }>(DIVERTED),
    await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM operations WHERE state = 'running'`),
  ];
  const places = pending.rows[0];
  return {
    pending: {
      due: places?.due ?? 0,
      queued: places?.queued ?? 0,
      inFlight: places?.in_flight ?? 0,
      scheduled: places?.scheduled ?? 0,
    },
    oldestDueMs: places?.oldest_due_ms ?? null,
    backlogs: backlogs.rows.map(({ org_id, webhook_id, ...counts }) => ({
      orgId: org_id,
      webhookId: webhook_id,
      ...counts,
    })),
    diverted: Object.fromEntries(diverted.rows.map(({ reason, count }) => [reason, count])),
    operationsRunning: running.rows[0]?.count ?? 0,
  };
}

interface SuspendedRow {
  org_id: OrgId;
  id: WebhookId;
  name: string;
  suspended_reason: SuspendReason;
  suspended_at: Date;
}

/** On `webhooks w`, with {@link filterValues} as $1 to $5. */
const IS_SUSPENDED = `w.suspended_at IS NOT NULL AND w.deleted_at IS NULL
  AND ($1::uuid IS NULL OR w.org_id = $1)
  AND ($2::uuid[] IS NULL OR w.id = ANY($2))
  AND ($3::text[] IS NULL OR w.suspended_reason = ANY($3))
  AND ($4::timestamptz IS NULL OR w.suspended_at >= $4)
  AND ($5::timestamptz IS NULL OR w.suspended_at < $5)`;

function filterValues({ orgId, webhookIds, reasons, since, until }: SuspendedFilter): unknown[] {
  return [orgId, webhookIds, reasons, since, until];
}

const COLUMNS = 'w.org_id, w.id, w.name, w.suspended_reason, w.suspended_at';

async function readSuspended(
  { pool }: Database,
  filter: SuspendedFilter,
  limit: number,
): Promise<{ count: number; webhooks: SuspendedWebhook[] }> {
  const { rows } = await pool.query<SuspendedRow & { count: number }>(
    `SELECT ${COLUMNS}, count(*) OVER ()::int AS count FROM webhooks w WHERE ${IS_SUSPENDED}
     ORDER BY w.suspended_at, w.id LIMIT $6`,
    [...filterValues(filter), limit],
  );
  return { count: rows[0]?.count ?? 0, webhooks: rows.map(toSuspended) };
}

/** In the order of locks: health, webhooks, orgs, each by id. Who was unsuspended since it was chosen is left as it is. */
async function unsuspend(
  client: PoolClient,
  filter: SuspendedFilter,
  { limit, by }: { limit: number; by: Author },
): Promise<SuspendedWebhook[]> {
  const { rows: chosen } = await client.query<{ id: WebhookId }>(
    `SELECT w.id FROM webhooks w WHERE ${IS_SUSPENDED} ORDER BY w.suspended_at, w.id LIMIT $6`,
    [...filterValues(filter), limit],
  );
  const ids = chosen.map(({ id }) => id);
  if (ids.length === 0) return [];
  await client.query(CLEAR_FAILURES, [ids]);
  const { rows } = await client.query<SuspendedRow>(UNSUSPEND, [ids]);
  const entries = rows.map((row) => webhookEntry({ orgId: row.org_id, id: row.id, by }, 'webhook.unsuspended'));
  await noteChanges(client, entries);
  await client.query(RAISE_CONFIG_VERSIONS, [rows.map((row) => row.org_id)]);
  return rows.map(toSuspended);
}

const CLEAR_FAILURES = `
  WITH failing AS (SELECT webhook_id FROM webhook_health WHERE webhook_id = ANY($1::uuid[]) ORDER BY webhook_id FOR UPDATE)
  UPDATE webhook_health h SET failures = 0, first_failure_at = NULL FROM failing f WHERE h.webhook_id = f.webhook_id`;

const UNSUSPEND = `
  WITH suspended AS (
    SELECT ${COLUMNS} FROM webhooks w
    WHERE w.id = ANY($1::uuid[]) AND w.suspended_at IS NOT NULL AND w.deleted_at IS NULL
    ORDER BY w.id FOR UPDATE
  )
  UPDATE webhooks w SET suspended_at = NULL, suspended_reason = NULL, draining = w.draining AND NOT w.enabled,
    version = w.version + 1, updated_at = now()
  FROM suspended s WHERE w.id = s.id
  RETURNING s.org_id, s.id, s.name, s.suspended_reason, s.suspended_at`;

const RAISE_CONFIG_VERSIONS = `
  WITH locked AS (SELECT id FROM orgs WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)
  UPDATE orgs o SET config_version = config_version + 1 FROM locked l WHERE o.id = l.id`;

function toSuspended(row: SuspendedRow): SuspendedWebhook {
  return {
    orgId: row.org_id,
    id: row.id,
    name: row.name,
    reason: row.suspended_reason,
    suspendedAt: row.suspended_at,
  };
}
