import type { ApiKey, KeyStore, Org, OrgStore } from '@hooklane/engine';
import { DEFAULT_ORG_SETTINGS } from '@hooklane/engine';

export interface FakeOrgs extends OrgStore {
  readonly all: Org[];
}

export function fakeOrgs(): FakeOrgs {
  const all: Org[] = [];
  return {
    all,
    async create({ by: _, ...org }) {
      if (all.some((one) => one.slug === org.slug)) return 'slug_taken';
      const created = {
        ...org,
        settings: DEFAULT_ORG_SETTINGS,
        paused: null,
        createdAt: new Date('2026-01-02T03:04:05Z'),
      };
      all.push(created);
      return created;
    },
    async list({ limit, cursor }) {
      const start = Number(cursor ?? 0);
      const nextCursor = all.length > start + limit ? String(start + limit) : null;
      return { data: all.slice(start, start + limit), nextCursor };
    },
    async find(id) {
      const org = all.find((one) => one.id === id);
      return org === undefined ? null : { slug: org.slug, isDeleted: false };
    },
    bySlug: async (slug) => all.find((org) => org.slug === slug) ?? null,
    async change(slug, decide) {
      const org = all.find((one) => one.slug === slug);
      return org === undefined ? null : Object.assign(org, decide(org));
    },
    async delete(slug) {
      const at = all.findIndex((org) => org.slug === slug);
      if (at >= 0) all.splice(at, 1);
      return at >= 0;
    },
  };
}

export interface FakeKeys extends KeyStore {
  readonly all: Array<ApiKey & { hash: Buffer }>;
  /** How often a key was looked up. */
  lookups: number;
  /** Thrown by the next lookups. */
  failure: Error | null;
}

export function fakeKeys(orgs: FakeOrgs): FakeKeys {
  const keys: FakeKeys = {
    all: [],
    lookups: 0,
    failure: null,
    async create({ by: _, ...key }) {
      const created = { ...key, lastUsedAt: null, createdAt: new Date('2026-01-02T03:04:05Z') };
      keys.all.push(created);
      return created;
    },
    get: async (orgId, id) => keys.all.find((key) => key.orgId === orgId && key.id === id) ?? null,
    async list(orgId, { limit, cursor }) {
      const own = keys.all.filter((key) => key.orgId === orgId);
      const start = Number(cursor ?? 0);
      const nextCursor = own.length > start + limit ? String(start + limit) : null;
      return { data: own.slice(start, start + limit), nextCursor };
    },
    async revoke({ orgId, id }) {
      const at = keys.all.findIndex((key) => key.orgId === orgId && key.id === id);
      if (at >= 0) keys.all.splice(at, 1);
      return at >= 0;
    },
    async authenticate(hash) {
      keys.lookups++;
      await Promise.resolve();
      if (keys.failure) throw keys.failure;
      const key = keys.all.find((one) => one.hash.equals(hash));
      const org = orgs.all.find((one) => one.id === key?.orgId);
      if (key === undefined || org === undefined) return null;
      const rateLimits = { key: key.rateLimits, org: org.settings.rateLimits };
      return { keyId: key.id, keyName: key.name, org, scopes: new Set(key.scopes), rateLimits };
    },
  };
  return keys;
}
