import { randomBytes } from 'node:crypto';
import type { OrgId } from '@hooklane/domain';
import type { ApiKey } from '@hooklane/engine';
import { NO_RATE_LIMITS } from '@hooklane/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MakeStores, Stores } from './stores.ts';
import { allPages, by, ids, newOrg } from './stores.ts';

export function describeKeyStore(make: MakeStores): void {
  describe('a key store', () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    afterAll(() => stores[Symbol.asyncDispose]());

    async function newKey(orgId: OrgId, changed: Partial<ApiKey> = {}): Promise<{ key: ApiKey; hash: Buffer }> {
      const hash = randomBytes(32);
      const scopes = ['events:write', 'webhooks:read'] as const;
      const wanted = {
        id: ids.next('key'),
        orgId,
        name: 'backend',
        hint: 'wxyz',
        scopes,
        rateLimits: NO_RATE_LIMITS,
        expiresAt: null,
        ...changed,
      };
      return { key: await stores.keys.create({ ...wanted, hash, by }), hash };
    }

    test('knows the caller behind a key', async () => {
      const org = await newOrg(stores);
      const { key, hash } = await newKey(org.id);
      expect(key).toMatchObject({ orgId: org.id, name: 'backend', hint: 'wxyz', lastUsedAt: null, expiresAt: null });

      expect(await stores.keys.authenticate(hash)).toEqual({
        keyId: key.id,
        org: { id: org.id, slug: org.slug },
        scopes: new Set(['events:write', 'webhooks:read']),
        keyName: 'backend',
        rateLimits: { key: NO_RATE_LIMITS, org: NO_RATE_LIMITS },
      });
    });

    test('knows nobody behind a hash that is not stored, expired or revoked', async () => {
      const org = await newOrg(stores);
      const expired = await newKey(org.id, { expiresAt: new Date(Date.now() - 1_000) });
      const revoked = await newKey(org.id);
      const lasting = await newKey(org.id, { expiresAt: new Date(Date.now() + 3_600_000) });
      await stores.keys.revoke({ orgId: org.id, id: revoked.key.id, by });

      expect(await stores.keys.authenticate(randomBytes(32))).toBeNull();
      expect(await stores.keys.authenticate(expired.hash)).toBeNull();
      expect(await stores.keys.authenticate(revoked.hash)).toBeNull();
      expect(await stores.keys.authenticate(lasting.hash)).toMatchObject({ keyId: lasting.key.id });
    });

    test('revokes a key once, and only for its own org', async () => {
      const org = await newOrg(stores);
      const other = await newOrg(stores);
      const { key, hash } = await newKey(org.id);

      expect(await stores.keys.revoke({ orgId: other.id, id: key.id, by })).toBe(false);
      expect(await stores.keys.authenticate(hash)).not.toBeNull();
      expect(await stores.keys.revoke({ orgId: org.id, id: key.id, by })).toBe(true);
      expect(await stores.keys.revoke({ orgId: org.id, id: key.id, by })).toBe(false);
    });

    test('lists the keys of an org, oldest first, without their hashes', async () => {
      const org = await newOrg(stores);
      await newKey(await newOrg(stores).then((other) => other.id));
      const first = await newKey(org.id, { name: 'first' });
      const second = await newKey(org.id, { name: 'second' });

      const listed = await allPages((cursor) => stores.keys.list(org.id, { limit: 1, cursor }));

      expect(listed).toEqual([first.key, second.key].sort((a, b) => (a.id < b.id ? -1 : 1)));
      expect(JSON.stringify(listed)).not.toContain('hash');
    });

    test('notes the use of a key at most once a minute', async () => {
      const org = await newOrg(stores);
      const { key, hash } = await newKey(org.id);
      await stores.keys.authenticate(hash);
      const once = await stores.keys.get(org.id, key.id);
      await stores.keys.authenticate(hash);
      const twice = await stores.keys.get(org.id, key.id);

      expect(once?.lastUsedAt).toBeInstanceOf(Date);
      expect(twice?.lastUsedAt).toEqual(once?.lastUsedAt);
    });
  });
}
