import type { DeliveryId, EventId, OrgId, Origin, Subscription, TypeRules, WebhookId } from '@hooklane/domain';
import { DomainError, matches } from '@hooklane/domain';
import type { TypeChecked } from './check-type.ts';
import { checkType } from './check-type.ts';
import type { DueQueue, DueRef, DueStore } from './due-work.ts';
import type { SchemaJudge } from './event-types.ts';
import type { IdFactory } from './ids.ts';

/** What a producer asks for, parsed. */
export interface Publication {
  orgId: OrgId;
  type: string;
  /** The bytes exactly as sent. */
  payload: Buffer;
  attributes: Readonly<Record<string, string>>;
  /** The producer's own id; without an idempotency key it is one. */
  externalId: string | null;
  /** Null: the moment it was accepted. */
  occurredAt: Date | null;
  requestId: string;
  /** The version of its schema that the producer names. Default: the current one. */
  schemaVersion?: number | null;
  /** Of the request, where it is traced: attempts link to it. Default: it is not. */
  traceparent?: string | null;
  idempotency: { key: string; requestHash: Buffer } | null;
}

/** What a producer is told, and told again when it repeats the request. */
export interface Accepted {
  eventId: EventId;
  /** How many webhooks will get it. */
  deliveries: number;
}

export interface Published extends Accepted {
  /** The catalogue calls its type deprecated. */
  deprecated: boolean;
  /** The request was answered before: nothing new was stored. */
  repeated: boolean;
}

/** An event with a delivery for each webhook it is for, ready to be stored. */
export interface EventDraft {
  publication: Publication;
  eventId: EventId;
  deliveries: ReadonlyArray<{ deliveryId: DeliveryId; webhookId: WebhookId }>;
  origin: Origin;
  /**
   * The webhooks were matched against this version of the org's configuration; stored only while it still holds.
   * Null where nothing was matched (a ping names its webhook).
   */
  configVersion: bigint | null;
  /** Handed to the queue after the commit: the relay leaves it alone for a while. */
  queued: boolean;
  /** By which the payload was checked. Default: by none. */
  schemaVersion?: number | null;
}

export type AcceptVerdict =
  | { kind: 'stored' }
  /** The org's webhooks changed since they were read: match again. */
  | { kind: 'stale' }
  /** The idempotency key was used before, for the same request. */
  | { kind: 'repeated'; accepted: Accepted }
  /** The idempotency key was used before, for another request. */
  | { kind: 'conflict' };

export interface EventStore {
  /** Stores event and due deliveries in one transaction, which it may share with others. Resolves after the commit. */
  accept(draft: EventDraft): Promise<AcceptVerdict>;
  /** What was answered for the key of a publication; null: nothing. Stores nothing. */
  answered(publication: Publication): Promise<Extract<AcceptVerdict, { kind: 'repeated' | 'conflict' }> | null>;
}

export interface Subscriptions {
  /** The org's enabled webhooks and its rules for types, perhaps from a cache; with `fresh`, read now. */
  of(orgId: OrgId, fresh: boolean): Promise<OrgSubscriptions>;
  /** The org's version at some moment after the call, read now; null when there is no such org. */
  versionOf(orgId: OrgId): Promise<bigint | null>;
}

export interface OrgSubscriptions {
  configVersion: bigint;
  webhooks: ReadonlyArray<{ id: WebhookId } & Subscription>;
  /** Null: none, every type is taken. */
  types: TypeRules | null;
}

export interface PublishPorts {
  events: EventStore;
  subscriptions: Subscriptions;
  schemas: Pick<SchemaJudge, 'check'>;
  due: Pick<DueStore, 'unqueue'>;
  queue: DueQueue;
  ids: IdFactory;
  /** Our own fault after the event was stored: it costs time, not the event. */
  onFault: (error: unknown) => void;
}

/** The configuration may change again while we match; so often in a row only if something is wrong. */
export const MATCH_TRIES = 10;

