import type { OrgId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import { mustBeActive } from './active-webhook.ts';
import type { Author, ChangedWebhook } from './audit.ts';
import type { DivertedFilter } from './diverted-events.ts';
import type { DueQueue } from './due-work.ts';
import type { IdFactory } from './ids.ts';
import { found } from './manage-webhooks.ts';
import type { NewOperation, Operation, OperationStore, ReplayRange } from './operations.ts';
import type { WebhookStore } from './webhooks.ts';

export interface OperationPorts {
  operations: OperationStore;
  webhooks: Pick<WebhookStore, 'get'>;
  queue: DueQueue;
  ids: IdFactory;
}

/** Deliveries are made due, or ended, as fast as the database lets us; the lanes bound what becomes of it. */
const AT_ONCE_PER_SECOND = 10_000;

/** Starts sending a webhook's diverted events again, oldest first, at a bounded rate. */
export async function resendAll(
  ports: OperationPorts,
  webhook: ChangedWebhook,
  request: { filter: DivertedFilter; perSecond: number },
): Promise<Operation> {
  await mustBeActive(ports, webhook);
  const filter = { ...request.filter, orgId: webhook.orgId, webhookId: webhook.id };
  return startOn(ports, webhook, { task: { kind: 'resend', filter }, perSecond: request.perSecond });
}

/** The same for all webhooks of an org. Rows of webhooks that are not active stay where they are. */
export function resendAcrossWebhooks(
  ports: OperationPorts,
  orgId: OrgId,
  request: { filter: DivertedFilter; perSecond: number; by: Author },
): Promise<Operation> {
  const { filter, perSecond, by } = request;
  const task = { kind: 'resend', filter: { ...filter, orgId } } as const;
  return startOperation(ports, { orgId, webhookId: filter.webhookId ?? null, task, perSecond, by });
}

/** The operator's: diverted events of any org, by filter. */
export function replayAcrossOrgs(
  ports: OperationPorts,
  request: { filter: DivertedFilter; perSecond: number; by: Author },
): Promise<Operation> {
  const { filter, perSecond, by } = request;
  return startOperation(ports, { orgId: null, webhookId: null, task: { kind: 'resend', filter }, perSecond, by });
}

/** Starts sending the stored events of a time range to a webhook, oldest first, whether it had them before or not. */
export async function replayRange(
  ports: OperationPorts,
  webhook: ChangedWebhook,
  request: { range: ReplayRange; perSecond: number },
): Promise<Operation> {
  await mustBeActive(ports, webhook);
  return startOn(ports, webhook, { task: { kind: 'replay', range: request.range }, perSecond: request.perSecond });
}

/** What {@link resendAll}, or {@link replayRange}, would send if it began now. Null: more than are counted. */
export async function previewOn(
  ports: Pick<OperationPorts, 'operations' | 'webhooks'>,
  webhook: ChangedWebhook,
  work: { filter: DivertedFilter } | { range: ReplayRange },
): Promise<number | null> {
  await mustBeActive(ports, webhook);
  const { orgId, id: webhookId } = webhook;
  if ('range' in work) return ports.operations.preview({ orgId, webhookId, task: { kind: 'replay', ...work } });
  return previewResend(ports, { ...work.filter, orgId, webhookId });
}

/** The same of {@link resendAcrossWebhooks} and {@link replayAcrossOrgs}, by what stands in the filter. */
export function previewResend(
  { operations }: Pick<OperationPorts, 'operations'>,
  filter: DivertedFilter,
): Promise<number | null> {
  const { orgId = null, webhookId = null } = filter;
  return operations.preview({ orgId, webhookId, task: { kind: 'resend', filter } });
}

/** Makes every pending delivery of a webhook due now: its receiver works again, and nobody wants to wait for the retries. */
export async function retryNow(ports: OperationPorts, webhook: ChangedWebhook): Promise<Operation> {
  await mustBeActive(ports, webhook);
  return startOn(ports, webhook, { task: { kind: 'retry_now' }, perSecond: AT_ONCE_PER_SECOND });
}

/** Ends every pending delivery of a webhook as discarded. An attempt under way is still recorded, and may deliver. */
export async function cancelPending(ports: OperationPorts, webhook: ChangedWebhook): Promise<Operation> {
  found(await ports.webhooks.get(webhook.orgId, webhook.id));
  return startOn(ports, webhook, { task: { kind: 'cancel_pending' }, perSecond: AT_ONCE_PER_SECOND });
}

/** One step of whatever operation is running; every worker calls it on its own beat. */
export async function advanceOperations(
  ports: Pick<OperationPorts, 'operations' | 'queue'>,
  stepMs: number,
): Promise<'again' | 'idle'> {
  const { refs, busy } = await ports.operations.advance({ stepMs });
  // Backlogs stay out of the queue: live events would stand behind them.
  if (refs.length > 0) ports.queue.leaveToStore();
  return busy ? 'again' : 'idle';
}

function startOn(
  ports: OperationPorts,
  webhook: ChangedWebhook,
  work: Pick<NewOperation, 'task' | 'perSecond'>,
): Promise<Operation> {
  return startOperation(ports, { orgId: webhook.orgId, webhookId: webhook.id, by: webhook.by, ...work });
}

/** Throws `too_many_operations`. */
export async function startOperation(
  ports: Pick<OperationPorts, 'operations' | 'ids'>,
  operation: Omit<NewOperation, 'id'>,
): Promise<Operation> {
  const started = await ports.operations.start({ id: ports.ids.next('op'), ...operation });
  if (started === 'too_many') throw new DomainError('too_many_operations');
  return started;
}
