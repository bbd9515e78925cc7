import type { DivertReason, EventId, OperationId, OrgId, WebhookId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { Author, ChangedWebhook } from './audit.ts';
import type { DueQueue, DueRef } from './due-work.ts';
import type { IdFactory } from './ids.ts';
import { found } from './manage-webhooks.ts';
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

/** Work on many rows, told as it goes. Survives restarts; bounded to what was there when it began. */
export interface Operation {
  id: OperationId;
  /** Null: across all orgs. */
  orgId: OrgId | null;
  kind: 'resend';
  filter: DivertedFilter;
  perSecond: number;
  state: 'running' | 'done';
  /** Rows the filter matched when it began. */
  total: number;
  moved: number;
  createdAt: Date;
  finishedAt: Date | null;
}

/** An operation that is to begin now. */
export interface NewOperation extends Pick<Operation, 'id' | 'orgId' | 'filter' | 'perSecond'> {
  by: Author;
}

export interface DivertedStore {
  /** Newest first; without an org in the filter, of all orgs. */
  list(filter: DivertedFilter, page: PageRequest): Promise<Page<DivertedEvent>>;
  get(webhook: { orgId: OrgId; id: WebhookId }, eventId: EventId): Promise<DivertedEvent | null>;
  /** The delivery ends as discarded, reason `divert_removed`. */
  delete(webhook: ChangedWebhook, eventId: EventId): Promise<boolean>;
  /** In one transaction the row leaves the store and its delivery is due again, with a new retry budget. */
  resend(webhook: { orgId: OrgId; id: WebhookId }, eventId: EventId): Promise<DueRef | null>;
  startOperation(operation: NewOperation): Promise<Operation>;
  operation(orgId: OrgId | null, id: OperationId): Promise<Operation | null>;
  /**
   * One bounded step of an operation that no other worker is at: moves its oldest rows, whose webhooks are active,
   * back to due. `busy`: there may be more to do at once.
   */
  advanceOperation(batch: { stepMs: number }): Promise<{ refs: DueRef[]; busy: boolean }>;
}

export interface DivertedPorts {
  diverted: DivertedStore;
  webhooks: Pick<WebhookStore, 'get'>;
  queue: DueQueue;
  ids: IdFactory;
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
  await announceResent(ports, [ref]);
  return ref;
}

/** Starts sending a webhook's diverted events again, oldest first, at a bounded rate. */
export async function resendAll(
  ports: DivertedPorts,
  webhook: ChangedWebhook,
  request: { filter: DivertedFilter; perSecond: number },
): Promise<Operation> {
  await mustBeActive(ports, webhook);
  return ports.diverted.startOperation({
    id: ports.ids.next('op'),
    orgId: webhook.orgId,
    filter: { ...request.filter, orgId: webhook.orgId, webhookId: webhook.id },
    perSecond: request.perSecond,
    by: webhook.by,
  });
}

/** The operator's: diverted events of any org, by filter. Rows of webhooks that are not active stay where they are. */
export function replayAcrossOrgs(
  ports: DivertedPorts,
  request: { filter: DivertedFilter; perSecond: number; by: Author },
): Promise<Operation> {
  return ports.diverted.startOperation({ id: ports.ids.next('op'), orgId: null, ...request });
}

/** One step of whatever operation is running; every worker calls it on its own beat. */
export async function advanceOperations(
  ports: Pick<DivertedPorts, 'diverted' | 'queue'>,
  stepMs: number,
): Promise<'again' | 'idle'> {
  const { refs, busy } = await ports.diverted.advanceOperation({ stepMs });
  if (refs.length > 0) await announceResent(ports, refs);
  return busy ? 'again' : 'idle';
}

async function mustBeActive(ports: DivertedPorts, { orgId, id }: { orgId: OrgId; id: WebhookId }): Promise<void> {
  const webhook = found(await ports.webhooks.get(orgId, id));
  if (!webhook.enabled || webhook.suspended !== null) throw new DomainError('webhook_not_active');
}

/** Resent work is not marked as queued: what the queue does not take, the relay finds at once. */
async function announceResent(ports: Pick<DivertedPorts, 'queue'>, refs: readonly DueRef[]): Promise<void> {
  await ports.queue.announce(refs);
}
