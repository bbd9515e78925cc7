import { DomainError, isOrgSlug } from '@hooklane/domain';
import type { ApiKey, KeyStore, Org, OrgStore } from '@hooklane/engine';
import { DEFAULT_ORG_SETTINGS, keyCreated, keyRevoked, orgChanged, orgCreated, orgEntry } from '@hooklane/engine';
import { noteChange } from './audit.ts';
import { pageOf } from './paging.ts';
import { forgetPauses, pauseIn } from './pauses.ts';
import type { World } from './world.ts';
import { raiseConfigVersion } from './world.ts';

export function createMemoryOrgStore(world: World): OrgStore {
  const { orgs, keys, webhooks, slugs } = world;
  const told = (org: Omit<Org, 'paused'>): Org => ({ ...org, paused: pauseIn(world, org.id) });
  const bySlug = (slug: string): Org | null => {
    const org = [...orgs.values()].find((one) => one.slug === slug);
    return org === undefined ? null : told(org);
  };
  return {
    async create(wanted) {
      if (bySlug(wanted.slug) !== null) return 'slug_taken';
      const { by: _, ...rest } = wanted;
      const org = { ...rest, settings: DEFAULT_ORG_SETTINGS, createdAt: new Date() };
      orgs.set(org.id, org);
      slugs.set(org.id, org.slug);
      noteChange(world, orgCreated(wanted));
      return told(org);
    },
    async list(page) {
      const listed = pageOf([...orgs.values()].map(told), page, { keyOf: (org) => [org.slug], direction: 'asc' });
      if (page.cursor !== null && !isOrgSlug(String(JSON.parse(Buffer.from(page.cursor, 'base64url').toString())))) {
        throw new DomainError('invalid_cursor');
      }
      return listed;
    },
    async find(id) {
      const slug = slugs.get(id);
      return slug === undefined ? null : { slug, isDeleted: !orgs.has(id) };
    },
    bySlug: async (slug) => bySlug(slug),
    async change(slug, decide, by) {
      const org = bySlug(slug);
      if (org === null) return null;
      const changed = { ...org, ...decide({ name: org.name, settings: org.settings }) };
      const entry = orgChanged(org, changed, by);
      if (entry !== null) noteChange(world, entry);
      if (changed.settings.unknownEventTypes !== org.settings.unknownEventTypes) raiseConfigVersion(world, org.id);
      orgs.set(org.id, changed);
      return changed;
    },
    async delete(slug, by) {
      const org = bySlug(slug);
      if (org === null) return false;
      orgs.delete(org.id);
      forgetPauses(world, org.id);
      for (const [hash, key] of keys) if (key.orgId === org.id) keys.delete(hash);
      for (const [id, webhook] of webhooks) if (webhook.orgId === org.id) webhooks.delete(id);
      noteChange(world, orgEntry(org, 'org.deleted', by));
      return true;
    },
  };
}

const MINUTE_MS = 60_000;

export function createMemoryKeyStore(world: World): KeyStore {
  const { orgs, keys } = world;
  const isPast = (time: Date | null) => time !== null && time.getTime() <= Date.now();
  const own = (orgId: Org['id']) => [...keys.values()].filter((key) => key.orgId === orgId);
  return {
    async create(wanted) {
      const { by: _, ...rest } = wanted;
      const key = { ...rest, lastUsedAt: null, createdAt: new Date() };
      keys.set(key.hash.toString('hex'), key);
      noteChange(world, keyCreated(wanted));
      return shown(key);
    },
    async get(orgId, id) {
      const key = own(orgId).find((one) => one.id === id);
      return key === undefined ? null : shown(key);
    },
    async list(orgId, page) {
      const { data, nextCursor } = pageOf(own(orgId), page, { keyOf: (key) => [key.id], direction: 'asc' });
      return { data: data.map(shown), nextCursor };
    },
    async revoke({ orgId, id, by }) {
      const key = own(orgId).find((one) => one.id === id);
      if (key === undefined) return false;
      noteChange(world, keyRevoked(key, by));
      return keys.delete(key.hash.toString('hex'));
    },
    async authenticate(hash) {
      const key = keys.get(hash.toString('hex'));
      const org = key && orgs.get(key.orgId);
      if (key === undefined || org === undefined || isPast(key.expiresAt)) return null;
      if (key.lastUsedAt === null || key.lastUsedAt.getTime() < Date.now() - MINUTE_MS) key.lastUsedAt = new Date();
      return {
        keyId: key.id,
        keyName: key.name,
        org: { id: org.id, slug: org.slug },
        scopes: new Set(key.scopes),
        rateLimits: { key: key.rateLimits, org: org.settings.rateLimits },
      };
    },
  };
}

function shown({ hash: _, ...key }: ApiKey & { hash: Buffer }): ApiKey {
  return key;
}
