import type {
  BasicAuth,
  CaBundle,
  ContentType,
  FailurePolicy,
  JudgedClientCertificate,
  OrgId,
  Outcome,
  ProfileName,
  SecretId,
  SecretKind,
  Subscription,
  SuspendReason,
  WebhookId,
} from '@hooklane/domain';
import { DomainError, formatId } from '@hooklane/domain';
import type { Author, ChangedWebhook } from './audit.ts';
import type { Page, PageRequest } from './paging.ts';
import type { Pause } from './pauses.ts';

/** What a user decides about a webhook. */
export interface WebhookSettings extends Subscription {
  name: string;
  description: string | null;
  url: string;
  /** Extra request headers, names in lower case. Stored sealed: they often carry credentials. */
  headers: Readonly<Record<string, readonly string[]>>;
  /** Sent as `authorization`. Stored sealed. */
  auth: BasicAuth | null;
  /** False: any certificate of the receiver is taken. Only where the operator permits it. */
  verifyTls: boolean;
  /** Trusted instead of the public authorities; null: those. */
  caBundle: CaBundle | null;
  /** Shown to a receiver that asks for one (mutual TLS). Stored sealed. */
  clientCertificate: JudgedClientCertificate | null;
  /** Whose conventions it is sent in. */
  profile: ProfileName;
  contentType: ContentType;
  /** False: sent unsigned, though it may have secrets. True only where there is one to sign with. */
  signing: boolean;
  /** Turned off by its user: new events make no delivery for it. */
  enabled: boolean;
  failurePolicy: FailurePolicy;
  /** Total deadline of one attempt, ms. */
  timeoutMs: number;
  /** Attempts that may begin in a second, over all workers; null: no limit. */
  rateLimit: number | null;
  /** Attempts that may be under way, over all workers; null: what its lanes hold. */
  maxInFlight: number | null;
}

/** A registered receiver. */
export interface Webhook extends WebhookSettings {
  id: WebhookId;
  orgId: OrgId;
  /** Its alias for receivers that want an integer. */
  number: number;
  /** Raised by every change. */
  version: number;
  /** Stopped by the system, or by hand; ended by unsuspend. */
  suspended: { at: Date; reason: SuspendReason } | null;
  /** Nothing is sent for now: it is kept waiting by itself, with its org, or with everybody. */
  paused: Pause | null;
  /** Those that are valid now. The one in use comes first: it has no end, the others are on their way out. */
  secrets: readonly WebhookSecret[];
  lastDelivery: { at: Date; outcome: Outcome['kind']; status: number | null } | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewWebhook {
  id: WebhookId;
  orgId: OrgId;
  settings: WebhookSettings;
  secret: NewSecret | null;
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

/** A signing secret as it is shown. */
export interface WebhookSecret extends Omit<NewSecret, 'text'> {
  createdAt: Date;
  /** Null: it is the one in use. */
  expiresAt: Date | null;
}

/** Throws a DomainError where what is asked for does not go with the webhook as it is. Pure; called under the lock. */
export type Check = (now: Webhook) => void;

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
  /**
   * Throws `webhook_limit_reached`, `host_limit_reached`, and `duplicate_url` where the org has no URL twice.
   */
  create(webhook: NewWebhook, limits: WebhookLimits): Promise<Webhook>;
  get(orgId: OrgId, id: WebhookId): Promise<Webhook | null>;
  list(orgId: OrgId, filter: WebhookFilter, page: PageRequest): Promise<Page<Webhook>>;
  /**
   * Reads, decides and writes under one lock; `decide` is pure and may throw a DomainError. Where the URL changes throws
   * `duplicate_url`, and where its host does `host_limit_reached`; without `limits` that one only where the org has a
   * limit of its own.
   */
  change(
    webhook: ChangedWebhook,
    decide: (now: Webhook) => WebhookSettings,
    limits?: Pick<WebhookLimits, 'webhooksPerHost'>,
  ): Promise<Webhook | null>;
  /** Gone for every route at once; what is pending is discarded with reason `deleted`. */
  delete(webhook: ChangedWebhook, check?: Check): Promise<boolean>;
  /** A webhook already suspended keeps its first reason and time. */
  suspend(webhook: ChangedWebhook, reason: SuspendReason): Promise<Webhook | null>;
  /** Clears the suspension and the failure counters. */
  unsuspend(webhook: ChangedWebhook): Promise<Webhook | null>;
  /**
   * Adds a secret as the one in use; those before it stay valid for `overlapMs` more. Null: no such webhook. Throws
   * `too_many_secrets`.
   */
  rotateSecret(webhook: ChangedWebhook, rotation: Rotation): Promise<Webhook | null>;
  /** It signs no more. Null: no such webhook, or no such secret that is valid. */
  expireSecret(webhook: ChangedWebhook, id: SecretId, check?: Check): Promise<Webhook | null>;
}

/** Of the installation: they hold where the org has none of its own. */
export interface WebhookLimits {
  webhooksPerOrg: number;
  /** Of one org whose URLs have the same host, on whatever ports. */
  webhooksPerHost: number;
}

export interface Rotation {
  secret: NewSecret;
  overlapMs: number;
  check?: Check;
}

/** A webhook may be signed for with at most this many secrets at once. */
export const MAX_SECRETS = 10;

/** What a store throws where an org has every URL once, and another of its webhooks has this one. */
export function duplicateUrl(other: WebhookId): DomainError {
  const message = `is that of ${formatId('wh', other)}`;
  return new DomainError('duplicate_url', `The URL ${message}.`, { problems: [{ field: 'url', message }] });
}

/** What a store throws where an org has as many webhooks to a host as it may have. */
export function hostLimitReached(limit: number): DomainError {
  const detail = `The org may have at most ${limit} webhooks to one host.`;
  const problems = [{ field: 'url', message: `has a host to which the org has ${limit} webhooks already` }];
  return new DomainError('host_limit_reached', detail, { problems });
}

/** What a store throws where an org has as many webhooks as it may have. */
export function limitReached(limit: number): DomainError {
  return new DomainError('webhook_limit_reached', `The org may have at most ${limit} webhooks.`);
}
