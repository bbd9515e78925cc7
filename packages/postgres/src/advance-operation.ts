import type { OperationId, OperationWait, Subscription, WebhookId } from '@hooklane/domain';
import { DUE_HIGH_WATER, PENDING_HIGH_WATER, paceOf } from '@hooklane/domain';
import type { DueRef, IdFactory, Operation } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import type { Database } from './database.ts';
import { named } from './database.ts';
import { holdStoredEvents } from './drop-partitions.ts';
import { eraseStep } from './erase-step.ts';
import { listsColumn } from './json-columns.ts';
import type { OperationRow } from './operation-rows.ts';
import { OPERATION_COLUMNS, toOperation } from './operation-rows.ts';
import { cancelStep, retryStep } from './pending-steps.ts';
import { replayStep } from './replay-step.ts';
import { resealStep } from './reseal-step.ts';
import { resendStep } from './resend-step.ts';
import type { SecretBox } from './secret-box.ts';

/** An operation that is taken for one step. */
export interface Running extends Operation {
  position: string | null;
}

/** What the steps work with. */
export interface StepContext {
  client: PoolClient;
  ids: IdFactory;
  box: SecretBox;
  operation: Running;
  /** Deliveries to touch, at most. */
  rows: number;
  /** What its webhook is subscribed to; null where it is not on one webhook. */
  subscription: Subscription | null;
}

/** What a step did. */
export interface Step {
  refs: DueRef[];
  examined: number;
  moved: number;
  /** Where the next one goes on; left out where nothing but the rows themselves say so. */
  position?: string | null;
  /** `blocked`: what is left is held by others at the moment. */
  left: 'more' | 'blocked' | 'nothing';
}

/** One step of the operation that has waited longest, in one transaction. Two workers never step the same one at a time. */
export async function advanceOperation(
  { database, ...context }: { database: Database; ids: IdFactory; box: SecretBox },
  stepMs: number,
): Promise<{ refs: DueRef[]; busy: boolean }> {
  if (!(await isAnyReady(database))) return { refs: [], busy: false };
  const taken: { id?: OperationId } = {};
  try {
    return await database.transaction(async (client) => {
      await holdStoredEvents(client);
      const operation = await takeOperation(client);
      if (operation === null) return { refs: [], busy: false };
      taken.id = operation.id;
      const refs = await step({ client, ...context, operation, stepMs });
      return { refs, busy: await isAnyReady(client) };
    });
  } catch (error) {
    // Else it would be the next again, and no other would ever have its turn.
    if (taken.id !== undefined) await postpone(database, taken.id);
    throw error;
  }
}

const readyStatement = named(
  'ready_operations',
  `SELECT EXISTS (SELECT FROM operations WHERE state = 'running' AND next_step_at <= clock_timestamp()) AS ready`,
);

async function isAnyReady(client: Pick<PoolClient, 'query'> | Database): Promise<boolean> {
  const { rows } = await ('pool' in client ? client.pool : client).query<{ ready: boolean }>(readyStatement([]));
  return rows[0]?.ready === true;
}

