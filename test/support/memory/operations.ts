import type { Pace } from '@hooklane/domain';
import { paceOf } from '@hooklane/domain';
import type { DueRef, Operation, OperationStore } from '@hooklane/engine';
import { operationCancelled, operationStarted, RUNNING_PER_ORG } from '@hooklane/engine';
import { noteChange } from './audit.ts';
import { divertedMatching, isActive, resendRow } from './diverted.ts';
import { countErasable, eraseNext } from './erase.ts';
import { pageOf } from './paging.ts';
import { countReplay, replayMatching, replayNext } from './replay.ts';
import type { StoredDue, StoredOperation, World } from './world.ts';

export function createMemoryOperationStore(world: World): OperationStore {
  const { operations } = world;
  const own = (orgId: Operation['orgId'], id: Operation['id']): StoredOperation | null => {
    const found = operations.get(id);
    return found === undefined || (orgId !== null && found.orgId !== orgId) ? null : found;
  };
  return {
    async start({ by, ...wanted }) {
      const running = [...operations.values()].filter(
        ({ orgId, state }) => orgId === wanted.orgId && state === 'running',
      );
      if (wanted.orgId !== null && running.length >= RUNNING_PER_ORG) return 'too_many';
      const begun = {
        state: 'running',
        waitingFor: null,
        examined: 0,
        moved: 0,
        finishedAt: null,
        position: null,
      } as const;
      const createdAt = new Date();
      const operation: StoredOperation = {
        ...wanted,
        ...begun,
        createdAt,
        total: 0,
        nextStepAtMs: createdAt.getTime(),
      };
      operation.total = countTotal(world, operation);
      operations.set(wanted.id, operation);
      noteChange(world, operationStarted(operation, by));
      return shown(operation);
    },
    async get(orgId, id) {
      const found = own(orgId, id);
      return found && shown(found);
    },
    async list({ orgId, webhookId, kind, state }, page) {
      const passing = [...operations.values()].filter(
        (one) =>
          (orgId ?? one.orgId) === one.orgId &&
          (webhookId ?? one.webhookId) === one.webhookId &&
          (kind ?? one.task.kind) === one.task.kind &&
          (state ?? one.state) === one.state,
      );
      const { data, nextCursor } = pageOf(passing, page, { keyOf: (one) => [one.id], direction: 'desc' });
      return { data: data.map(shown), nextCursor };
    },
    async cancel({ orgId, id, by }) {
      const found = own(orgId, id);
      if (found?.state === 'running') {
        end(found, 'cancelled');
        noteChange(world, operationCancelled(found, by));
      }
      return found && shown(found);
    },
    async preview({ orgId, webhookId, task }) {
      const now = { orgId, webhookId, task, createdAt: new Date(), position: null } as StoredOperation;
      if (task.kind === 'replay') return countReplay(world, now, task.range);
      return task.kind === 'erase' ? countErasable(world, task.orgId) : resendable(world, now).length;
    },
    async advance({ stepMs }) {
      const ready = () =>
        [...operations.values()]
          .filter((operation) => operation.state === 'running' && operation.nextStepAtMs <= Date.now())
          .sort((a, b) => a.nextStepAtMs - b.nextStepAtMs);
      const [operation] = ready();
      if (operation === undefined) return { refs: [], busy: false };
      const refs = advance(world, operation, stepMs);
      return { refs, busy: ready().length > 0 };
    },
  };
}

function advance(world: World, operation: StoredOperation, stepMs: number): DueRef[] {
  const { webhookId, perSecond, task } = operation;
  const webhook = webhookId === null ? null : world.webhooks.get(webhookId);
  if (webhook === undefined) {
    end(operation, 'cancelled');
    return [];
  }
  const due = webhook && [...world.due.values()].filter((row) => row.webhookId === webhookId);
  const counts = due && { due: due.filter((row) => row.dueAtMs <= Date.now()).length, pending: due.length };
  const active = webhook?.enabled === true && webhook.suspended === null;
  const pace = paceOf({ kind: task.kind, perSecond, stepMs, webhook: counts && { ...counts, active } });
  operation.waitingFor = 'waitFor' in pace ? pace.waitFor : null;
  operation.nextStepAtMs = Date.now() + pace.lastsMs;
  return 'waitFor' in pace ? [] : move(world, operation, pace);
}

