import { formatId } from '@hooklane/domain';
import type { AuditAction, AuditEntry, Author } from './audit.ts';
import type { Operation } from './operations.ts';

export function operationStarted(operation: Operation, by: Author): AuditEntry {
  const { task, total } = operation;
  return entryOf(operation, 'operation.started', {
    by,
    details: { kind: task.kind, total: total === null ? 'not counted' : String(total), ...subjectOf(operation) },
  });
}

function subjectOf({ webhookId, task }: Operation): Record<string, string> {
  if (task.kind === 'erase') return { org: formatId('org', task.orgId) };
  if (task.kind === 'reseal') return { key: task.keyId };
  return webhookId === null ? {} : { webhook: formatId('wh', webhookId) };
}

export function operationCancelled(operation: Operation, by: Author): AuditEntry {
  const { task, moved } = operation;
  return entryOf(operation, 'operation.cancelled', { by, details: { kind: task.kind, moved: String(moved) } });
}

function entryOf(
  { id, orgId }: Operation,
  action: AuditAction,
  { by, details }: { by: Author; details: Readonly<Record<string, string>> },
): AuditEntry {
  return { orgId, by, action, target: formatId('op', id), details };
}
