import type { DeliveryId, EventId, WebhookId } from '@hooklane/domain';
import type { DivertedEvent, DivertedFilter, DivertedStore } from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';

export interface FakeDiverted extends DivertedStore {
  readonly all: DivertedEvent[];
  /** What the last list asked for. */
  lastFilter: DivertedFilter | null;
  /** The deliveries that were made due again. */
  readonly resent: DeliveryId[];
}

export function fakeDiverted(): FakeDiverted {
  const ids = createIdFactory();
  const fakes: FakeDiverted = {
    all: [],
    lastFilter: null,
    resent: [],
    async list(filter) {
      fakes.lastFilter = filter;
      const isMeant = (one: DivertedEvent) => filter.webhookId === undefined || one.webhookId === filter.webhookId;
      return { data: fakes.all.filter(isMeant).map(withoutPayload), nextCursor: null };
    },
    async get(webhook, eventId) {
      return fakes.all.find((one) => one.webhookId === webhook.id && one.eventId === eventId) ?? null;
    },
    delete: async (webhook, eventId) => take(webhook, eventId),
    async resend(webhook, eventId) {
      if (!take(webhook, eventId)) return null;
      const deliveryId = ids.next('dlv');
      fakes.resent.push(deliveryId);
      return { deliveryId, webhookId: webhook.id, attempt: 12 };
    },
  };

  function take(webhook: { id: WebhookId }, eventId: EventId): boolean {
    const at = fakes.all.findIndex((one) => one.webhookId === webhook.id && one.eventId === eventId);
    if (at >= 0) fakes.all.splice(at, 1);
    return at >= 0;
  }

  return fakes;
}

function withoutPayload({ payload: _, ...diverted }: DivertedEvent): DivertedEvent {
  return diverted;
}
