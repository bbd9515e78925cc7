import type {
  FailurePolicy,
  OrgId,
  Outcome,
  SecretId,
  SecretKind,
  Subscription,
  SuspendReason,
  WebhookId,
} from '@hooklane/domain';
import type { Author, ChangedWebhook } from './audit.ts';
import type { Page, PageRequest } from './paging.ts';

/** What a user decides about a webhook. */
export interface WebhookSettings extends Subscription {
  name: string;
  description: string | null;
  url: string;
  /** Extra request headers, names in lower case. Stored sealed: they often carry credentials. */
  headers: Readonly<Record<string, readonly string[]>>;
  /** Turned off by its user: new events make no delivery for it. */
  enabled: boolean;
  failurePolicy: FailurePolicy;
  /** Total deadline of one attempt, ms. */
  timeoutMs: number;
}

/** A registered receiver. */
export interface Webhook extends WebhookSettings {
  id: WebhookId;
  orgId: OrgId;
  /** Stopped by the system, or by hand; ended by unsuspend. */
  suspended: { at: Date; reason: SuspendReason } | null;
  /** The last four characters of the newest secret; null when it has none. */
  secretHint: string | null;
  lastDelivery: { at: Date; outcome: Outcome['kind']; status: number | null } | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewWebhook {
  id: WebhookId;
  orgId: OrgId;
  settings: WebhookSettings;
  secret: NewSecret;
  by: Author;
}

/** A signing secret in the clear, on its way into the store that seals it. */
export interface NewSecret {
  id: SecretId;
  kind: SecretKind;
  /** As its holder knows it: `whsec_…`, any other text, or the private half of a pair. */
  text: string;
  hint: string;
  /** A name of its user's choice. */
  tag: string | null;
  /** Of a pair: the half that verifies. */
  publicKey: string | null;
}

export interface WebhookFilter {
  sort: 'created_at' | 'name';
  direction: 'asc' | 'desc';
  name?: string | undefined;
  enabled?: boolean | undefined;
  suspended?: boolean | undefined;
  /** Enabled and not suspended. */
  active?: boolean | undefined;
  /** Subscribed to exactly this type or pattern; with several, to any of them. */
  eventTypes?: readonly string[] | undefined;
}

/**
 * Every change raises the org's configuration version in the same transaction, so that no publish overlooks it, and
 * leaves an entry in the audit trail.
 */
export interface WebhookStore {
  create(webhook: NewWebhook, limitPerOrg: number): Promise<Webhook | 'limit_reached'>;
  get(orgId: OrgId, id: WebhookId): Promise<Webhook | null>;
  list(orgId: OrgId, filter: WebhookFilter, page: PageRequest): Promise<Page<Webhook>>;
  /** Reads, decides and writes under one lock; `decide` is pure and may throw a DomainError. */
  change(webhook: ChangedWebhook, decide: (now: WebhookSettings) => WebhookSettings): Promise<Webhook | null>;
  /** Gone for every route at once; what is pending is discarded with reason `deleted`. */
  delete(webhook: ChangedWebhook): Promise<boolean>;
  /** A webhook already suspended keeps its first reason and time. */
  suspend(webhook: ChangedWebhook, reason: SuspendReason): Promise<Webhook | null>;
  /** Clears the suspension and the failure counters. */
  unsuspend(webhook: ChangedWebhook): Promise<Webhook | null>;
  /** Adds a secret as the newest; those before it stay valid for `overlapMs` more. Null: no such webhook. */
  rotateSecret(
    webhook: ChangedWebhook,
    rotation: { secret: NewSecret; overlapMs: number },
  ): Promise<Webhook | null | 'too_many'>;
}

/** A webhook may be signed for with at most this many secrets at once. */
export const MAX_SECRETS = 10;
