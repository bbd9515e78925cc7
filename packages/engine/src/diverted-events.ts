import type { DivertReason, EventId, OrgId, WebhookId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import { mustBeActive } from './active-webhook.ts';
import type { ChangedWebhook } from './audit.ts';
import type { DueQueue, DueRef } from './due-work.ts';
import type { Page, PageRequest } from './paging.ts';
import type { WebhookStore } from './webhooks.ts';

/** An event set aside for a webhook: listed, readable, sent again byte for byte. */
export interface DivertedEvent {
  orgId: OrgId;
  webhookId: WebhookId;
  eventId: EventId;
  eventType: string;
  /** The bytes as they were sent; only where one row is read. */
  payload?: Buffer;
  attempts: number;
  reason: DivertReason;
  /** What failed last: a status code, `timeout`, `network`; null when it was set aside unsent. */
  trigger: string | null;
  /** For people. */
  message: string;
  divertedAt: Date;
}

export interface DivertedFilter {
  orgId?: OrgId | undefined;
  webhookId?: WebhookId | undefined;
  reasons?: readonly DivertReason[] | undefined;
  eventTypes?: readonly string[] | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

export interface DivertedStore {
  /** Newest first; without an org in the filter, of all orgs. */
  list(filter: DivertedFilter, page: PageRequest): Promise<Page<DivertedEvent>>;
  get(webhook: { orgId: OrgId; id: WebhookId }, eventId: EventId): Promise<DivertedEvent | null>;
  /** The delivery ends as discarded, reason `divert_removed`. */
  delete(webhook: ChangedWebhook, eventId: EventId): Promise<boolean>;
  /** In one transaction the row leaves the store and its delivery is due again, with a new retry budget. */
  resend(webhook: { orgId: OrgId; id: WebhookId }, eventId: EventId): Promise<DueRef | null>;
}

export interface DivertedPorts {
  diverted: DivertedStore;
  webhooks: Pick<WebhookStore, 'get'>;
  queue: DueQueue;
}

/** Sends one diverted event again. If it fails again it comes back. */
export async function resendOne(
  ports: DivertedPorts,
  webhook: { orgId: OrgId; id: WebhookId },
  eventId: EventId,
): Promise<DueRef> {
  await mustBeActive(ports, webhook);
  const ref = await ports.diverted.resend(webhook, eventId);
  if (ref === null) throw new DomainError('not_diverted');
  // Not marked as queued: what the queue does not take, the relay finds at once.
  await ports.queue.announce([ref]);
  return ref;
}
