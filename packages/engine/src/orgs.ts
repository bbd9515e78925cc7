import type { Brand, KeyId, OrgId } from '@hooklane/domain';
import { NO_BRAND } from '@hooklane/domain';
import type { Author } from './audit.ts';
import type { Page, PageRequest } from './paging.ts';
import type { Pause } from './pauses.ts';
import type { Scope } from './scopes.ts';

/** A tenant. */
export interface Org {
  id: OrgId;
  /** Names the org in URLs; unique among the orgs that exist. */
  slug: string;
  name: string;
  settings: OrgSettings;
  /** Nothing of it is sent for now. */
  paused: Pause | null;
  createdAt: Date;
}

/** What the operator decides about an org. */
export interface OrgSettings {
  /** Whether two webhooks of the org may have the same URL. */
  duplicateUrls: 'allow' | 'refuse';
  /** What becomes of events whose type is not in the catalogue. */
  unknownEventTypes: 'allow' | 'refuse';
  /** How many webhooks it may have; null: as many as the installation allows. */
  maxWebhooks: number | null;
  /** How many of them to one host; null: as many as the installation allows. */
  maxWebhooksPerHost: number | null;
  /** How its requests to receivers look. */
  brand: Brand;
  /** What all its keys together may do. */
  rateLimits: RateLimits;
}

/** Null: no limit here. Another one may still apply: of the key, of the org, of the installation. */
export interface RateLimits {
  /** Requests to the API, of whatever kind. */
  requestsPerSecond: number | null;
  /** Events published; a batch counts each of its events. */
  eventsPerSecond: number | null;
}

export const NO_RATE_LIMITS: RateLimits = { requestsPerSecond: null, eventsPerSecond: null };

export const DEFAULT_ORG_SETTINGS: OrgSettings = {
  duplicateUrls: 'allow',
  unknownEventTypes: 'allow',
  maxWebhooks: null,
  maxWebhooksPerHost: null,
  brand: NO_BRAND,
  rateLimits: NO_RATE_LIMITS,
};

export interface ApiKey {
  id: KeyId;
  orgId: OrgId;
  name: string;
  /** The last four characters, to tell keys apart. */
  hint: string;
  scopes: readonly Scope[];
  /** What this key alone may do. */
  rateLimits: RateLimits;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  createdAt: Date;
}

/** Who calls: what a presented key stands for. */
export interface Caller {
  keyId: KeyId;
  keyName: string;
  org: Pick<Org, 'id' | 'slug'>;
  scopes: ReadonlySet<Scope>;
  rateLimits: { key: RateLimits; org: RateLimits };
}

export interface NewOrg extends Pick<Org, 'id' | 'slug' | 'name'> {
  by: Author;
}

/** What can be changed about an org. */
export type OrgChange = Pick<Org, 'name' | 'settings'>;

/** Changes leave an entry in the audit trail, in the same transaction. */
export interface OrgStore {
  /** With {@link DEFAULT_ORG_SETTINGS}. */
  create(org: NewOrg): Promise<Org | 'slug_taken'>;
  list(page: PageRequest): Promise<Page<Org>>;
  bySlug(slug: string): Promise<Org | null>;
  /** Also one that is deleted, as long as it is not erased. */
  find(id: OrgId): Promise<{ slug: string; isDeleted: boolean } | null>;
  /**
   * Reads, decides and writes under one lock; `decide` is pure and may throw a DomainError. A new brand is on every
   * attempt that is claimed after this resolves.
   */
  change(slug: string, decide: (now: OrgChange) => OrgChange, by: Author): Promise<Org | null>;
  /** Deletes keys at once, marks the org and its webhooks as deleted; their pending deliveries are discarded on record. */
  delete(slug: string, by: Author): Promise<boolean>;
}

export interface NewKey extends Omit<ApiKey, 'lastUsedAt' | 'createdAt'> {
  /** The SHA-256 of the key; the key itself is never stored. */
  hash: Buffer;
  by: Author;
}

/** Changes leave an entry in the audit trail, in the same transaction. */
export interface KeyStore {
  create(key: NewKey): Promise<ApiKey>;
  get(orgId: OrgId, id: KeyId): Promise<ApiKey | null>;
  /** Oldest first. */
  list(orgId: OrgId, page: PageRequest): Promise<Page<ApiKey>>;
  revoke(key: { orgId: OrgId; id: KeyId; by: Author }): Promise<boolean>;
  /** The caller behind a key that exists and has not expired; notes its use at most once a minute. */
  authenticate(hash: Buffer): Promise<Caller | null>;
}
