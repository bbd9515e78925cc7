import type { OrgId, WebhookId } from '@hooklane/domain';
import { DomainError, formatId } from '@hooklane/domain';
import type { OrgSettings, Webhook, WebhookFilter } from '@hooklane/engine';
import { MAX_SECRETS } from '@hooklane/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MakeStores, Stores } from './stores.ts';
import { allPages, by, ids, LIMITS, newOrg, newSecret, newWebhook, settings } from './stores.ts';

const FACTS = { subject: 'CN=x', fingerprint: 'AB:CD', notBeforeMs: 0, notAfterMs: 4_733_510_400_000 };

export function describeWebhookStore(make: MakeStores): void {
  describe('a webhook store', () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await make();
    });
    afterAll(() => stores[Symbol.asyncDispose]());

    test('gives a webhook back as it was created', async () => {
      const org = await newOrg(stores);
      const wanted = settings({
        description: 'all of them',
        events: ['invoice.*', 'ping'],
        filters: { region: ['eu', 'us'] },
        headers: { 'x-token': ['s3cret'], 'x-twice': ['a', 'b'] },
        auth: { username: 'us', password: 'pässword' },
        verifyTls: false,
        caBundle: { pem: 'the certificates', certificates: [FACTS, FACTS] },
        clientCertificate: { certificate: 'the certificate', key: 'the key', facts: FACTS },
        profile: 'github',
        contentType: 'form',
        signing: false,
        enabled: false,
        failurePolicy: {
          retryOn: ['5xx', '429', 'timeout'],
          retry: { kind: 'list', delaysMs: [1_000, 60_000] },
          expireAfterMs: 3_600_000,
          suspend: null,
          divert: false,
          alertUrl: 'https://alerts.example/',
        },
        timeoutMs: 2_500,
        rateLimit: 20,
        maxInFlight: 3,
      });
      const id = ids.next('wh');
      const secret = newSecret();

      const created = await stores.webhooks.create({ id, orgId: org.id, settings: wanted, secret, by }, LIMITS);

      const { text: _, ...shown } = secret;
      const secrets = [{ ...shown, createdAt: expect.any(Date), expiresAt: null }];
      const rest = {
        id,
        orgId: org.id,
        number: expect.any(Number),
        version: 1,
        suspended: null,
        paused: null,
        secrets,
        lastDelivery: null,
      };
      expect(created).toEqual({ ...wanted, ...rest, createdAt: expect.any(Date), updatedAt: expect.any(Date) });
      expect(await stores.webhooks.get(org.id, id)).toEqual(created);
    });

    test('knows no webhook of another org, whatever is asked of it', async () => {
      const owner = await newOrg(stores);
      const { id: other } = await newOrg(stores);
      const { id, secrets } = await newWebhook(stores, owner.id);
      const secret = secrets[0]?.id ?? ids.next('sec');
      const { webhooks } = stores;

      expect(await webhooks.get(other, id)).toBeNull();
      expect(await webhooks.change({ orgId: other, id, by }, (now) => ({ ...now, name: 'mine' }))).toBeNull();
      expect(await webhooks.suspend({ orgId: other, id, by }, 'manual')).toBeNull();
      expect(await webhooks.unsuspend({ orgId: other, id, by })).toBeNull();
      expect(await webhooks.rotateSecret({ orgId: other, id, by }, { secret: newSecret(), overlapMs: 0 })).toBeNull();
      expect(await webhooks.expireSecret({ orgId: other, id, by }, secret)).toBeNull();
      expect(await webhooks.delete({ orgId: other, id, by })).toBe(false);

      expect(await webhooks.get(owner.id, id)).toMatchObject({ name: 'orders', suspended: null, secrets });
    });

    test('creates no more webhooks than an org may have, however many ask at once', async () => {
      const org = await newOrg(stores);
      const create = () =>
        stores.webhooks.create(
          { id: ids.next('wh'), orgId: org.id, settings: settings(), secret: newSecret(), by },
          { ...LIMITS, webhooksPerOrg: 3 },
        );

      const created = await Promise.allSettled(Array.from({ length: 8 }, create));

      const made = created.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(made).toHaveLength(3);
      await stores.webhooks.delete({ orgId: org.id, id: made[0]?.id ?? ids.next('wh'), by });
      expect(await create()).toMatchObject({ orgId: org.id });
      await expect(create()).rejects.toMatchObject({ code: 'webhook_limit_reached' });
    });

    test('creates as many webhooks as the org itself may have, more or fewer than others', async () => {
      const org = await newOrg(stores);
      const create = () =>
        stores.webhooks.create(
          { id: ids.next('wh'), orgId: org.id, settings: settings(), secret: null, by },
          { ...LIMITS, webhooksPerOrg: 1 },
        );
      await setUp(org, { maxWebhooks: 2 });
      await create();
      await create();
      const detail = 'The org may have at most 2 webhooks.';
      await expect(create()).rejects.toMatchObject({ code: 'webhook_limit_reached', detail });
      await setUp(org, { maxWebhooks: null });
      await expect(create()).rejects.toMatchObject({ detail: 'The org may have at most 1 webhooks.' });
    });

    describe('counts the webhooks of an org to one host', () => {
      const PER_HOST = { ...LIMITS, webhooksPerHost: 2 };
      const createAt = (orgId: OrgId, url: string, limits = PER_HOST) => {
        const webhook = { id: ids.next('wh'), orgId, settings: settings({ url, signing: false }), secret: null, by };
        return stores.webhooks.create(webhook, limits);
      };
      const move = (webhook: { orgId: OrgId; id: WebhookId }, url: string) =>
        stores.webhooks.change({ ...webhook, by }, (now) => ({ ...now, url }), PER_HOST);
      const refused = (limit: number) => ({
        code: 'host_limit_reached',
        detail: `The org may have at most ${limit} webhooks to one host.`,
        problems: [{ field: 'url', message: expect.any(String) }],
      });

      test.each([
        ['https://crowd.example/', 'https://crowd.example:8443/b', 'http://crowd.example/?c'],
        ['https://203.0.113.7/', 'https://203.0.113.7:8443', 'https://203.0.113.7?c'],
        ['https://[2001:db8::7]/', 'https://[2001:db8::7]:8443/b', 'https://[2001:db8::7]/c:d'],
      ])('whatever their ports and paths: %s', async (one, two, three) => {
        const org = await newOrg(stores);
        await createAt(org.id, one);
        await createAt(org.id, two);
        await expect(createAt(org.id, three)).rejects.toMatchObject(refused(2));
        await createAt(org.id, 'https://crowd.example.org/crowd.example');
        await createAt((await newOrg(stores)).id, three);
      });

      test('however many are created at once', async () => {
        const org = await newOrg(stores);
        const url = 'https://crowd.example/';
        const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => createAt(org.id, url)));
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      });

      test('however many are moved there at once, while others are created there', async () => {
        const org = await newOrg(stores);
        const made = await Promise.all([1, 2, 3, 4].map((n) => createAt(org.id, `https://host-${n}.example/`)));
        const moves = made.map((webhook) => move(webhook, 'https://crowd.example/moved'));
        const creations = [1, 2].map(() => createAt(org.id, 'https://crowd.example/new'));
        const outcomes = await Promise.allSettled([...moves, ...creations]);
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      });

      test('when a URL changes to another host, but not where it stays at its own', async () => {
        const org = await newOrg(stores);
        await createAt(org.id, 'https://crowd.example/a');
        const second = await createAt(org.id, 'https://crowd.example/b');
        const other = await createAt(org.id, 'https://other.example/');
        await expect(move(other, 'https://crowd.example/c')).rejects.toMatchObject(refused(2));
        expect(await stores.webhooks.get(org.id, other.id)).toEqual(other);
        await setUp(org, { maxWebhooksPerHost: 1 });
        expect(await move(second, 'https://crowd.example/d')).toMatchObject({ url: 'https://crowd.example/d' });
        await stores.webhooks.delete({ orgId: org.id, id: second.id, by });
        await expect(move(other, 'https://crowd.example/c')).rejects.toMatchObject(refused(1));
      });

      test('up to as many as the org itself may have, more or fewer than others', async () => {
        const org = await newOrg(stores);
        const create = () => createAt(org.id, 'https://crowd.example/', { ...LIMITS, webhooksPerHost: 1 });
        await setUp(org, { maxWebhooksPerHost: 2 });
        await create();
        await create();
        await expect(create()).rejects.toMatchObject(refused(2));
        await setUp(org, { maxWebhooksPerHost: null });
        await expect(create()).rejects.toMatchObject(refused(1));
      });
    });

    test('has a URL twice where the org allows it, and names the other webhook where it does not', async () => {
      const org = await newOrg(stores);
      const { id, url } = await newWebhook(stores, org.id);
      await newWebhook(stores, org.id);
      const third = await newWebhook(stores, org.id, { url: 'https://other.example/' });
      await newWebhook(stores, (await newOrg(stores)).id, { url: 'https://third.example/' });
      await setUp(org, { duplicateUrls: 'refuse' });

      const refused = { code: 'duplicate_url', detail: `The URL is that of ${formatId('wh', id)}.` };
      await expect(newWebhook(stores, org.id)).rejects.toMatchObject(refused);
      const move = (to: string) =>
        stores.webhooks.change({ orgId: org.id, id: third.id, by }, (now) => ({ ...now, url: to }));
      await expect(move(url)).rejects.toMatchObject(refused);
      expect(await stores.webhooks.get(org.id, third.id)).toEqual(third);
      expect(await move('https://third.example/')).toMatchObject({ url: 'https://third.example/' });
      expect(
        await stores.webhooks.change({ orgId: org.id, id, by }, (now) => ({ ...now, name: 'same URL' })),
      ).toMatchObject({
        name: 'same URL',
      });
    });

    test('makes one webhook of many that are created with one URL at once, where the org has every URL once', async () => {
      const org = await newOrg(stores);
      await setUp(org, { duplicateUrls: 'refuse' });
      const created = await Promise.allSettled(Array.from({ length: 5 }, () => newWebhook(stores, org.id)));
      expect(created.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('gives each webhook a number of its own, and a version that every change raises', async () => {
      const org = await newOrg(stores);
      const [one, other] = [await newWebhook(stores, org.id), await newWebhook(stores, org.id)];
      expect(one.number).not.toBe(other.number);
      const target = { orgId: org.id, id: one.id, by };
      const { webhooks } = stores;
      const changed = [
        await webhooks.change(target, (now) => ({ ...now, name: 'renamed' })),
        await webhooks.suspend(target, 'manual'),
        await webhooks.unsuspend(target),
        await webhooks.rotateSecret(target, { secret: newSecret(), overlapMs: 60_000 }),
      ];
      expect(changed.map((webhook) => webhook?.version)).toEqual([2, 3, 4, 5]);
      expect(await webhooks.get(org.id, one.id)).toMatchObject({ version: 5, number: one.number });
    });

    test('deletes no webhook that is not as it is expected to be', async () => {
      const org = await newOrg(stores);
      const { id } = await newWebhook(stores, org.id);
      const target = { orgId: org.id, id, by };
      const deletion = stores.webhooks.delete(target, (now) => {
        expect(now).toMatchObject({ id, version: 1 });
        throw new DomainError('precondition_failed');
      });
      await expect(deletion).rejects.toMatchObject({ code: 'precondition_failed' });
      expect(await stores.webhooks.get(org.id, id)).toMatchObject({ id });
    });

    async function setUp({ slug }: { slug: string }, changed: Partial<OrgSettings>): Promise<void> {
      await stores.orgs.change(slug, (now) => ({ ...now, settings: { ...now.settings, ...changed } }), by);
    }

    test('creates nothing in an org that is gone', async () => {
      const org = await newOrg(stores);
      await stores.orgs.delete(org.slug, by);
      await expect(newWebhook(stores, org.id)).rejects.toMatchObject({ code: 'not_found' });
    });

    test('changes what is decided from the settings as they are', async () => {
      const org = await newOrg(stores);
      const before = await newWebhook(stores, org.id, { headers: { 'x-key': ['1'] } });

      const changed = await stores.webhooks.change({ orgId: org.id, id: before.id, by }, (now) => {
        expect(now).toEqual(before);
        return { ...now, name: 'renamed', headers: {}, filters: { region: ['eu'] } };
      });

      expect(changed).toMatchObject({ name: 'renamed', headers: {}, filters: { region: ['eu'] }, url: before.url });
      expect(await stores.webhooks.get(org.id, before.id)).toEqual(changed);
    });

    test('changes nothing when the decision is an error, and hands the error on', async () => {
      const org = await newOrg(stores);
      const before = await newWebhook(stores, org.id);

      const change = stores.webhooks.change({ orgId: org.id, id: before.id, by }, () => {
        throw new DomainError('url_not_allowed');
      });

      await expect(change).rejects.toMatchObject({ code: 'url_not_allowed' });
      expect(await stores.webhooks.get(org.id, before.id)).toEqual(before);
    });

    test('loses none of several changes made at once', async () => {
      const org = await newOrg(stores);
      const { id } = await newWebhook(stores, org.id, { events: [] });
      const types = Array.from({ length: 8 }, (_, n) => `type.${n}`);

      await Promise.all(
        types.map((type) =>
          stores.webhooks.change({ orgId: org.id, id, by }, (now) => ({ ...now, events: [...now.events, type] })),
        ),
      );

      expect((await stores.webhooks.get(org.id, id))?.events.toSorted()).toEqual(types);
    });

    test('changes webhooks of one org at once while others are created', async () => {
      const org = await newOrg(stores);
      const { webhooks } = stores;
      const made = await Promise.all(Array.from({ length: 4 }, () => newWebhook(stores, org.id)));

      const work = made.flatMap(({ id }) => [
        webhooks.change({ orgId: org.id, id, by }, (now) => ({ ...now, name: 'changed' })),
        webhooks.suspend({ orgId: org.id, id, by }, 'manual'),
        newWebhook(stores, org.id),
        webhooks.unsuspend({ orgId: org.id, id, by }),
        webhooks.rotateSecret({ orgId: org.id, id, by }, { secret: newSecret(), overlapMs: 60_000 }),
      ]);

      for (const outcome of await Promise.all(work)) expect(outcome).toMatchObject({ orgId: org.id });
    });

    test('keeps the first reason and time of a suspension until it is ended', async () => {
      const org = await newOrg(stores);
      const { id } = await newWebhook(stores, org.id);

      const first = await stores.webhooks.suspend({ orgId: org.id, id, by }, 'failures');
      const second = await stores.webhooks.suspend({ orgId: org.id, id, by }, 'manual');

      expect(first?.suspended).toEqual({ at: expect.any(Date), reason: 'failures' });
      expect(second?.suspended).toEqual(first?.suspended);
      expect(await stores.webhooks.unsuspend({ orgId: org.id, id, by })).toMatchObject({ suspended: null });
      expect(await stores.webhooks.unsuspend({ orgId: org.id, id, by })).toMatchObject({ suspended: null });
      expect(await stores.webhooks.suspend({ orgId: org.id, id, by }, 'gone')).toMatchObject({
        suspended: { reason: 'gone' },
      });
    });

    test('forgets a deleted webhook at once', async () => {
      const org = await newOrg(stores);
      const { id } = await newWebhook(stores, org.id);

      expect(await stores.webhooks.delete({ orgId: org.id, id, by })).toBe(true);

      expect(await stores.webhooks.get(org.id, id)).toBeNull();
      expect(await names(org.id, {})).toEqual([]);
      expect(await stores.webhooks.change({ orgId: org.id, id, by }, (now) => now)).toBeNull();
      expect(await stores.webhooks.suspend({ orgId: org.id, id, by }, 'manual')).toBeNull();
      expect(await stores.webhooks.unsuspend({ orgId: org.id, id, by })).toBeNull();
      expect(
        await stores.webhooks.rotateSecret({ orgId: org.id, id, by }, { secret: newSecret(), overlapMs: 0 }),
      ).toBeNull();
      expect(await stores.webhooks.delete({ orgId: org.id, id, by })).toBe(false);
    });

    test('makes a rotated secret the newest', async () => {
      const org = await newOrg(stores);
      const { id } = await newWebhook(stores, org.id);
      const secret = newSecret();

      const rotated = await stores.webhooks.rotateSecret({ orgId: org.id, id, by }, { secret, overlapMs: 60_000 });

      expect(rotated).toMatchObject({
        id,
        secrets: [{ id: secret.id, expiresAt: null }, { expiresAt: expect.any(Date) }],
      });
    });

    test('has no secret where it was created without one, and one after a rotation', async () => {
      const org = await newOrg(stores);
      const wanted = { id: ids.next('wh'), orgId: org.id, settings: settings({ signing: false }), secret: null, by };
      const { id, secrets } = await stores.webhooks.create(wanted, LIMITS);
      expect(secrets).toEqual([]);
      const rotated = await stores.webhooks.rotateSecret(
        { orgId: org.id, id, by },
        { secret: newSecret(), overlapMs: 0 },
      );
      expect(rotated?.secrets).toHaveLength(1);
    });

    test('shows the secrets that are valid, the one in use first, with their tags and ends', async () => {
      const org = await newOrg(stores);
      const target = { orgId: org.id, id: (await newWebhook(stores, org.id)).id, by };
      const [second, third] = [
        newSecret('second'),
        { ...newSecret('third'), kind: 'ed25519', publicKey: 'whpk_x' } as const,
      ];
      await stores.webhooks.rotateSecret(target, { secret: second, overlapMs: 60_000 });
      const rotated = await stores.webhooks.rotateSecret(target, { secret: third, overlapMs: 3_600_000 });

      const { text: _, ...shown } = third;
      expect(rotated?.secrets[0]).toEqual({ ...shown, createdAt: expect.any(Date), expiresAt: null });
      expect(rotated?.secrets.map(({ tag }) => tag)).toEqual(['third', 'second', null]);
      const minutesLeft = rotated?.secrets.map(
        ({ expiresAt }) => expiresAt && Math.round((expiresAt.getTime() - Date.now()) / 60_000),
      );
      expect(minutesLeft).toEqual([null, 60, 1]);
      expect(await stores.webhooks.get(org.id, target.id)).toEqual(rotated);
    });

    test('rotates nothing where the webhook is not as it should be', async () => {
      const org = await newOrg(stores);
      const before = await newWebhook(stores, org.id);
      const rotation = stores.webhooks.rotateSecret(
        { orgId: org.id, id: before.id, by },
        {
          secret: newSecret(),
          overlapMs: 0,
          check(now) {
            expect(now).toEqual(before);
            throw new DomainError('secret_invalid');
          },
        },
      );
      await expect(rotation).rejects.toMatchObject({ code: 'secret_invalid' });
      expect(await stores.webhooks.get(org.id, before.id)).toEqual(before);
    });

    test('forgets a secret that is expired before its time', async () => {
      const org = await newOrg(stores);
      const { id, secrets } = await newWebhook(stores, org.id);
      const target = { orgId: org.id, id, by };
      const first = secrets[0]?.id ?? ids.next('sec');
      const second = newSecret();
      await stores.webhooks.rotateSecret(target, { secret: second, overlapMs: 60_000 });

      const expired = await stores.webhooks.expireSecret(target, first);
      expect(expired?.secrets.map((secret) => secret.id)).toEqual([second.id]);
      expect(await stores.webhooks.expireSecret(target, first)).toBeNull();
      expect(await stores.webhooks.expireSecret(target, ids.next('sec'))).toBeNull();
      expect((await stores.webhooks.expireSecret(target, second.id))?.secrets).toEqual([]);
    });

    test('expires no secret against an objection, and none of another webhook', async () => {
      const org = await newOrg(stores);
      const [one, other] = [await newWebhook(stores, org.id), await newWebhook(stores, org.id)];
      const secret = one.secrets[0]?.id ?? ids.next('sec');
      const expiry = stores.webhooks.expireSecret({ orgId: org.id, id: one.id, by }, secret, () => {
        throw new DomainError('secret_in_use');
      });
      await expect(expiry).rejects.toMatchObject({ code: 'secret_in_use' });
      expect(await stores.webhooks.expireSecret({ orgId: org.id, id: other.id, by }, secret)).toBeNull();
      expect((await stores.webhooks.get(org.id, one.id))?.secrets).toEqual(one.secrets);
    });

    test('keeps no more secrets valid at once than a request can carry', async () => {
      const org = await newOrg(stores);
      const { id } = await newWebhook(stores, org.id);
      const rotate = (overlapMs: number) =>
        stores.webhooks.rotateSecret({ orgId: org.id, id, by }, { secret: newSecret(), overlapMs });
      for (let valid = 2; valid <= MAX_SECRETS; valid++) expect(await rotate(60_000)).toMatchObject({ id });
      const before = await stores.webhooks.get(org.id, id);

      await expect(rotate(60_000)).rejects.toMatchObject({ code: 'too_many_secrets' });
      expect(await stores.webhooks.get(org.id, id)).toEqual(before);

      expect(await rotate(0)).toMatchObject({ id });
      expect(await rotate(60_000)).toMatchObject({ id });
    });

    function listed(orgId: Webhook['orgId'], filter: Partial<WebhookFilter>): Promise<Webhook[]> {
      const wanted: WebhookFilter = { sort: 'name', direction: 'asc', ...filter };
      return allPages((cursor) => stores.webhooks.list(orgId, wanted, { limit: 2, cursor }));
    }

    async function names(orgId: Webhook['orgId'], filter: Partial<WebhookFilter>): Promise<string[]> {
      return (await listed(orgId, filter)).map((webhook) => webhook.name);
    }

    test('lists each webhook on one page, in the order asked for', async () => {
      const org = await newOrg(stores);
      await newWebhook(stores, (await newOrg(stores)).id);
      const first = await newWebhook(stores, org.id, { name: 'b' });
      for (const name of ['a', 'd', 'c', 'a']) await newWebhook(stores, org.id, { name });
      await stores.webhooks.change({ orgId: org.id, id: first.id, by }, (now) => ({
        ...now,
        description: 'changed last',
      }));

      expect(await names(org.id, {})).toEqual(['a', 'a', 'b', 'c', 'd']);
      expect(await names(org.id, { direction: 'desc' })).toEqual(['d', 'c', 'b', 'a', 'a']);
      const oldestFirst = await listed(org.id, { sort: 'created_at' });
      const times = oldestFirst.map((webhook) => webhook.createdAt.getTime());
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(oldestFirst.map((webhook) => webhook.name).toSorted()).toEqual(['a', 'a', 'b', 'c', 'd']);
      const newestFirst = await listed(org.id, { sort: 'created_at', direction: 'desc' });
      expect(newestFirst).toEqual(oldestFirst.toReversed());
    });

    test('lists only the webhooks that pass every filter', async () => {
      const org = await newOrg(stores);
      await newWebhook(stores, org.id, { name: 'a', events: ['invoice.paid', '*'] });
      await newWebhook(stores, org.id, { name: 'b', events: ['invoice.*'], enabled: false });
      const { id } = await newWebhook(stores, org.id, { name: 'c', events: ['order.made'] });
      await stores.webhooks.suspend({ orgId: org.id, id, by }, 'manual');

      expect(await names(org.id, { name: 'b' })).toEqual(['b']);
      expect(await names(org.id, { enabled: true })).toEqual(['a', 'c']);
      expect(await names(org.id, { enabled: false })).toEqual(['b']);
      expect(await names(org.id, { suspended: true })).toEqual(['c']);
      expect(await names(org.id, { suspended: false })).toEqual(['a', 'b']);
      expect(await names(org.id, { active: true })).toEqual(['a']);
      expect(await names(org.id, { active: false })).toEqual(['b', 'c']);
      expect(await names(org.id, { eventTypes: ['invoice.paid'] })).toEqual(['a']);
      expect(await names(org.id, { eventTypes: ['invoice.*', 'order.made'] })).toEqual(['b', 'c']);
      expect(await names(org.id, { eventTypes: ['invoice.paid', 'order.made'], suspended: true })).toEqual(['c']);
    });

    test('refuses a cursor of another order', async () => {
      const org = await newOrg(stores);
      for (const name of ['a', 'b']) await newWebhook(stores, org.id, { name });
      const byName = { sort: 'name', direction: 'asc' } as const;
      const { nextCursor: cursor } = await stores.webhooks.list(org.id, byName, { limit: 1, cursor: null });

      expect(cursor).toEqual(expect.any(String));
      const other = stores.webhooks.list(org.id, { ...byName, sort: 'created_at' }, { limit: 1, cursor });
      await expect(other).rejects.toMatchObject({ code: 'invalid_cursor' });
    });
  });
}
