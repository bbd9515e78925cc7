import type { OperationId, OrgId } from '@hooklane/domain';
import { firstUuidAt } from '@hooklane/domain';
import type {
  IdFactory,
  NewOperation,
  Operation,
  OperationFilter,
  OperationStore,
  OperationTask,
  Page,
  PageRequest,
} from '@hooklane/engine';
import { operationCancelled, operationStarted, RUNNING_PER_ORG } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { advanceOperation } from './advance-operation.ts';
import { noteChange } from './audit.ts';
import { readCursor, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { filterValues, MATCHES_FILTER } from './diverted-rows.ts';
import { erasableRows } from './erase-step.ts';
import type { OperationRow } from './operation-rows.ts';
import { detailsOf, OPERATION_COLUMNS, toOperation } from './operation-rows.ts';
import { previewOperation } from './preview-operation.ts';
import type { SecretBox } from './secret-box.ts';

/** Work on many deliveries. How it goes on: {@link advanceOperation}. */
export function createOperationStore(database: Database, ids: IdFactory, box: SecretBox): OperationStore {
  return {
    start: (operation) => database.transaction((client) => start(client, operation)),
    preview: (operation) => previewOperation(database.pool, operation),
    get: (orgId, id) => read(database.pool, orgId, id),
    list: (filter, page) => list(database, filter, page),
    cancel: (operation) => database.transaction((client) => cancel(client, operation)),
    advance: ({ stepMs }) => advanceOperation({ database, ids, box }, stepMs),
  };
}

/**
 * Its `created_at` bounds it to what was there until then. A transaction that began before and commits after can add a row
 * to that: then it moves more than its `total`.
 */
async function start(client: PoolClient, operation: NewOperation): Promise<Operation | 'too_many'> {
  if (operation.orgId !== null && (await countRunning(client, operation.orgId)) >= RUNNING_PER_ORG) return 'too_many';
  const total = await countTotal(client, operation);
  const { rows } = await client.query<OperationRow>(
    `INSERT INTO operations (id, org_id, webhook_id, kind, details, per_second, state, total, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, now())
     RETURNING ${OPERATION_COLUMNS}`,
    [
      operation.id,
      operation.orgId,
      operation.webhookId,
      operation.task.kind,
      JSON.stringify(detailsOf(operation.task)),
      operation.perSecond,
      total,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError('an insert returned no row');
  const started = toOperation(row);
  await noteChange(client, operationStarted(started, operation.by));
  return started;
}

/** Under a lock: two that begin at the same time must not both be the last one allowed. */
async function countRunning(client: PoolClient, orgId: OrgId): Promise<number> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`operations of ${orgId}`]);
  return count(client, `SELECT FROM operations WHERE org_id = $1 AND state = 'running'`, [orgId]);
}

/** A number is a comfort to whoever waits: beyond this it would cost more than that. */
const COUNTED = 1_000_000;

async function countTotal(client: PoolClient, { orgId, webhookId, task }: NewOperation): Promise<number | null> {
  const [rows, values] = rowsOf(task, { orgId, webhookId });
  const total = await count(client, `${rows} LIMIT ${COUNTED + 1}`, values);
  return total > COUNTED ? null : total;
}

/** What it is going to look at. */
function rowsOf(
  task: OperationTask,
  { orgId, webhookId }: Pick<NewOperation, 'orgId' | 'webhookId'>,
): [sql: string, values: unknown[]] {
  switch (task.kind) {
    case 'resend':
      return [
        `SELECT FROM diverted_events d WHERE ${MATCHES_FILTER} AND d.diverted_at <= now()`,
        filterValues(task.filter),
      ];
    case 'replay': {
      const { since, until } = task.range;
      return [
        'SELECT FROM events WHERE org_id = $1 AND id >= $2 AND id < $3',
        [orgId, firstUuidAt(since.getTime()), firstUuidAt(until.getTime())],
      ];
    }
    case 'erase':
      return [erasableRows(), [task.orgId]];
    case 'reseal':
      return ['SELECT FROM webhooks', []];
    case 'retry_now':
      return ['SELECT FROM delivery_due WHERE webhook_id = $1 AND due_at > now()', [webhookId]];
    case 'cancel_pending':
      return ['SELECT FROM delivery_due WHERE webhook_id = $1', [webhookId]];
  }
}

async function count(client: PoolClient, rowsSql: string, values: unknown[]): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (${rowsSql}) counted`,
    values,
  );
  return rows[0]?.count ?? 0;
}

/** Without an org: the operator's view, of any operation. */
async function read(
  client: Pick<PoolClient, 'query'>,
  orgId: OrgId | null,
  id: OperationId,
): Promise<Operation | null> {
  const { rows } = await client.query<OperationRow>(
    `SELECT ${OPERATION_COLUMNS} FROM operations WHERE id = $1 AND ($2::uuid IS NULL OR org_id = $2)`,
    [id, orgId],
  );
  const [row] = rows;
  return row === undefined ? null : toOperation(row);
}

const cursorKey = z.tuple([z.guid()]);

async function list(
  { pool }: Database,
  { orgId, webhookId, kind, state }: OperationFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<Operation>> {
  const after = readCursor(cursorKey, cursor);
  const { rows } = await pool.query<OperationRow>(
    `SELECT ${OPERATION_COLUMNS} FROM operations
     WHERE ($1::uuid IS NULL OR org_id = $1) AND ($2::uuid IS NULL OR webhook_id = $2)
       AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR state = $4) AND ($5::uuid IS NULL OR id < $5)
     ORDER BY id DESC LIMIT $6`,
    [orgId, webhookId, kind, state, after?.[0], limit + 1],
  );
  return toPage(rows, limit, { keyOf: (row) => [row.id], view: toOperation });
}

/** Waits for a step that is under way: when this resolves, nothing more is touched. */
async function cancel(
  client: PoolClient,
  { orgId, id, by }: Parameters<OperationStore['cancel']>[0],
): Promise<Operation | null> {
  const { rowCount } = await client.query(
    `UPDATE operations SET state = 'cancelled', waiting_for = NULL, finished_at = now()
     WHERE id = $1 AND ($2::uuid IS NULL OR org_id = $2) AND state = 'running'`,
    [id, orgId],
  );
  const operation = await read(client, orgId, id);
  if (rowCount === 1 && operation !== null) await noteChange(client, operationCancelled(operation, by));
  return operation;
}