interface Moved {
  refs: DueRef[];
  examined: number;
  moved: number;
  isDone: boolean;
}

function move(world: World, operation: StoredOperation, pace: Exclude<Pace, { waitFor: unknown }>): DueRef[] {
  const { refs, examined, moved, isDone } = moveRows(world, operation, pace.rows);
  operation.examined += examined;
  operation.moved += moved;
  if (moved === 0) operation.nextStepAtMs = Date.now();
  if (isDone) end(operation, 'done');
  return refs;
}

function moveRows(world: World, operation: StoredOperation, rows: number): Moved {
  const { task } = operation;
  switch (task.kind) {
    case 'resend': {
      const next = resendable(world, operation).slice(0, rows);
      const refs = next.map((row) => resendRow(world, row));
      return { refs, examined: refs.length, moved: refs.length, isDone: refs.length < rows };
    }
    case 'replay':
      return replayNext(world, { operation, range: task.range }, rows);
    case 'retry_now': {
      const next = hastenable(world, operation).slice(0, rows);
      for (const row of next) row.dueAtMs = Date.now();
      operation.position = next.at(-1)?.deliveryId ?? operation.position;
      return { refs: next, examined: next.length, moved: next.length, isDone: next.length < rows };
    }
    case 'erase':
      return eraseNext(world, task.orgId);
    case 'reseal':
      // Nothing is sealed here.
      return { refs: [], examined: world.webhooks.size, moved: 0, isDone: true };
    case 'cancel_pending': {
      const left = cancellable(world, operation);
      const next = left.filter((row) => !row.claimed).slice(0, rows);
      for (const row of next) cancel(world, row);
      return { refs: [], examined: next.length, moved: next.length, isDone: next.length === left.length };
    }
  }
}

function resendable(world: World, { task, createdAt }: StoredOperation) {
  if (task.kind !== 'resend') return [];
  return divertedMatching(world, task.filter)
    .filter((row) => row.divertedAt <= createdAt && isActive(world, row))
    .sort((a, b) => a.divertedAt.getTime() - b.divertedAt.getTime());
}

function hastenable(world: World, { position, ...operation }: StoredOperation): StoredDue[] {
  return cancellable(world, { ...operation, position })
    .filter((row) => row.dueAtMs > Date.now() && row.deliveryId > (position ?? ''))
    .sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
}

function cancellable({ due }: World, { webhookId, createdAt }: StoredOperation): StoredDue[] {
  return [...due.values()].filter((row) => row.webhookId === webhookId && row.createdAtMs <= createdAt.getTime());
}

function cancel({ due, deliveries }: World, { deliveryId, attempt }: StoredDue): void {
  due.delete(deliveryId);
  const delivery = deliveries.get(deliveryId);
  if (delivery) Object.assign(delivery, { state: 'discarded', reason: 'cancelled', attempts: attempt - 1 });
}

function countTotal(world: World, operation: StoredOperation): number {
  const { task } = operation;
  switch (task.kind) {
    case 'resend':
      return divertedMatching(world, task.filter).filter((row) => row.divertedAt <= operation.createdAt).length;
    case 'replay':
      return replayMatching(world, operation, task.range).length;
    case 'retry_now':
      return hastenable(world, operation).length;
    case 'cancel_pending':
      return cancellable(world, operation).length;
    case 'erase':
      return 0;
    case 'reseal':
      return world.webhooks.size;
  }
}

function end(operation: StoredOperation, state: 'done' | 'cancelled'): void {
  Object.assign(operation, { state, waitingFor: null, finishedAt: new Date() });
}

function shown({ nextStepAtMs: _, position: __, ...operation }: StoredOperation): Operation {
  return operation;
}
