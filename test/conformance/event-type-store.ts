import type { CatalogueLimits, EventTypeSettings } from '@hooklane/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MakeStores, Stores } from './stores.ts';
import { allPages, by, newOrg } from './stores.ts';

const LIMITS: CatalogueLimits = { types: 5, versions: 3 };
const PLAIN: EventTypeSettings = { description: null, group: null, deprecated: false, examples: [], schema: null };

export function describeEventTypeStore(make: MakeStores): void {
  describe('an event type store', () => {
    let stores: Stores;
    let orgId: Awaited<ReturnType<typeof newOrg>>['id'];
    beforeAll(async () => {
      stores = await make();
    });
    afterAll(() => stores[Symbol.asyncDispose]());
    beforeEach(async () => {
      orgId = (await newOrg(stores)).id;
    });

    const key = (type: string) => ({ orgId, type });
    const put = (type: string, changed: Partial<EventTypeSettings> = {}, limits = LIMITS) =>
      stores.eventTypes.put({ orgId, type, by }, { ...PLAIN, ...changed }, limits);
    async function versionAfter(type: string, schema: EventTypeSettings['schema']): Promise<number | null> {
      const answer = await put(type, { schema });
      return answer === 'limit_reached' ? expect.fail(answer) : answer.eventType.schemaVersion;
    }

    test('gives a type back as it was put', async () => {
      const settings: EventTypeSettings = {
        description: 'An invoice was paid.',
        group: 'billing',
        deprecated: true,
        examples: [{ n: 1.5, text: 'a\0b\ud800' }, null, []],
        schema: { type: ['object', 'null', 'array'], properties: { n: { type: 'number' } } },
      };
      const times = { createdAt: expect.any(Date), updatedAt: expect.any(Date) };
      const eventType = { orgId, type: 'invoice.paid', ...settings, schemaVersion: 1, ...times };
      expect(await put('invoice.paid', settings)).toEqual({ eventType, created: true });
      expect(await stores.eventTypes.get(key('invoice.paid'))).toEqual(eventType);
      expect(await stores.eventTypes.get(key('invoice.sent'))).toBeNull();
    });

    test('replaces what was said before, all of it', async () => {
      await put('a', { description: 'old', group: 'g', deprecated: true, examples: [1], schema: true });
      const answer = await put('a', { description: 'new' });
      expect(answer).toMatchObject({
        created: false,
        eventType: { ...PLAIN, description: 'new', schemaVersion: null },
      });
    });

    test('makes a version of each schema that differs from the newest, and of no other', async () => {
      expect(await versionAfter('a', { type: 'object', required: ['n'] })).toBe(1);
      expect(await versionAfter('a', { required: ['n'], type: 'object' })).toBe(1);
      expect(await versionAfter('a', { type: 'object' })).toBe(2);
      expect(await versionAfter('a', null)).toBeNull();
      expect(await versionAfter('a', { type: 'object' })).toBe(2);
      expect(await versionAfter('a', { type: 'object', required: ['n'] })).toBe(3);
      const { eventTypes } = stores;
      const listed = await allPages(
        async (cursor) => (await eventTypes.versions(key('a'), { limit: 2, cursor })) ?? NONE,
      );
      expect(listed).toEqual([3, 2, 1].map((version) => ({ version, createdAt: expect.any(Date) })));
      expect(await eventTypes.version(key('a'), 2)).toMatchObject({ version: 2, schema: { type: 'object' } });
      expect(await eventTypes.version(key('a'), 4)).toBeNull();
      expect(await eventTypes.versions(key('b'), { limit: 2, cursor: null })).toBeNull();
      expect(await put('a', { schema: false })).toBe('limit_reached');
      expect(await eventTypes.get(key('a'))).toMatchObject({ schemaVersion: 3 });
    });

    test('takes as many types as an org may have, and goes on changing those', async () => {
      for (const type of ['a', 'b', 'c', 'd', 'e']) await put(type);
      expect(await put('f')).toBe('limit_reached');
      expect(await put('a', { deprecated: true })).toMatchObject({ created: false });
      await stores.eventTypes.delete({ orgId, type: 'b', by });
      expect(await put('f')).toMatchObject({ created: true });
    });

    test('takes no more than that, however many ask at once', async () => {
      const answers = await Promise.all(Array.from({ length: 9 }, (_, n) => put(`t${n}`)));
      expect(answers.filter((answer) => answer === 'limit_reached')).toHaveLength(4);
    });

    test('lists by type, of one group or what is deprecated', async () => {
      await put('b.b', { group: 'g' });
      await put('a', { group: 'g', deprecated: true, schema: true });
      await put('b-b', { deprecated: true });
      const types = async (filter: { group?: string; deprecated?: boolean }) => {
        const all = await allPages((cursor) => stores.eventTypes.list(orgId, filter, { limit: 1, cursor }));
        return all.map((one) => one.type);
      };
      expect(await types({})).toEqual(['a', 'b-b', 'b.b']);
      expect(await types({ group: 'g' })).toEqual(['a', 'b.b']);
      expect(await types({ deprecated: true })).toEqual(['a', 'b-b']);
      expect(await types({ group: 'g', deprecated: false })).toEqual(['b.b']);
      const { data } = await stores.eventTypes.list(orgId, {}, { limit: 1, cursor: null });
      const times = { createdAt: expect.any(Date), updatedAt: expect.any(Date) };
      expect(data).toEqual([
        { orgId, type: 'a', description: null, group: 'g', deprecated: true, schemaVersion: 1, ...times },
      ]);
    });

    test('forgets a type with its versions: a later one of its name counts from 1', async () => {
      await put('a', { schema: true });
      await put('a', { schema: false });
      expect(await stores.eventTypes.delete({ orgId, type: 'a', by })).toBe(true);
      expect(await stores.eventTypes.delete({ orgId, type: 'a', by })).toBe(false);
      expect(await stores.eventTypes.get(key('a'))).toBeNull();
      expect(await stores.eventTypes.version(key('a'), 1)).toBeNull();
      expect(await versionAfter('a', { type: 'string' })).toBe(1);
      expect(await stores.eventTypes.version(key('a'), 1)).toMatchObject({ schema: { type: 'string' } });
    });

    test('knows no type of another org, whatever is asked of it', async () => {
      await put('a', { schema: true });
      const other = { orgId: (await newOrg(stores)).id, type: 'a' };
      const { eventTypes } = stores;
      expect(await eventTypes.get(other)).toBeNull();
      expect(await eventTypes.version(other, 1)).toBeNull();
      expect(await eventTypes.versions(other, { limit: 1, cursor: null })).toBeNull();
      expect(await eventTypes.delete({ ...other, by })).toBe(false);
      expect((await eventTypes.list(other.orgId, {}, { limit: 1, cursor: null })).data).toEqual([]);
      expect(await eventTypes.get(key('a'))).not.toBeNull();
    });

    test('changes what events are held against with every change, and with no other call', async () => {
      const version = () => stores.configVersion(orgId);
      const before = await version();
      await put('a', { description: 'x' });
      const created = await version();
      await put('a', { description: 'x' });
      const unchanged = await version();
      await put('a', { schema: true });
      const changed = await version();
      await stores.eventTypes.delete({ orgId, type: 'a', by });
      const deleted = await version();
      await stores.eventTypes.delete({ orgId, type: 'a', by });
      expect([created > before, unchanged === created, changed > created, deleted > changed]).toEqual([
        true,
        true,
        true,
        true,
      ]);
      expect(await version()).toBe(deleted);
    });

    test('leaves entries in the audit trail that name the type and the fields, for changes only', async () => {
      await put('a', { description: 'x' });
      await put('a', { description: 'x' });
      await put('a', { description: 'y', deprecated: true, schema: true });
      await stores.eventTypes.delete({ orgId, type: 'a', by });
      await stores.eventTypes.delete({ orgId, type: 'a', by });
      const { data } = await stores.audit.list({ orgId, target: 'a' }, { limit: 10, cursor: null });
      expect(data.map(({ action, fields }) => [action, [...fields].sort()])).toEqual([
        ['event_type.deleted', []],
        ['event_type.updated', ['deprecated', 'description', 'schema']],
        ['event_type.created', []],
      ]);
    });

    test('refuses the cursor of another list', async () => {
      const cursor = Buffer.from('[7]').toString('base64url');
      await put('a');
      const listing = stores.eventTypes.list(orgId, {}, { limit: 1, cursor });
      await expect(listing).rejects.toMatchObject({ code: 'invalid_cursor' });
    });

    test('refuses unknown types, or takes them again, as the org says, from the next event on', async () => {
      const org = await newOrg(stores);
      const change = (unknownEventTypes: 'allow' | 'refuse') =>
        stores.orgs.change(org.slug, (now) => ({ ...now, settings: { ...now.settings, unknownEventTypes } }), by);
      const before = await stores.configVersion(org.id);
      expect(await change('refuse')).toMatchObject({ settings: { unknownEventTypes: 'refuse' } });
      const after = await stores.configVersion(org.id);
      expect(after).toBeGreaterThan(before);
      await change('refuse');
      expect(await stores.configVersion(org.id)).toBe(after);
      expect(await stores.orgs.bySlug(org.slug)).toMatchObject({ settings: { unknownEventTypes: 'refuse' } });
    });
  });
}

const NONE = { data: [], nextCursor: null };
