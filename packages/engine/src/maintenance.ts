import type { OrgId } from '@hooklane/domain';
import type { Author } from './audit.ts';
import { found } from './manage-webhooks.ts';
import type { Operation } from './operations.ts';
import type { OrgStore } from './orgs.ts';
import type { OperationPorts } from './run-operations.ts';
import { startOperation } from './run-operations.ts';

export interface MaintenancePorts extends Pick<OperationPorts, 'operations' | 'ids'> {
  orgs: Pick<OrgStore, 'find' | 'delete'>;
  /** The id of the key that seals. */
  sealingKeyId: string;
}

interface Request {
  perSecond: number;
  by: Author;
}

/**
 * Deletes an org, if it is not deleted yet, and starts to erase everything that was its: events, deliveries, attempts, what was
 * diverted, webhooks, secrets, keys, event types, statistics and its audit trail. Cannot be undone.
 */
export async function eraseOrg(ports: MaintenancePorts, orgId: OrgId, { perSecond, by }: Request): Promise<Operation> {
  const { slug, isDeleted } = found(await ports.orgs.find(orgId));
  if (!isDeleted) await ports.orgs.delete(slug, by);
  return startOperation(ports, { orgId: null, webhookId: null, task: { kind: 'erase', orgId }, perSecond, by });
}

/** What {@link eraseOrg} would be about if it began now; of the rows null: more than are counted. Nothing is deleted. */
export async function previewErasure(
  { orgs, operations }: Pick<MaintenancePorts, 'orgs' | 'operations'>,
  orgId: OrgId,
): Promise<{ slug: string; isDeleted: boolean; rows: number | null }> {
  const org = found(await orgs.find(orgId));
  const rows = await operations.preview({ orgId: null, webhookId: null, task: { kind: 'erase', orgId } });
  return { ...org, rows };
}

/** Starts to seal everything with the key that seals now that is sealed with an older one. */
export function reseal(ports: MaintenancePorts, { perSecond, by }: Request): Promise<Operation> {
  const task = { kind: 'reseal', keyId: ports.sealingKeyId } as const;
  return startOperation(ports, { orgId: null, webhookId: null, task, perSecond, by });
}

/** How many values {@link reseal} would have to seal; null: more than are counted. */
export function previewReseal({
  operations,
  sealingKeyId,
}: Pick<MaintenancePorts, 'operations' | 'sealingKeyId'>): Promise<number | null> {
  return operations.preview({ orgId: null, webhookId: null, task: { kind: 'reseal', keyId: sealingKeyId } });
}
