import type { WebhookId } from '@hooklane/domain';
import type { DivertedEvent, DivertedFilter, DivertedStore } from '@hooklane/engine';
import { divertedDeleted } from '@hooklane/engine';
import { noteChange } from './audit.ts';
import { makeDue } from './make-due.ts';
import { pageOf } from './paging.ts';
import type { StoredDiverted, World } from './world.ts';
import { divertedKey } from './world.ts';

export function createMemoryDivertedStore(world: World): DivertedStore {
  const { diverted, deliveries } = world;

  function own(webhook: { orgId: string; id: WebhookId }, eventId: DivertedEvent['eventId']): StoredDiverted | null {
    const found = diverted.get(divertedKey(webhook.id, eventId));
    return found?.orgId === webhook.orgId ? found : null;
  }

  return {
    async list(filter, page) {
      const keyOf = (row: StoredDiverted) => [row.divertedAt.getTime(), row.eventId, row.webhookId];
      const { data, nextCursor } = pageOf(divertedMatching(world, filter), page, { keyOf, direction: 'desc' });
      return { data: data.map(({ payload: _, ...row }) => shown(row)), nextCursor };
    },
    async get(webhook, eventId) {
      const row = own(webhook, eventId);
      return row && shown(row);
    },
    async delete(webhook, eventId) {
      const row = own(webhook, eventId);
      const delivery = row && deliveries.get(row.deliveryId);
      if (delivery) Object.assign(delivery, { state: 'discarded', reason: 'divert_removed' });
      if (row !== null) noteChange(world, divertedDeleted(webhook, eventId));
      return row !== null && diverted.delete(divertedKey(webhook.id, eventId));
    },
    async resend(webhook, eventId) {
      const row = own(webhook, eventId);
      return row !== null && isActive(world, row) ? resendRow(world, row) : null;
    },
  };
}

/** It leaves the store and its delivery is due. */
export function resendRow(world: World, row: StoredDiverted, origin: 'resend' | 'redeliver' | 'replay' = 'resend') {
  world.diverted.delete(divertedKey(row.webhookId, row.eventId));
  return makeDue(world, row.deliveryId, origin);
}

export function isActive({ webhooks }: World, { webhookId }: { webhookId: WebhookId }): boolean {
  const webhook = webhooks.get(webhookId);
  return webhook?.enabled === true && webhook.suspended === null;
}

export function divertedMatching({ diverted }: World, filter: DivertedFilter): StoredDiverted[] {
  return [...diverted.values()].filter((row) => passes(row, filter));
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
