import type { AttemptId, DeliveryId, EventId, OrgId, WebhookId } from '@hooklane/domain';
import { asId } from '@hooklane/domain';
import type { AttemptView, DeliveryDetail, DeliveryView, EventView, HistoryStore } from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';

export interface FakeHistory extends HistoryStore {
  readonly attemptsMade: Array<AttemptView & { orgId: OrgId }>;
  readonly deliveriesMade: Array<DeliveryView & { orgId: OrgId }>;
  readonly eventsKept: Array<EventView & { orgId: OrgId }>;
  /** Of every delivery that is read alone. */
  detail: Partial<DeliveryDetail>;
  /** What the last list asked for. */
  lastAsked: unknown;
}

export function fakeHistory(): FakeHistory {
  const history: FakeHistory = {
    attemptsMade: [],
    deliveriesMade: [],
    eventsKept: [],
    detail: {},
    lastAsked: null,
    async attempts(webhook, filter, page) {
      history.lastAsked = { filter, page };
      const isMeant = (one: AttemptView & { orgId: OrgId }) =>
        one.orgId === webhook.orgId &&
        one.webhookId === webhook.id &&
        (filter.deliveryId ?? one.deliveryId) === one.deliveryId;
      const data = history.attemptsMade.filter(isMeant);
      return { data, nextCursor: null };
    },
    attempt: async (webhook, id: AttemptId) =>
      history.attemptsMade.find((one) => one.webhookId === webhook.id && one.id === id) ?? null,
    attemptOf: async ({ deliveryId }, number) =>
      history.attemptsMade.find((one) => one.deliveryId === deliveryId && one.number === number) ?? null,
    async deliveries(webhook, filter, page) {
      history.lastAsked = { filter, page };
      return { data: history.deliveriesMade.filter((one) => one.webhookId === webhook.id), nextCursor: 'more' };
    },
    async deliveriesOfOrg(orgId, filter, page) {
      history.lastAsked = { filter, page };
      return { data: history.deliveriesMade.filter((one) => one.orgId === orgId), nextCursor: null };
    },
    async delivery(orgId, id) {
      const found = history.deliveriesMade.find((one) => one.orgId === orgId && one.id === id);
      return found === undefined ? null : { ...found, sentAs: found.eventId, next: null, ...history.detail };
    },
    event: async (orgId, id: EventId) =>
      history.eventsKept.find((event) => event.orgId === orgId && event.id === id) ?? null,
    async deliveriesOf({ orgId, id }, page) {
      history.lastAsked = { page };
      return (await history.event(orgId, id))?.deliveries ?? null;
    },
  };
  return history;
}

const ids = createIdFactory();

export function eventView(
  orgId: OrgId,
  changed: Partial<Omit<EventView, 'deliveries'>> & { deliveries?: DeliveryView[] } = {},
): EventView & { orgId: OrgId } {
  const at = new Date('2026-01-02T03:04:05Z');
  return {
    orgId,
    id: ids.next('evt'),
    ...{
      externalId: null,
      requestId: 'req_1',
      type: 't',
      schemaVersion: null,
      attributes: {},
      payload: Buffer.from('1'),
    },
    ...{ occurredAt: at, createdAt: at },
    ...changed,
    deliveries: { data: changed.deliveries ?? [], nextCursor: null },
  };
}

export function attemptView(of: {
  orgId: OrgId;
  webhookId: WebhookId;
  deliveryId?: DeliveryId;
  eventId?: EventId;
}): AttemptView & { orgId: OrgId } {
  return {
    deliveryId: ids.next('dlv'),
    eventId: ids.next('evt'),
    ...of,
    id: asId('att', ids.next('att')),
    eventType: 'invoice.paid',
    number: 1,
    origin: 'event',
    outcome: 'rejected',
    detail: null,
    status: 500,
    startedAt: new Date('2026-02-03T04:05:06.007Z'),
    durationMs: 12,
    waitedFor: null,
    url: 'https://example.com/hook',
    encoding: 0,
    sentAs: null,
    requestHeaders: { 'content-type': 'application/json', authorization: '********' },
    responseHeaders: { 'x-two': ['a', 'b'] },
    responseBody: Buffer.from('no'),
    responseTruncated: false,
    nextStep: 'retry',
    nextAttemptAt: new Date('2026-02-03T04:05:11Z'),
  };
}
