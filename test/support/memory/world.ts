import type { EventId, OperationId, OrgId, WebhookId } from '@hooklane/domain';
import type { ApiKey, AuditRecord, DivertedEvent, NewSecret, Operation, Org, Webhook } from '@hooklane/engine';

export interface StoredWebhook extends Webhook {
  secrets: Array<NewSecret & { expiresAtMs: number }>;
}

export interface StoredDiverted extends DivertedEvent {
  payload: Buffer;
  deliveryId: string;
}

/** What the stores share. Deleted things are gone. */
export interface World {
  readonly orgs: Map<OrgId, Org>;
  readonly keys: Map<string, ApiKey & { hash: Buffer }>;
  readonly webhooks: Map<WebhookId, StoredWebhook>;
  readonly diverted: Map<string, StoredDiverted>;
  /** In the order they were written. */
  readonly audit: AuditRecord[];
  /** Of all orgs that ever were. */
  readonly slugs: Map<OrgId, string>;
  readonly operations: Map<OperationId, Operation & { nextStepAtMs: number }>;
}

export function newWorld(): World {
  return {
    orgs: new Map(),
    keys: new Map(),
    webhooks: new Map(),
    diverted: new Map(),
    audit: [],
    slugs: new Map(),
    operations: new Map(),
  };
}

export function divertedKey(webhookId: WebhookId, eventId: EventId): string {
  return `${webhookId}/${eventId}`;
}
