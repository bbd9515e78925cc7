import { randomBytes } from 'node:crypto';
import type { DeliveryId, DeliveryState, DivertReason, EventId, OrgId, Origin, WebhookId } from '@hooklane/domain';
import { DEFAULT_FAILURE_POLICY, hintOf, secretFromKey } from '@hooklane/domain';
import type {
  AuditLog,
  Author,
  DivertedStore,
  EventTypeStore,
  IdFactory,
  KeyStore,
  NewSecret,
  OperationStore,
  Org,
  OrgStore,
  PauseStore,
  RedeliveryStore,
  Webhook,
  WebhookSettings,
  WebhookStore,
} from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';

/** One implementation of the ports that hold configuration and what was set aside; each suite makes its own. */
export interface Stores extends AsyncDisposable {
  readonly orgs: OrgStore;
  readonly keys: KeyStore;
  readonly webhooks: WebhookStore;
  readonly diverted: DivertedStore;
  readonly eventTypes: EventTypeStore;
  readonly audit: AuditLog;
  readonly redeliveries: RedeliveryStore;
  readonly operations: OperationStore;
  readonly pauses: PauseStore;
  /** Stores an event with one delivery that was set aside, as the store of due work would. */
  divert(set: SetAside): Promise<void>;
  /** Stores an event with the deliveries it has by now. */
  publish(event: PublishedEvent): Promise<void>;
  /** Looks behind the ports. */
  delivery(id: DeliveryId): Promise<SeenDelivery | null>;
  deliveriesOf(webhookId: WebhookId): Promise<DeliveryId[]>;
  /** As if its retention were over and nobody needed it. */
  pruneEvent(id: EventId): Promise<void>;
  /** What events of an org are held against. */
  configVersion(orgId: OrgId): Promise<bigint>;
}

export interface PublishedEvent {
  id: EventId;
  orgId: OrgId;
  type: string;
  attributes: Record<string, string>;
  deliveries: Array<{
    id: DeliveryId;
    webhookId: WebhookId;
    origin: Origin;
    state: Exclude<DeliveryState, 'diverted'>;
    attempts: number;
    /** Of one that is pending. */
    dueInMs: number;
    claimed: boolean;
  }>;
}

export interface SeenDelivery {
  eventId: EventId;
  state: DeliveryState;
  reason: string | null;
  attempts: number;
  sentAs: EventId | null;
  due: { attempt: number; origin: Origin; sentAs: EventId | null; inMs: number } | null;
}

export type MakeStores = () => Promise<Stores>;

export interface SetAside {
  orgId: OrgId;
  webhookId: WebhookId;
  eventId: EventId;
  eventType: string;
  payload: Buffer;
  attempts: number;
  reason: DivertReason;
  divertedAt: Date;
}

export const ids: IdFactory = createIdFactory();

/** Who makes the changes of tests that do not care who does. */
export const by: Author = { actor: { kind: 'operator' }, requestId: 'req_test' };

export async function newOrg({ orgs }: Stores, slug = `org-${randomBytes(6).toString('hex')}`): Promise<Org> {
  const created = await orgs.create({ id: ids.next('org'), slug, name: 'An org', by });
  if (created === 'slug_taken') throw new Error(`The slug ${slug} is taken.`);
  return created;
}

export function settings(changed: Partial<WebhookSettings> = {}): WebhookSettings {
  return {
    name: 'orders',
    description: null,
    url: 'https://receiver.example/hook',
    events: ['invoice.*'],
    filters: null,
    headers: {},
    auth: null,
    verifyTls: true,
    caBundle: null,
    clientCertificate: null,
    profile: 'standard',
    contentType: 'json',
    signing: true,
    enabled: true,
    failurePolicy: DEFAULT_FAILURE_POLICY,
    timeoutMs: 15_000,
    rateLimit: null,
    maxInFlight: null,
    ...changed,
  };
}

export function newSecret(tag: string | null = null): NewSecret {
  const text = secretFromKey(randomBytes(32));
  return { id: ids.next('sec'), kind: 'whsec', text, hint: hintOf(text), tag, publicKey: null };
}

export async function newWebhook(
  { webhooks }: Stores,
  orgId: OrgId,
  changed: Partial<WebhookSettings> = {},
): Promise<Webhook> {
  return webhooks.create({ id: ids.next('wh'), orgId, settings: settings(changed), secret: newSecret(), by }, LIMITS);
}

/** Set aside a minute ago, unless told otherwise. */
/** An event that was delivered to the webhook in one attempt, a minute ago, unless told otherwise. */
export async function publishOne(
  stores: Stores,
  webhook: Pick<Webhook, 'id' | 'orgId'>,
  changed: Partial<PublishedEvent['deliveries'][number]> & { type?: string; atMs?: number; without?: boolean } = {},
): Promise<{ eventId: EventId; deliveryId: DeliveryId }> {
  const { type = 'invoice.paid', atMs = Date.now() - 60_000, without = false, ...delivery } = changed;
  const eventId = ids.next('evt', atMs);
  const deliveryId = ids.next('dlv', atMs);
  const defaults = { origin: 'event', state: 'delivered', attempts: 1, dueInMs: 0, claimed: false } as const;
  const made = { id: deliveryId, webhookId: webhook.id, ...defaults, ...delivery };
  const deliveries = without ? [] : [made];
  await stores.publish({ id: eventId, orgId: webhook.orgId, type, attributes: {}, deliveries });
  return { eventId, deliveryId };
}

export async function divertOne(
  stores: Stores,
  webhook: Pick<Webhook, 'orgId' | 'id'>,
  changed: Partial<SetAside> = {},
): Promise<SetAside> {
  const set: SetAside = {
    orgId: webhook.orgId,
    webhookId: webhook.id,
    eventId: ids.next('evt'),
    eventType: 'invoice.paid',
    payload: Buffer.from('{"paid":true}'),
    attempts: 3,
    reason: 'retries_exhausted',
    divertedAt: new Date(Date.now() - 60_000),
    ...changed,
  };
  await stores.divert(set);
  return set;
}

/** What `list` shows when it is read page by page. */
export async function allPages<T>(
  read: (cursor: string | null) => Promise<{ data: T[]; nextCursor: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page = await read(cursor);
    all.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

/** More than any test comes to. */
export const LIMITS = { webhooksPerOrg: 1_000, webhooksPerHost: 1_000 };
