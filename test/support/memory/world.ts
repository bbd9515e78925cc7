import type { DeliveryId, DeliveryState, EventId, OperationId, OrgId, Origin, WebhookId } from '@hooklane/domain';
import type {
  ApiKey,
  AuditRecord,
  DivertedEvent,
  EventType,
  JsonSchema,
  ListedPause,
  NewSecret,
  Operation,
  Org,
  SchemaVersion,
  Webhook,
} from '@hooklane/engine';

/** What a webhook is but for its secrets, which are shown only while they are valid, and its pause. */
export interface StoredWebhook extends Omit<Webhook, 'secrets' | 'paused'> {
  keys: ReadonlyArray<NewSecret & { createdAt: Date; expiresAt: Date | null }>;
}

export interface StoredDiverted extends DivertedEvent {
  payload: Buffer;
  deliveryId: DeliveryId;
}

export interface StoredEvent {
  id: EventId;
  orgId: OrgId;
  type: string;
  attributes: Record<string, string>;
}

export interface StoredDelivery {
  id: DeliveryId;
  eventId: EventId;
  webhookId: WebhookId;
  orgId: OrgId;
  origin: Origin;
  state: DeliveryState;
  reason: string | null;
  attempts: number;
  sentAs: EventId | null;
}

/** Undone work: there is no store of it behind these ports, but what they make due, hasten and cancel is here. */
export interface StoredDue {
  deliveryId: DeliveryId;
  webhookId: WebhookId;
  origin: Origin;
  attempt: number;
  sentAs: EventId | null;
  dueAtMs: number;
  createdAtMs: number;
  claimed: boolean;
}

export interface StoredEventType extends EventType {
  /** Oldest first. */
  versions: Array<SchemaVersion & { id: string; schema: JsonSchema }>;
}

/** What the stores share. Deleted things are gone. */
export interface World {
  readonly orgs: Map<OrgId, Omit<Org, 'paused'>>;
  readonly keys: Map<string, ApiKey & { hash: Buffer }>;
  readonly webhooks: Map<WebhookId, StoredWebhook>;
  readonly diverted: Map<string, StoredDiverted>;
  /** By org and type. */
  readonly eventTypes: Map<string, StoredEventType>;
  /** Raised by every change of what events are held against. */
  readonly configVersions: Map<OrgId, bigint>;
  /** In the order they were written. */
  readonly audit: AuditRecord[];
  /** Of all orgs that ever were. */
  readonly slugs: Map<OrgId, string>;
  readonly events: Map<EventId, StoredEvent>;
  readonly deliveries: Map<DeliveryId, StoredDelivery>;
  readonly due: Map<DeliveryId, StoredDue>;
  readonly operations: Map<OperationId, StoredOperation>;
  /** By the id of what is paused, or `all`. */
  readonly pauses: Map<string, ListedPause>;
}

export interface StoredOperation extends Operation {
  position: string | null;
  nextStepAtMs: number;
}

export function newWorld(): World {
  return {
    orgs: new Map(),
    keys: new Map(),
    webhooks: new Map(),
    diverted: new Map(),
    eventTypes: new Map(),
    configVersions: new Map(),
    audit: [],
    slugs: new Map(),
    events: new Map(),
    deliveries: new Map(),
    due: new Map(),
    operations: new Map(),
    pauses: new Map(),
  };
}

export function divertedKey(webhookId: WebhookId, eventId: EventId): string {
  return `${webhookId}/${eventId}`;
}

export function raiseConfigVersion({ configVersions }: World, orgId: OrgId): void {
  configVersions.set(orgId, (configVersions.get(orgId) ?? 1n) + 1n);
}