async function takeOperation(client: PoolClient): Promise<Running | null> {
  const { rows } = await client.query<OperationRow>(
    `SELECT ${OPERATION_COLUMNS} FROM operations WHERE state = 'running' AND next_step_at <= now()
     ORDER BY next_step_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  const [row] = rows;
  return row === undefined ? null : { ...toOperation(row), position: row.position };
}

async function step({
  stepMs,
  ...context
}: Omit<StepContext, 'rows' | 'subscription'> & { stepMs: number }): Promise<DueRef[]> {
  const { client, operation } = context;
  const { id, webhookId, perSecond, task } = operation;
  const webhook = webhookId === null ? null : await readWebhook(client, webhookId);
  if (webhook === 'gone') {
    await end(client, id, 'cancelled');
    return [];
  }
  const pace = paceOf({ kind: task.kind, perSecond, stepMs, webhook });
  if ('waitFor' in pace) {
    await wait(client, id, pace);
    return [];
  }
  const subscription = webhook?.subscription ?? null;
  const did = await run({ ...context, rows: pace.rows, subscription });
  await noteStep(client, operation, { ...did, waitMs: waitAfter(did, pace) });
  if (did.left === 'nothing') await end(client, id, 'done');
  return did.refs;
}

function run(context: StepContext): Promise<Step> {
  const { task } = context.operation;
  switch (task.kind) {
    case 'resend':
      return resendStep(context, task.filter);
    case 'replay':
      return replayStep(context, task.range);
    case 'retry_now':
      return retryStep(context);
    case 'cancel_pending':
      return cancelStep(context);
    case 'erase':
      return eraseStep(context, task.orgId);
    case 'reseal':
      return resealStep(context, task.keyId);
  }
}

/** Rows that another transaction or a claim holds: again when they may be free. */
const BLOCKED_WAIT_MS = 200;

/** Looking at events that are not for the webhook costs the receiver nothing: on with it. */
function waitAfter({ left, moved }: Step, { rows, lastsMs }: { rows: number; lastsMs: number }): number {
  if (left === 'blocked') return Math.max(BLOCKED_WAIT_MS, lastsMs);
  return (lastsMs * Math.min(moved, rows)) / rows;
}

interface StepWebhook {
  active: boolean;
  due: number;
  pending: number;
  subscription: Subscription;
}

/** Counts stop at the marks that they are compared with. */
const webhookStatement = named(
  'operation_webhook',
  `SELECT w.enabled AND w.suspended_at IS NULL AS active, w.events, w.filters,
     (SELECT count(*) FROM (SELECT FROM delivery_due WHERE webhook_id = w.id AND due_at <= now() LIMIT $2) d)::int AS due,
     (SELECT count(*) FROM (SELECT FROM delivery_due WHERE webhook_id = w.id LIMIT $3) p)::int AS pending
   FROM webhooks w WHERE w.id = $1 AND w.deleted_at IS NULL`,
);

async function readWebhook(client: PoolClient, id: WebhookId): Promise<StepWebhook | 'gone'> {
  const { rows } = await client.query<{
    active: boolean;
    due: number;
    pending: number;
    events: string[];
    filters: unknown;
  }>(webhookStatement([id, DUE_HIGH_WATER, PENDING_HIGH_WATER]));
  const [row] = rows;
  if (row === undefined) return 'gone';
  const { events, filters, ...rest } = row;
  return { ...rest, subscription: { events, filters: filters === null ? null : listsColumn.parse(filters) } };
}

async function noteStep(client: PoolClient, { id }: Running, did: Step & { waitMs: number }): Promise<void> {
  await client.query(
    `UPDATE operations SET examined = examined + $2, moved = moved + $3, position = coalesce($4, position),
       waiting_for = NULL, next_step_at = now() + $5 * interval '1 ms'
     WHERE id = $1`,
    [id, did.examined, did.moved, did.position ?? null, did.waitMs],
  );
}

async function wait(
  client: PoolClient,
  id: OperationId,
  { waitFor, lastsMs }: { waitFor: OperationWait; lastsMs: number },
): Promise<void> {
  await client.query(
    `UPDATE operations SET waiting_for = $2, next_step_at = now() + $3 * interval '1 ms' WHERE id = $1`,
    [id, waitFor, lastsMs],
  );
}

async function end(client: PoolClient, id: OperationId, state: 'done' | 'cancelled'): Promise<void> {
  await client.query('UPDATE operations SET state = $2, waiting_for = NULL, finished_at = now() WHERE id = $1', [
    id,
    state,
  ]);
}

const POSTPONED_MS = 5_000;

async function postpone({ pool }: Database, id: OperationId): Promise<void> {
  await pool
    .query(`UPDATE operations SET next_step_at = now() + $2 * interval '1 ms' WHERE id = $1 AND state = 'running'`, [
      id,
      POSTPONED_MS,
    ])
    // Postgres is away: the error that is on its way up says so already.
    .catch(() => {});
}
