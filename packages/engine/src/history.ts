import type { AttemptId, DeliveryId, DeliveryState, EventId, OrgId, Origin, WebhookId } from '@hooklane/domain';
import type { StoredEvent } from './event-stream.ts';
import type { Page, PageRequest } from './paging.ts';

/** One attempt as it is shown: what was sent, what was answered, what follows. */
export interface AttemptView {
  id: AttemptId;
  webhookId: WebhookId;
  deliveryId: DeliveryId;
  eventId: EventId;
  eventType: string;
  number: number;
  origin: Origin;
  outcome: 'accepted' | 'rejected' | 'timed-out' | 'unreachable' | 'blocked';
  /** Phase, network code or reason of an outcome that has no status. */
  detail: string | null;
  status: number | null;
  startedAt: Date;
  durationMs: number;
  url: string;
  /** Sensitive values are masked. */
  requestHeaders: Record<string, string | string[]>;
  responseHeaders: Record<string, string | string[]> | null;
  /** At most 4 KiB, UTF-8 repaired. */
  responseBody: string | null;
  responseTruncated: boolean;
  nextStep: 'delivered' | 'retry' | 'divert' | 'discard';
  /** When it goes again, if it does. */
  nextAttemptAt: Date | null;
}

export interface DeliveryView {
  id: DeliveryId;
  eventId: EventId;
  webhookId: WebhookId;
  origin: Origin;
  state: DeliveryState;
  /** Why it was diverted or discarded. */
  reason: string | null;
  attempts: number;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface EventView extends StoredEvent {
  /** The first of them, as {@link HistoryStore.deliveriesOf} lists them. */
  deliveries: Page<DeliveryView>;
}

/** The log: the newest attempts of each webhook, exact whatever the reaper's lag. */
export interface HistoryStore {
  attempts(
    webhook: { orgId: OrgId; id: WebhookId },
    filter: { status?: 'success' | 'failed' | undefined },
    page: PageRequest,
  ): Promise<Page<AttemptView>>;
  attempt(webhook: { orgId: OrgId; id: WebhookId }, id: AttemptId): Promise<AttemptView | null>;
  /** The attempt of a delivery with this number, once it is recorded. */
  attemptOf(
    delivery: { orgId: OrgId; webhookId: WebhookId; deliveryId: DeliveryId },
    number: number,
  ): Promise<AttemptView | null>;
  deliveries(
    webhook: { orgId: OrgId; id: WebhookId },
    filter: { state?: DeliveryState | undefined },
    page: PageRequest,
  ): Promise<Page<DeliveryView>>;
  event(orgId: OrgId, id: EventId): Promise<EventView | null>;
  /** Of an event, oldest first; null when there is no such event. */
  deliveriesOf(event: { orgId: OrgId; id: EventId }, page: PageRequest): Promise<Page<DeliveryView> | null>;
}

/** The log of a webhook shows this many attempts; the reaper deletes what is older. */
export const LOGGED_ATTEMPTS = 100;