/** Accepts an event. When this resolves, the event and its deliveries are committed. */
export async function publishEvent(ports: PublishPorts, publication: Publication): Promise<Published> {
  for (let attempt = 0; attempt < MATCH_TRIES; attempt++) {
    const org = await ports.subscriptions.of(publication.orgId, attempt > 0);
    const stored = await storeEvent(ports, org, publication);
    if (stored === 'stale') continue;
    if (stored.draft !== null) announce(ports, [stored.draft]);
    return stored.published;
  }
  throw changesTooFast();
}

export interface Stored {
  /** To be announced; null: it was stored before. */
  draft: EventDraft | null;
  published: Published;
}

/** Tries once. What it resolves with is not announced yet. */
export async function storeEvent(
  ports: PublishPorts,
  org: OrgSubscriptions,
  publication: Publication,
): Promise<Stored | 'stale'> {
  const checked = await checkType(ports.schemas, org.types, publication).catch((error: unknown) =>
    refusedOr(ports, { org, publication }, error),
  );
  if (checked === 'stale') return checked;
  if ('kind' in checked) return { draft: null, published: { ...answerOf(checked), deprecated: false } };
  const { deprecated } = checked;
  const draft = draftEvent(ports, org, { publication, schemaVersion: checked.schemaVersion });
  const verdict = await ports.events.accept(draft);
  if (verdict.kind === 'stale') return 'stale';
  if (verdict.kind !== 'stored') return { draft: null, published: { ...answerOf(verdict), deprecated } };
  const { eventId, deliveries } = draft;
  return { draft, published: { eventId, deliveries: deliveries.length, repeated: false, deprecated } };
}

type GivenAnswer = Extract<AcceptVerdict, { kind: 'repeated' | 'conflict' }>;

/**
 * What a producer was told once it is told again, even if the catalogue has changed and would refuse it now. And nothing
 * is refused by a catalogue that is no longer: storing would find that out, but what is refused never gets there.
 */
async function refusedOr(
  ports: PublishPorts,
  { org, publication }: { org: OrgSubscriptions; publication: Publication },
  refusal: unknown,
): Promise<GivenAnswer | 'stale'> {
  const given = publication.idempotency === null ? null : await ports.events.answered(publication);
  if (given !== null) return given;
  if ((await ports.subscriptions.versionOf(publication.orgId)) !== org.configVersion) return 'stale';
  throw refusal;
}

function answerOf(given: GivenAnswer): Accepted & { repeated: true } {
  if (given.kind === 'conflict') throw new DomainError('idempotency_conflict');
  return { ...given.accepted, repeated: true };
}

export function changesTooFast(): DomainError {
  return new DomainError('overloaded', "The org's webhooks change too fast to match the event against them.");
}

function draftEvent(
  ports: PublishPorts,
  { configVersion, webhooks }: OrgSubscriptions,
  { publication, schemaVersion }: { publication: Publication; schemaVersion: TypeChecked['schemaVersion'] },
): EventDraft {
  const deliveries: EventDraft['deliveries'][number][] = [];
  for (const webhook of webhooks) {
    if (matches(webhook, publication)) deliveries.push({ deliveryId: ports.ids.next('dlv'), webhookId: webhook.id });
  }
  const queued = ports.queue.admits(publication.orgId, deliveries.length);
  return {
    publication,
    eventId: ports.ids.next('evt'),
    deliveries,
    origin: 'event',
    configVersion,
    queued,
    schemaVersion,
  };
}

/** Tells of what was stored just now. Not awaited: the events are safe, and the queue may hang. */
export function announce(ports: Pick<PublishPorts, 'queue' | 'due' | 'onFault'>, drafts: readonly EventDraft[]): void {
  if (drafts.some(({ queued, deliveries }) => !queued && deliveries.length > 0)) ports.queue.leaveToStore();
  const refs = drafts.filter((draft) => draft.queued).flatMap(refsOf);
  if (refs.length === 0) return;
  ports.queue
    .announce(refs)
    .then((taken) => (taken ? undefined : ports.due.unqueue(refs)))
    .catch(ports.onFault);
}

function refsOf({ deliveries }: EventDraft): DueRef[] {
  return deliveries.map((delivery) => ({ ...delivery, attempt: 1 }));
}
