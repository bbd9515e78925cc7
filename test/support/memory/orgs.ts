import { DomainError, isOrgSlug } from '@hooklane/domain';
import type { ApiKey, KeyStore, Org, OrgStore } from '@hooklane/engine';
import { pageOf } from './paging.ts';
import type { World } from './world.ts';

export function createMemoryOrgStore({ orgs, keys, webhooks }: World): OrgStore {
  const bySlug = (slug: string): Org | null => [...orgs.values()].find((org) => org.slug === slug) ?? null;
  return {
    async create(wanted) {
      if (bySlug(wanted.slug) !== null) return 'slug_taken';
      const org = { ...wanted, createdAt: new Date() };
      orgs.set(org.id, org);
      return org;
    },
    async list(page) {
      const listed = pageOf([...orgs.values()], page, { keyOf: (org) => [org.slug], direction: 'asc' });
      if (page.cursor !== null && !isOrgSlug(String(JSON.parse(Buffer.from(page.cursor, 'base64url').toString())))) {
        throw new DomainError('invalid_cursor');
      }
      return listed;
    },
    bySlug: async (slug) => bySlug(slug),
    async delete(slug) {
      const org = bySlug(slug);
      if (org === null) return false;
      orgs.delete(org.id);
      for (const [hash, key] of keys) if (key.orgId === org.id) keys.delete(hash);
      for (const [id, webhook] of webhooks) if (webhook.orgId === org.id) webhooks.delete(id);
      return true;
    },
  };
}

const MINUTE_MS = 60_000;

export function createMemoryKeyStore({ orgs, keys }: World): KeyStore {
  const isPast = (time: Date | null) => time !== null && time.getTime() <= Date.now();
  return {
    async create(wanted) {
      const key = { ...wanted, lastUsedAt: null, createdAt: new Date() };
      keys.set(key.hash.toString('hex'), key);
      return shown(key);
    },
    async list(orgId) {
      const own = [...keys.values()].filter((key) => key.orgId === orgId);
      return own.sort((a, b) => (a.id < b.id ? -1 : 1)).map(shown);
    },
    async revoke(orgId, id) {
      const found = [...keys].find(([, key]) => key.orgId === orgId && key.id === id);
      return found !== undefined && keys.delete(found[0]);
    },
    async authenticate(hash) {
      const key = keys.get(hash.toString('hex'));
      const org = key && orgs.get(key.orgId);
      if (key === undefined || org === undefined || isPast(key.expiresAt)) return null;
      if (key.lastUsedAt === null || key.lastUsedAt.getTime() < Date.now() - MINUTE_MS) key.lastUsedAt = new Date();
      return { keyId: key.id, org: { id: org.id, slug: org.slug }, scopes: new Set(key.scopes) };
    },
  };
}

function shown({ hash: _, ...key }: ApiKey & { hash: Buffer }): ApiKey {
  return key;
}
