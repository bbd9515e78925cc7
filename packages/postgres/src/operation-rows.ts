import type { OperationId, OperationKind, OperationWait, OrgId, WebhookId } from '@hooklane/domain';
import type { Operation, OperationTask } from '@hooklane/engine';
import { divertedFilterColumn, erasureColumn, replayRangeColumn, resealingColumn } from './json-columns.ts';

export interface OperationRow {
  id: OperationId;
  org_id: OrgId | null;
  webhook_id: WebhookId | null;
  kind: OperationKind;
  details: unknown;
  per_second: number;
  state: Operation['state'];
  waiting_for: OperationWait | null;
  total: number | null;
  examined: number;
  moved: number;
  position: string | null;
  created_at: Date;
  finished_at: Date | null;
}

export const OPERATION_COLUMNS = `id, org_id, webhook_id, kind, details, per_second, state, waiting_for, total, examined,
  moved, position, created_at, finished_at`;

export function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    orgId: row.org_id,
    webhookId: row.webhook_id,
    task: toTask(row),
    perSecond: row.per_second,
    state: row.state,
    waitingFor: row.waiting_for,
    total: row.total,
    examined: row.examined,
    moved: row.moved,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

/** `operations.details`: what a task holds beside its kind. */
export function detailsOf(task: OperationTask): object {
  switch (task.kind) {
    case 'resend':
      return task.filter;
    case 'replay':
      return task.range;
    case 'erase':
      return { orgId: task.orgId };
    case 'reseal':
      return { keyId: task.keyId };
    case 'retry_now':
    case 'cancel_pending':
      return {};
  }
}

function toTask({ kind, details }: OperationRow): OperationTask {
  switch (kind) {
    case 'resend':
      return { kind, filter: divertedFilterColumn.parse(details) };
    case 'replay':
      return { kind, range: replayRangeColumn.parse(details) };
    case 'erase':
      return { kind, ...erasureColumn.parse(details) };
    case 'reseal':
      return { kind, ...resealingColumn.parse(details) };
    case 'retry_now':
    case 'cancel_pending':
      return { kind };
  }
}
