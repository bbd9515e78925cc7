import { randomBytes } from 'node:crypto';
import type { KeyId, OrgId } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { AuditFilter, AuditRecord, Author, ChangedWebhook, Org, Webhook } from '@hooklane/engine';
import { NO_RATE_LIMITS } from '@hooklane/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MakeStores, Stores } from './stores.ts';
import { allPages, by, divertOne, ids, newOrg, newSecret, newWebhook } from './stores.ts';

/** What every change leaves behind, and how it is read. */
export function describeAuditLog(make: MakeStores): void {
  describe('an audit trail', () => {
    let stores: Stores;
    let org: Org;
    let webhook: Webhook & ChangedWebhook;
    beforeAll(async () => {
      stores = await make();
    });
    beforeEach(async () => {
      org = await newOrg(stores);
      webhook = { ...(await newWebhook(stores, org.id)), by };
    });
    afterAll(() => stores[Symbol.asyncDispose]());

    function entries(filter: AuditFilter = {}): Promise<AuditRecord[]> {
      return allPages((cursor) => stores.audit.list({ orgId: org.id, ...filter }, { limit: 2, cursor }));
    }

    async function newestActions(count: number): Promise<string[]> {
      return (await entries()).slice(0, count).map((entry) => entry.action);
    }

    function newKey(orgId: OrgId, id: KeyId, hash = randomBytes(32)) {
      const rest = { name: 'ci', hint: 'wxyz', scopes: ['events:write', 'stats:read'], expiresAt: null } as const;
      return stores.keys.create({ ...rest, id, orgId, rateLimits: NO_RATE_LIMITS, hash, by });
    }

    test('tells of an org from its creation to its end, and survives it', async () => {
      await stores.orgs.change(org.slug, (now) => ({ ...now, name: 'Renamed' }), by);
      await stores.orgs.delete(org.slug, by);

      const ofOrg = await entries({ target: formatId('org', org.id) });

      expect(ofOrg.map(({ action, fields }) => [action, fields])).toEqual([
        ['org.deleted', []],
        ['org.updated', ['name']],
        ['org.created', []],
      ]);
      expect(ofOrg[0]).toEqual({
        id: expect.any(String),
        at: expect.any(Date),
        org: { id: org.id, slug: org.slug },
        actor: { kind: 'operator' },
        requestId: 'req_test',
        action: 'org.deleted',
        target: formatId('org', org.id),
        fields: [],
        details: { slug: org.slug },
      });
    });

    test('names the settings of an org that were changed, each by itself', async () => {
      const rateLimits = { requestsPerSecond: 5, eventsPerSecond: null };
      await stores.orgs.change(org.slug, (now) => ({ ...now, settings: { ...now.settings, rateLimits } }), by);
      expect((await entries())[0]).toMatchObject({ action: 'org.updated', fields: ['rate_limits'] });
    });

    test('tells of keys, by their names, never of what they are', async () => {
      const id = ids.next('key');
      const hash = randomBytes(32);
      await newKey(org.id, id, hash);
      await stores.keys.revoke({ orgId: org.id, id, by });

      const [revoked, created] = await entries({ target: formatId('key', id) });

      expect(created).toMatchObject({
        action: 'key.created',
        details: { name: 'ci', scopes: 'events:write stats:read' },
      });
      expect(revoked).toMatchObject({ action: 'key.revoked', details: { name: 'ci' } });
      expect(JSON.stringify([created, revoked])).not.toContain(hash.toString('hex'));
    });

    test('tells of a webhook what was done to it', async () => {
      const { webhooks } = stores;
      await webhooks.suspend(webhook, 'manual');
      await webhooks.unsuspend(webhook);
      await webhooks.rotateSecret(webhook, { secret: newSecret(), overlapMs: 60_000 });
      await webhooks.delete(webhook);

      const ofWebhook = await entries({ target: formatId('wh', webhook.id) });

      expect(ofWebhook.toReversed().map(({ action, details }) => [action, details])).toEqual([
        ['webhook.created', { name: 'orders', url: 'https://receiver.example/…' }],
        ['webhook.suspended', { reason: 'manual' }],
        ['webhook.unsuspended', {}],
        ['secret.rotated', { hint: expect.any(String), overlap_seconds: '60' }],
        ['webhook.deleted', { name: 'orders' }],
      ]);
    });

    test('names the fields of a webhook that were changed, and of their values only where it leads', async () => {
      const url = 'https://user:pass@other.example/secret-path?token=1';
      await stores.webhooks.change(webhook, (now) => ({
        ...now,
        url,
        timeoutMs: 1_000,
        headers: { 'x-key': ['s3cret'] },
      }));

      const [entry] = await entries();

      expect(entry).toMatchObject({
        action: 'webhook.updated',
        fields: ['url', 'headers', 'timeout_ms'],
        details: { url: 'https://other.example/…', url_before: 'https://receiver.example/…' },
      });
      expect(JSON.stringify(entry)).not.toMatch(/s3cret|pass|token/);
    });

    test('tells by itself that a webhook was turned off or on', async () => {
      await stores.webhooks.change(webhook, (now) => ({ ...now, enabled: false }));
      expect(await newestActions(2)).toEqual(['webhook.disabled', 'webhook.created']);
      await stores.webhooks.change(webhook, (now) => ({ ...now, enabled: true, name: 'renamed' }));
      expect((await newestActions(2)).toSorted()).toEqual(['webhook.enabled', 'webhook.updated']);
    });

    test('tells of what was started and what was thrown away', async () => {
      const { eventId } = await divertOne(stores, webhook);
      await stores.diverted.delete(webhook, eventId);
      const task = { kind: 'resend', filter: { webhookId: webhook.id } } as const;
      const operation = { id: ids.next('op'), orgId: org.id, webhookId: webhook.id, task, perSecond: 1 };
      await stores.operations.start({ ...operation, by });
      for (let n = 0; n < 2; n++) await stores.operations.cancel({ orgId: org.id, id: operation.id, by });

      const [cancelled, started, deleted] = await entries();
      expect(cancelled).toMatchObject({
        action: 'operation.cancelled',
        target: formatId('op', operation.id),
        details: { kind: 'resend', moved: '0' },
      });

      expect(started).toMatchObject({
        action: 'operation.started',
        target: formatId('op', operation.id),
        details: { kind: 'resend', total: '0', webhook: formatId('wh', webhook.id) },
      });
      expect(deleted).toMatchObject({ action: 'diverted.deleted', details: { event: formatId('evt', eventId) } });
    });

    test('says nothing of what changed nothing', async () => {
      const { webhooks, orgs, keys, diverted } = stores;
      await webhooks.suspend(webhook, 'manual');
      const before = await entries();
      const unknown = { ...webhook, id: ids.next('wh') };

      await webhooks.suspend(webhook, 'failures');
      await webhooks.change(webhook, (now) => ({ ...now }));
      await webhooks.suspend(unknown, 'manual');
      await webhooks.unsuspend(unknown);
      await webhooks.delete(unknown);
      await webhooks.rotateSecret(unknown, { secret: newSecret(), overlapMs: 0 });
      await diverted.delete(webhook, ids.next('evt'));
      await orgs.change(org.slug, (now) => ({ ...now }), by);
      await orgs.create({ id: ids.next('org'), slug: org.slug, name: 'Another', by });
      await keys.revoke({ orgId: org.id, id: ids.next('key'), by });

      expect(await entries()).toEqual(before);
    });

    test('says nothing of a change that was refused half way', async () => {
      const before = await entries();
      const refuse = () => {
        throw new TypeError('refused');
      };
      await stores.webhooks.change(webhook, refuse).catch(() => {});
      await stores.orgs.change(org.slug, refuse, by).catch(() => {});
      expect(await entries()).toEqual(before);
    });

    test('tells who: the operator, the system, or a key by the name it had', async () => {
      const id = ids.next('key');
      const author: Author = { actor: { kind: 'key', id, name: 'ci' }, requestId: 'req_1' };
      await newKey(org.id, id);
      await stores.webhooks.suspend({ ...webhook, by: author }, 'manual');
      await stores.keys.revoke({ orgId: org.id, id, by: { actor: { kind: 'system' }, requestId: null } });

      const byKey = await entries({ actor: id });
      expect(byKey).toMatchObject([{ action: 'webhook.suspended', actor: author.actor, requestId: 'req_1' }]);
      expect(await entries({ actor: 'system' })).toMatchObject([{ action: 'key.revoked', requestId: null }]);
      const actors = (await entries({ actor: 'operator' })).map((entry) => entry.actor);
      expect(actors).toEqual([by.actor, by.actor, by.actor]);
    });

    test('is read by action, target and time, and each entry on one page', async () => {
      for (let i = 0; i < 3; i++) await stores.webhooks.change(webhook, (now) => ({ ...now, name: `name-${i}` }));
      const all = await entries();
      expect(all.map((entry) => entry.action)).toEqual([
        ...Array.from({ length: 3 }, () => 'webhook.updated'),
        'webhook.created',
        'org.created',
      ]);

      expect(await entries({ action: 'webhook.updated' })).toHaveLength(3);
      expect(await entries({ target: formatId('wh', webhook.id) })).toHaveLength(4);
      expect(await entries({ action: 'no.such' })).toEqual([]);
      expect(await entries({ since: new Date(Date.now() + 60_000) })).toEqual([]);
      expect(await entries({ until: new Date(Date.now() - 60_000) })).toEqual([]);
      const past = { since: new Date(Date.now() - 60_000), until: new Date(Date.now() + 60_000) };
      expect(await entries(past)).toEqual(all);
    });

    test('shows an org its own entries, and all of them to who asks for all', async () => {
      const other = await newOrg(stores);
      expect(new Set((await entries()).map((entry) => entry.org?.id))).toEqual(new Set([org.id]));

      const bySlug = await stores.audit.list({ orgSlug: other.slug }, { limit: 10, cursor: null });
      expect(bySlug.data).toMatchObject([{ action: 'org.created', org: { slug: other.slug } }]);

      const task = { kind: 'resend', filter: {} } as const;
      await stores.operations.start({ id: ids.next('op'), orgId: null, webhookId: null, task, perSecond: 1, by });
      const { data } = await stores.audit.list({}, { limit: 4, cursor: null });
      expect(data[0]).toMatchObject({ action: 'operation.started', org: null });
      expect(new Set(data.map((entry) => entry.org?.id))).toEqual(new Set([undefined, other.id, org.id]));
    });

    test.each(['nonsense', Buffer.from('[1]').toString('base64url')])('refuses the cursor %j', async (cursor) => {
      await expect(stores.audit.list({ orgId: org.id }, { limit: 2, cursor })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });
  });
}
