import type {
  AttemptId,
  DeliveryId,
  DeliveryState,
  EventId,
  OrgId,
  Origin,
  WaitReason,
  WebhookId,
} from '@hooklane/domain';
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
  /** The limit of its webhook, or of its host, for which it was sent later than it was due. */
  waitedFor: WaitReason | null;
  url: string;
  /** How the body was written: see `encodingOf` in the domain. Null: nothing was sent. */
  encoding: number | null;
  /** What `webhook-id` said, where it was not the event's id. */
  sentAs: EventId | null;
  /** Sensitive values are masked. */
  requestHeaders: Record<string, string | string[]>;
  responseHeaders: Record<string, string | string[]> | null;
  /** The bytes as they came, at most the first 4 KiB. */
  responseBody: Buffer | null;
  responseTruncated: boolean;
  nextStep: 'delivered' | 'retry' | 'divert' | 'discard';
  /** When it goes again, if it does. */
  nextAttemptAt: Date | null;
}

export interface DeliveryView {
  id: DeliveryId;
  eventId: EventId;
  /** Null when the event is not stored any more. */
  eventType: string | null;
  webhookId: WebhookId;
  origin: Origin;
  state: DeliveryState;
  /** Why it was diverted or discarded. */
  reason: string | null;
  attempts: number;
  createdAt: Date;
  finishedAt: Date | null;
}

/** One delivery, with what is known of it at this moment. */
export interface DeliveryDetail extends DeliveryView {
  /** What `webhook-id` says: the event's id, unless a replay gave it a new one. */
  sentAs: EventId;
  /** The attempt that is to be made, while it is pending. */
  next: { number: number; dueAt: Date; inFlight: boolean } | null;
}

/** All that is given must fit. */
export interface DeliveryFilter {
  state?: DeliveryState | undefined;
  eventTypes?: readonly string[] | undefined;
  /** When it was made. `since` is included, `until` is not. */
  since?: Date | undefined;
  until?: Date | undefined;
}

/** All that is given must fit. */
export interface AttemptFilter {
  status?: 'success' | 'failed' | undefined;
  eventId?: EventId | undefined;
  deliveryId?: DeliveryId | undefined;
  /** When it began. `since` is included, `until` is not. */
  since?: Date | undefined;
  until?: Date | undefined;
}

export interface EventView extends StoredEvent {
  /** The first of them, as {@link HistoryStore.deliveriesOf} lists them. */
  deliveries: Page<DeliveryView>;
}

/** The log: the newest attempts of each webhook, exact whatever the reaper's lag. */
export interface HistoryStore {
  attempts(
    webhook: { orgId: OrgId; id: WebhookId },
    filter: AttemptFilter,
    page: PageRequest,
  ): Promise<Page<AttemptView>>;
  attempt(webhook: { orgId: OrgId; id: WebhookId }, id: AttemptId): Promise<AttemptView | null>;
  /** The attempt of a delivery with this number, once it is recorded. */
  attemptOf(
    delivery: { orgId: OrgId; webhookId: WebhookId; deliveryId: DeliveryId },
    number: number,
  ): Promise<AttemptView | null>;
  /**
   * Newest first. A page looks at a bounded number of deliveries: with a filter it may have fewer than its limit, even
   * none, and still a next one.
   */
  deliveries(
    webhook: { orgId: OrgId; id: WebhookId },
    filter: DeliveryFilter,
    page: PageRequest,
  ): Promise<Page<DeliveryView>>;
  /** Of all webhooks of an org, those of the newest event first; of events that are still stored. Bounded like the other. */
  deliveriesOfOrg(orgId: OrgId, filter: DeliveryFilter, page: PageRequest): Promise<Page<DeliveryView>>;
  delivery(orgId: OrgId, id: DeliveryId): Promise<DeliveryDetail | null>;
  event(orgId: OrgId, id: EventId): Promise<EventView | null>;
  /** Of an event, oldest first; null when there is no such event. */
  deliveriesOf(event: { orgId: OrgId; id: EventId }, page: PageRequest): Promise<Page<DeliveryView> | null>;
}

/** The log of a webhook shows this many attempts; the reaper deletes what is older. */
export const LOGGED_ATTEMPTS = 100;
