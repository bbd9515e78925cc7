import type { DeliveryId, OrgId, WebhookId } from '@hooklane/domain';
import type { RedeliverVerdict, RedeliveryStore } from '@hooklane/engine';

export interface FakeRedeliveries extends RedeliveryStore {
  readonly deliveries: Array<{ orgId: OrgId; id: DeliveryId; webhookId: WebhookId; attempts: number }>;
  /** Instead of making it due. */
  refusal: Exclude<RedeliverVerdict, { kind: 'due' }> | null;
}

export function fakeRedeliveries(): FakeRedeliveries {
  const fakes: FakeRedeliveries = {
    deliveries: [],
    refusal: null,
    webhookOf: async (orgId, id) =>
      fakes.deliveries.find((one) => one.orgId === orgId && one.id === id)?.webhookId ?? null,
    async redeliver(orgId, id) {
      const found = fakes.deliveries.find((one) => one.orgId === orgId && one.id === id);
      if (found === undefined) return { kind: 'unknown' };
      if (fakes.refusal !== null) return fakes.refusal;
      return { kind: 'due', ref: { deliveryId: id, webhookId: found.webhookId, attempt: found.attempts + 1 } };
    },
  };
  return fakes;
}
