import type { KeyId, OrgId } from '@hooklane/domain';
import type { Page, PageRequest } from './paging.ts';

/** A tenant. */
export interface Org {
  id: OrgId;
  /** Names the org in URLs; unique among the orgs that exist. */
  slug: string;
  name: string;
  createdAt: Date;
}

export const SCOPES = [
  'events:write',
  'events:read',
  'webhooks:read',
  'webhooks:list',
  'webhooks:create',
  'webhooks:update',
  'webhooks:delete',
  'deliveries:read',
  'diverted:read',
  'diverted:list',
  'diverted:resend',
  'diverted:delete',
] as const;

/** What a key may do. */
export type Scope = (typeof SCOPES)[number];

export interface ApiKey {
  id: KeyId;
  orgId: OrgId;
  name: string;
  /** The last four characters, to tell keys apart. */
  hint: string;
  scopes: readonly Scope[];
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  createdAt: Date;
}

/** Who calls: what a presented key stands for. */
export interface Caller {
  keyId: KeyId;
  org: Pick<Org, 'id' | 'slug'>;
  scopes: ReadonlySet<Scope>;
}

export interface OrgStore {
  create(org: Pick<Org, 'id' | 'slug' | 'name'>): Promise<Org | 'slug_taken'>;
  list(page: PageRequest): Promise<Page<Org>>;
  bySlug(slug: string): Promise<Org | null>;
  /** Deletes keys at once, marks the org and its webhooks as deleted; their pending deliveries are discarded on record. */
  delete(slug: string): Promise<boolean>;
}

export interface KeyStore {
  /** `hash` is the SHA-256 of the key; the key itself is never stored. */
  create(key: Omit<ApiKey, 'lastUsedAt' | 'createdAt'> & { hash: Buffer }): Promise<ApiKey>;
  list(orgId: OrgId): Promise<ApiKey[]>;
  revoke(orgId: OrgId, id: KeyId): Promise<boolean>;
  /** The caller behind a key that exists and has not expired; notes its use at most once a minute. */
  authenticate(hash: Buffer): Promise<Caller | null>;
}
