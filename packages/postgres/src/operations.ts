import type { OperationId, OrgId } from '@hooklane/domain';
import type { DivertedFilter, DueRef, NewOperation, Operation } from '@hooklane/engine';
import { operationStarted } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { noteChange } from './audit.ts';
import type { Database } from './database.ts';
import type { DueRow } from './diverted-rows.ts';
import { filterValues, IS_ACTIVE, MAKE_BATCH_DUE, MATCHES_FILTER, toRef } from './diverted-rows.ts';
import { divertedFilterColumn } from './json-columns.ts';

interface OperationRow {
  id: OperationId;
  org_id: OrgId | null;
  kind: Operation['kind'];
  filter: unknown;
  per_second: number;
  state: Operation['state'];
  total: number;
  moved: number;
  created_at: Date;
  finished_at: Date | null;
}

const COLUMNS = 'id, org_id, kind, filter, per_second, state, total, moved, created_at, finished_at';

/**
 * Its `created_at` bounds it to what was diverted until then. A transaction that began before and commits after can add
 * a row to that: then it moves more than its `total`.
 */
export function startOperation(database: Database, operation: NewOperation): Promise<Operation> {
  return database.transaction(async (client) => {
    const started = await insertOperation(client, operation);
    await noteChange(client, operationStarted(started, operation.by));
    return started;
  });
}

async function insertOperation(client: PoolClient, { id, orgId, filter, perSecond }: NewOperation): Promise<Operation> {
  const { rows } = await client.query<OperationRow>(
    `INSERT INTO operations (id, org_id, kind, filter, per_second, state, total, created_at)
     SELECT $7::uuid, $8::uuid, 'resend', $9::jsonb, $10::int, 'running', count(*)::int, now()
     FROM diverted_events d WHERE ${MATCHES_FILTER} AND d.diverted_at <= now()
     RETURNING ${COLUMNS}`,
    [...filterValues(filter), id, orgId, JSON.stringify(filter), perSecond],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError('an insert returned no row');
  return toOperation(row);
}

/** Without an org: the operator's view, of any operation. */
export async function readOperation(
  { pool }: Database,
  orgId: OrgId | null,
  id: OperationId,
): Promise<Operation | null> {
  const { rows } = await pool.query<OperationRow>(
    `SELECT ${COLUMNS} FROM operations WHERE id = $1 AND ($2::uuid IS NULL OR org_id = $2)`,
    [id, orgId],
  );
  const [row] = rows;
  return row === undefined ? null : toOperation(row);
}

function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    orgId: row.org_id,
    kind: row.kind,
    filter: divertedFilterColumn.parse(row.filter),
    perSecond: row.per_second,
    state: row.state,
    total: row.total,
    moved: row.moved,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

/** One step of the operation that has waited longest, in one transaction. Nobody waits: what is locked is skipped. */
export function advanceOperation(database: Database, stepMs: number): Promise<{ refs: DueRef[]; busy: boolean }> {
  return database.transaction(async (client) => {
    const operation = await takeOperation(client);
    if (operation === null) return { refs: [], busy: false };
    const rows = Math.ceil((operation.perSecond * stepMs) / 1000);
    const refs = await moveOldest(client, operation, rows);
    const done = refs.length < rows && !(await isMoreLeft(client, operation));
    // A step of less than one row moves one and lasts longer: the rate is kept, not the beat.
    const waitMs = (rows * 1000) / operation.perSecond;
    await noteStep(client, operation, { moved: refs.length, waitMs, done });
    return { refs, busy: await isAnotherReady(client, operation) };
  });
}

interface Running {
  id: OperationId;
  filter: DivertedFilter;
  perSecond: number;
}

async function takeOperation(client: PoolClient): Promise<Running | null> {
  const { rows } = await client.query<OperationRow>(
    `SELECT ${COLUMNS} FROM operations WHERE state = 'running' AND next_step_at <= now()
     ORDER BY next_step_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  const [row] = rows;
  return row === undefined ? null : toOperation(row);
}

/** The bound is compared within Postgres: a `Date` would cut its microseconds off. */
const MOVABLE = `diverted_events d JOIN webhooks w ON w.id = d.webhook_id AND ${IS_ACTIVE}
  WHERE ${MATCHES_FILTER} AND d.diverted_at <= (SELECT created_at FROM operations WHERE id = $7)`;

async function moveOldest(client: PoolClient, { id, filter }: Running, limit: number): Promise<DueRef[]> {
  const { rows } = await client.query<DueRow>(
    `WITH batch AS (
       SELECT d.webhook_id, d.event_id FROM ${MOVABLE}
       ORDER BY d.diverted_at, d.event_id LIMIT $8 FOR UPDATE OF d SKIP LOCKED
     )${MAKE_BATCH_DUE}`,
    [...filterValues(filter), id, limit],
  );
  return rows.map(toRef);
}

/** Rows that another transaction held a moment ago were skipped, not moved. */
async function isMoreLeft(client: PoolClient, { id, filter }: Running): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT FROM ${MOVABLE} LIMIT 1`, [...filterValues(filter), id]);
  return rowCount === 1;
}

async function noteStep(
  client: PoolClient,
  { id }: Running,
  step: { moved: number; waitMs: number; done: boolean },
): Promise<void> {
  await client.query(
    `UPDATE operations SET moved = moved + $2, next_step_at = now() + $3 * interval '1 ms',
       state = CASE WHEN $4::boolean THEN 'done' ELSE state END, finished_at = CASE WHEN $4 THEN now() END
     WHERE id = $1`,
    [id, step.moved, step.waitMs, step.done],
  );
}

async function isAnotherReady(client: PoolClient, { id }: Running): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM operations WHERE state = 'running' AND next_step_at <= now() AND id <> $1 LIMIT 1`,
    [id],
  );
  return rowCount === 1;
}
