import type { WebhookId } from '@hooklane/domain';
import { asId } from '@hooklane/domain';
import type { DivertedEvent, DivertedFilter, DivertedStore, DueRef, Operation } from '@hooklane/engine';
import { divertedDeleted, operationStarted } from '@hooklane/engine';
import { noteChange } from './audit.ts';
import { pageOf } from './paging.ts';
import type { StoredDiverted, World } from './world.ts';
import { divertedKey } from './world.ts';

/** What it makes due is only told, in the refs: there is no store of due work behind it. */
export function createMemoryDivertedStore(world: World): DivertedStore {
  const { diverted, operations } = world;

  function own(webhook: { orgId: string; id: WebhookId }, eventId: DivertedEvent['eventId']): StoredDiverted | null {
    const found = diverted.get(divertedKey(webhook.id, eventId));
    return found?.orgId === webhook.orgId ? found : null;
  }

  function matching(filter: DivertedFilter): StoredDiverted[] {
    return [...diverted.values()].filter((row) => passes(row, filter));
  }

  function isActive(row: StoredDiverted): boolean {
    const webhook = world.webhooks.get(row.webhookId);
    return webhook?.enabled === true && webhook.suspended === null;
  }

  function moveOut(row: StoredDiverted): DueRef {
    diverted.delete(divertedKey(row.webhookId, row.eventId));
    return { deliveryId: asId('dlv', row.deliveryId), webhookId: row.webhookId, attempt: row.attempts + 1 };
  }

  return {
    async list(filter, page) {
      const keyOf = (row: StoredDiverted) => [row.divertedAt.getTime(), row.eventId, row.webhookId];
      const { data, nextCursor } = pageOf(matching(filter), page, { keyOf, direction: 'desc' });
      return { data: data.map(({ payload: _, ...row }) => shown(row)), nextCursor };
    },
    async get(webhook, eventId) {
      const row = own(webhook, eventId);
      return row && shown(row);
    },
    async delete(webhook, eventId) {
      if (own(webhook, eventId) === null) return false;
      noteChange(world, divertedDeleted(webhook, eventId));
      return diverted.delete(divertedKey(webhook.id, eventId));
    },
    async resend(webhook, eventId) {
      const row = own(webhook, eventId);
      return row !== null && isActive(row) ? moveOut(row) : null;
    },
    async startOperation({ id, orgId, filter, perSecond, by }) {
      const createdAt = new Date();
      const total = matching(filter).filter((row) => row.divertedAt <= createdAt).length;
      const begun = { state: 'running', kind: 'resend', total, moved: 0, createdAt, finishedAt: null } as const;
      const operation: Operation = { id, orgId, filter, perSecond, ...begun };
      noteChange(world, operationStarted(operation, by));
      operations.set(id, { ...operation, nextStepAtMs: Date.now() });
      return operation;
    },
    async operation(orgId, id) {
      const found = operations.get(id);
      if (found === undefined || (orgId !== null && found.orgId !== orgId)) return null;
      const { nextStepAtMs: _, ...operation } = found;
      return operation;
    },
    async advanceOperation({ stepMs }) {
      const ready = [...operations.values()]
        .filter((operation) => operation.state === 'running' && operation.nextStepAtMs <= Date.now())
        .sort((a, b) => a.nextStepAtMs - b.nextStepAtMs);
      const [operation] = ready;
      if (operation === undefined) return { refs: [], busy: false };
      const limit = Math.ceil((operation.perSecond * stepMs) / 1000);
      const refs = matching(operation.filter)
        .filter((row) => row.divertedAt <= operation.createdAt && isActive(row))
        .sort((a, b) => a.divertedAt.getTime() - b.divertedAt.getTime())
        .slice(0, limit)
        .map(moveOut);
      operation.moved += refs.length;
      operation.nextStepAtMs = Date.now() + (limit * 1000) / operation.perSecond;
      if (refs.length < limit) Object.assign(operation, { state: 'done', finishedAt: new Date() });
      return { refs, busy: ready.length > 1 };
    },
  };
}

function shown<T extends object>(row: T): Omit<T, 'deliveryId'> {
  const { deliveryId: _, ...rest } = { deliveryId: null, ...row };
  return rest;
}

function passes(row: DivertedEvent, filter: DivertedFilter): boolean {
  const { orgId, webhookId, reasons, eventTypes, since, until } = filter;
  return (
    (orgId ?? row.orgId) === row.orgId &&
    (webhookId ?? row.webhookId) === row.webhookId &&
    (reasons ?? [row.reason]).includes(row.reason) &&
    (eventTypes ?? [row.eventType]).includes(row.eventType) &&
    (since ?? row.divertedAt) <= row.divertedAt &&
    (until === undefined || row.divertedAt < until)
  );
}
