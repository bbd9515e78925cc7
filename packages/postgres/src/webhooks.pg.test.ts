import type { OrgSettings } from '@hooklane/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { by, newOrg, newSecret, newWebhook } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { seedAttempts } from '../../../test/support/seed-attempts.ts';

let stores: PostgresStores;
beforeAll(async () => {
  stores = await createPostgresStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

async function one<T>(sql: string, values: unknown[]): Promise<T> {
  const { rows } = await stores.database.pool.query(sql, values);
  expect(rows).toHaveLength(1);
  return rows[0];
}

test('every change of a webhook raises the version of its org', async () => {
  const { webhooks } = stores;
  const org = await newOrg(stores);
  const version = async () =>
    (await one<{ v: number }>('SELECT config_version::int AS v FROM orgs WHERE id = $1', [org.id])).v;
  const { id } = await newWebhook(stores, org.id);
  expect(await version()).toBe(2);

  await webhooks.change({ orgId: org.id, id, by }, (now) => ({ ...now, name: 'renamed' }));
  expect(await version()).toBe(3);
  await webhooks.suspend({ orgId: org.id, id, by }, 'manual');
  expect(await version()).toBe(4);
  await webhooks.unsuspend({ orgId: org.id, id, by });
  expect(await version()).toBe(5);
  await webhooks.rotateSecret({ orgId: org.id, id, by }, { secret: newSecret(), overlapMs: 0 });
  expect(await version()).toBe(6);
  await webhooks.delete({ orgId: org.id, id, by });
  expect(await version()).toBe(7);
  await stores.orgs.delete(org.slug, by);
  expect(await version()).toBe(8);
});

test('a new brand of an org outdates what workers know of its webhooks, and nothing else does', async () => {
  const org = await newOrg(stores);
  const { id } = await newWebhook(stores, org.id);
  const foreign = await newWebhook(stores, (await newOrg(stores)).id);
  const change = (changed: Partial<OrgSettings>) =>
    stores.orgs.change(org.slug, (now) => ({ ...now, settings: { ...now.settings, ...changed } }), by);
  const version = async () => (await stores.webhooks.get(org.id, id))?.version;

  await change({ maxWebhooks: 7 });
  await change({ brand: { headerPrefix: null, userAgent: null } });
  expect(await version()).toBe(1);
  await change({ brand: { headerPrefix: 'acme', userAgent: null } });
  expect(await version()).toBe(2);
  expect(await stores.webhooks.get(foreign.orgId, foreign.id)).toMatchObject({ version: 1 });
});

test('a brand may change while webhooks of its org do', async () => {
  const org = await newOrg(stores);
  const made = await Promise.all(Array.from({ length: 4 }, () => newWebhook(stores, org.id)));
  const brand = (headerPrefix: string) =>
    stores.orgs.change(
      org.slug,
      (now) => ({ ...now, settings: { ...now.settings, brand: { headerPrefix, userAgent: null } } }),
      by,
    );
  const work = made.flatMap(({ id }, n) => [
    stores.webhooks.change({ orgId: org.id, id, by }, (now) => ({ ...now, name: 'changed' })),
    brand(`brand-${n}`),
    stores.webhooks.suspend({ orgId: org.id, id, by }, 'manual'),
    newWebhook(stores, org.id),
    stores.webhooks.rotateSecret({ orgId: org.id, id, by }, { secret: newSecret(), overlapMs: 60_000 }),
  ]);
  for (const outcome of await Promise.all(work)) expect(outcome).not.toBeNull();
});

test('due work is set aside from when a webhook stops being active until it is active again', async () => {
  const { webhooks } = stores;
  const org = await newOrg(stores);
  const { id } = await newWebhook(stores, org.id);
  const draining = async () =>
    (await one<{ draining: boolean }>('SELECT draining FROM webhooks WHERE id = $1', [id])).draining;
  const enable = (enabled: boolean) => webhooks.change({ orgId: org.id, id, by }, (now) => ({ ...now, enabled }));

  expect(await draining()).toBe(false);
  await enable(false);
  expect(await draining()).toBe(true);
  await enable(true);
  expect(await draining()).toBe(false);
  await webhooks.suspend({ orgId: org.id, id, by }, 'manual');
  expect(await draining()).toBe(true);
  await enable(false);
  await webhooks.unsuspend({ orgId: org.id, id, by });
  expect(await draining()).toBe(true);
  await enable(true);
  expect(await draining()).toBe(false);
  await webhooks.delete({ orgId: org.id, id, by });
  expect(await draining()).toBe(true);
});

test('header values and secrets are not readable in the tables', async () => {
  const org = await newOrg(stores);
  const auth = { username: 'us', password: 'passw0rd' };
  const { id } = await newWebhook(stores, org.id, { headers: { 'x-token': ['s3cret'] }, auth });
  const secret = newSecret();
  await stores.webhooks.rotateSecret({ orgId: org.id, id, by }, { secret, overlapMs: 1_000 });

  const row = await one<{ sealed: Buffer; headers: Buffer; auth: Buffer }>(
    `SELECT s.sealed, w.sealed_headers AS headers, w.sealed_auth AS auth FROM webhooks w JOIN webhook_secrets s ON s.webhook_id = w.id
     WHERE w.id = $1 AND s.expires_at IS NULL`,
    [id],
  );

  expect(row.headers.includes('s3cret')).toBe(false);
  expect(row.auth.includes('passw0rd')).toBe(false);
  expect(row.sealed.includes(secret.text.slice(6))).toBe(false);
  const context = { orgId: org.id, webhookId: id, field: 'secret' } as const;
  expect(stores.box.open(row.sealed, context)).toEqual(Buffer.from(secret.text));
});

test('secrets before the newest end after the overlap, or sooner if they were to', async () => {
  const org = await newOrg(stores);
  const { id } = await newWebhook(stores, org.id);
  const rotate = (overlapMs: number) =>
    stores.webhooks.rotateSecret({ orgId: org.id, id, by }, { secret: newSecret(), overlapMs });
  const minutesLeft = async () => {
    const { rows } = await stores.database.pool.query<{ left: number | null }>(
      `SELECT round(extract(epoch FROM expires_at - now()) / 60)::int AS left FROM webhook_secrets
       WHERE webhook_id = $1 ORDER BY id`,
      [id],
    );
    return rows.map((row) => row.left);
  };

  await rotate(10 * 60_000);
  expect(await minutesLeft()).toEqual([10, null]);
  await rotate(30 * 60_000);
  expect(await minutesLeft()).toEqual([10, 30, null]);
  await rotate(20 * 60_000);
  expect(await minutesLeft()).toEqual([10, 20, 20, null]);
  await rotate(0);
  expect(await minutesLeft()).toEqual([null]);
});

test('unsuspending clears the failure counters, whether or not it was suspended', async () => {
  const org = await newOrg(stores);
  const { id } = await newWebhook(stores, org.id);
  await stores.database.pool.query(
    `INSERT INTO webhook_health (webhook_id, org_id, failures, first_failure_at, last_failure_at)
     VALUES ($1, $2, 19, now(), now())`,
    [id, org.id],
  );

  await stores.webhooks.unsuspend({ orgId: org.id, id, by });

  const health = await one('SELECT failures, first_failure_at FROM webhook_health WHERE webhook_id = $1', [id]);
  expect(health).toEqual({ failures: 0, first_failure_at: null });
});

test('the last delivery of a webhook is its newest attempt', async () => {
  const org = await newOrg(stores);
  const { id } = await newWebhook(stores, org.id);
  const webhook = { orgId: org.id, webhookId: id, count: 1 };
  await seedAttempts(stores.database, { ...webhook, outcome: 'rejected' });
  await seedAttempts(stores.database, { ...webhook, startMs: Date.now() - 7_200_000 });

  const { lastDelivery } = (await stores.webhooks.get(org.id, id)) ?? {};

  expect(lastDelivery).toEqual({ at: expect.any(Date), outcome: 'rejected', status: 500 });
});

test('a webhook in an encoding that only a newer version knows is told of as such, and left as it is', async () => {
  const { webhooks } = stores;
  const org = await newOrg(stores);
  const { id } = await newWebhook(stores, org.id);
  await stores.database.pool.query('UPDATE webhooks SET encoding = 999 WHERE id = $1', [id]);
  const before = await one('SELECT * FROM webhooks WHERE id = $1', [id]);
  const key = { orgId: org.id, id, by };
  const filter = { sort: 'name', direction: 'asc' } as const;

  const answers = await Promise.allSettled([
    webhooks.get(org.id, id),
    webhooks.list(org.id, filter, { limit: 10, cursor: null }),
    webhooks.change(key, (now) => ({ ...now, name: 'renamed' })),
    webhooks.suspend(key, 'manual'),
    webhooks.delete(key),
  ]);

  const refused = { status: 'rejected', reason: { code: 'newer_version', detail: expect.stringContaining('wh_') } };
  expect(answers).toMatchObject(answers.map(() => refused));
  expect(await one('SELECT * FROM webhooks WHERE id = $1', [id])).toEqual(before);
});
