import { randomBytes } from 'node:crypto';
import { NO_RATE_LIMITS } from '@hooklane/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MakeStores, Stores } from './stores.ts';
import { allPages, by, ids, newOrg, newWebhook } from './stores.ts';

export function describeOrgStore(make: MakeStores): void {
  describe('an org store', () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    afterAll(() => stores[Symbol.asyncDispose]());

    test('finds an org by its slug', async () => {
      const org = await newOrg(stores);
      expect(await stores.orgs.bySlug(org.slug)).toEqual(org);
      expect(await stores.orgs.bySlug(`${org.slug}-other`)).toBeNull();
    });

    test('keeps a slug taken only while its org exists', async () => {
      const org = await newOrg(stores);
      const again = { id: ids.next('org'), slug: org.slug, name: 'Another' };
      expect(await stores.orgs.create({ ...again, by })).toBe('slug_taken');

      expect(await stores.orgs.delete(org.slug, by)).toBe(true);

      expect(await stores.orgs.create({ ...again, by })).toMatchObject(again);
      expect(await stores.orgs.bySlug(org.slug)).toMatchObject({ id: again.id });
    });

    test('lets one of several that want a slug at once have it', async () => {
      const slug = `org-${randomBytes(6).toString('hex')}`;
      const created = await Promise.all(
        Array.from({ length: 5 }, () => stores.orgs.create({ id: ids.next('org'), slug, name: 'One', by })),
      );
      expect(created.filter((org) => org !== 'slug_taken')).toHaveLength(1);
    });

    test('lists orgs by slug, each on one page, without those deleted', async () => {
      const prefix = `list-${randomBytes(6).toString('hex')}`;
      for (const letter of ['c', 'a', 'd', 'b']) await newOrg(stores, `${prefix}-${letter}`);
      await stores.orgs.delete(`${prefix}-d`, by);

      const all = await allPages((cursor) => stores.orgs.list({ limit: 2, cursor }));

      const mine = all.map((org) => org.slug).filter((slug) => slug.startsWith(prefix));
      expect(mine).toEqual([`${prefix}-a`, `${prefix}-b`, `${prefix}-c`]);
    });

    test.each([
      'nonsense',
      '',
      Buffer.from('[1,2,3]').toString('base64url'),
      Buffer.from('["A\\u0000"]').toString('base64url'),
    ])('refuses the cursor %j', async (cursor) => {
      await expect(stores.orgs.list({ limit: 2, cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    });

    test('deletes an org with its keys and webhooks, once', async () => {
      const org = await newOrg(stores);
      const webhook = await newWebhook(stores, org.id);
      const hash = randomBytes(32);
      await stores.keys.create({
        id: ids.next('key'),
        orgId: org.id,
        name: 'k',
        hint: 'abcd',
        scopes: [],
        rateLimits: NO_RATE_LIMITS,
        expiresAt: null,
        hash,
        by,
      });

      expect(await stores.orgs.delete(org.slug, by)).toBe(true);

      expect(await stores.orgs.bySlug(org.slug)).toBeNull();
      expect(await stores.keys.authenticate(hash)).toBeNull();
      expect(await stores.keys.list(org.id, { limit: 10, cursor: null })).toEqual({ data: [], nextCursor: null });
      expect(await stores.webhooks.get(org.id, webhook.id)).toBeNull();
      expect(await stores.orgs.delete(org.slug, by)).toBe(false);
    });

    test('leaves no webhook behind when one is created while its org is deleted', async () => {
      for (let round = 0; round < 5; round++) {
        const org = await newOrg(stores);
        const first = await newWebhook(stores, org.id);
        const rename = (name: string) =>
          stores.webhooks
            .change({ orgId: org.id, id: first.id, by }, (now) => ({ ...now, name }))
            .catch((error: unknown) => error);
        const create = () => newWebhook(stores, org.id).catch((error: unknown) => error);

        const outcomes = await Promise.all([
          create(),
          rename('a'),
          stores.orgs.delete(org.slug, by),
          create(),
          rename('b'),
          create(),
        ]);

        expect(outcomes[2]).toBe(true);
        for (const outcome of outcomes.filter((one) => one instanceof Error))
          expect(outcome).toMatchObject({ code: 'not_found' });
        const left = await stores.webhooks.list(
          org.id,
          { sort: 'name', direction: 'asc' },
          { limit: 10, cursor: null },
        );
        expect(left.data).toEqual([]);
      }
    });
  });
}
