import { DomainError, keyFromSecret } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../../test/conformance/stores.ts';
import { by, newOrg, settings } from '../../../test/conformance/stores.ts';
import { createMemoryStores } from '../../../test/support/memory/stores.ts';
import { createIdFactory } from './ids.ts';
import type { ManagePorts } from './manage-webhooks.ts';
import { changeWebhook, createWebhook, rotateSecret } from './manage-webhooks.ts';
import type { NewSecret, Webhook, WebhookSettings } from './webhooks.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

let stores: Stores;
let orgId: Webhook['orgId'];
let ports: ManagePorts;

beforeEach(async () => {
  stores = await createMemoryStores();
  orgId = (await newOrg(stores)).id;
  ports = {
    webhooks: stores.webhooks,
    guard: {
      check: (url) => (url.includes('inside') ? { objection: 'must not point inside' } : { url: new URL(url).href }),
    },
    ids: createIdFactory(),
    limits: { webhooksPerOrg: 2 },
  };
});

describe('creating a webhook', () => {
  it('stores its settings, with the URL and the headers in their plain form', async () => {
    const { webhook } = await create({ url: 'https://RECEIVER.example', headers: { 'X-Tenant': ['a'] } });
    expect(webhook).toMatchObject({ url: 'https://receiver.example/', headers: { 'x-tenant': ['a'] }, name: 'orders' });
    expect(await stores.webhooks.get(orgId, webhook.id)).toEqual(webhook);
  });

  it('refuses a URL the guard objects to, and names the field', async () => {
    await expect(create({ url: 'https://inside.example/' })).rejects.toMatchObject({
      code: 'url_not_allowed',
      problems: [{ field: 'url', message: 'must not point inside' }],
    });
  });

  it('refuses headers that are not allowed, naming each one', async () => {
    const headers = { host: ['a'], 'x-fine': ['b'], 'webhook-id': ['c'] };
    const problems = await problemsOf(create({ headers }));
    expect(problems.map((problem) => problem.field)).toEqual(['headers.host', 'headers.webhook-id']);
  });

  it('beyond the limit of the org is refused', async () => {
    await create();
    await create();
    await expect(create()).rejects.toMatchObject({
      code: 'webhook_limit_reached',
      detail: 'An org has at most 2 webhooks.',
    });
  });

  it('makes a secret of 32 random bytes, and shows it once with its last characters as a hint', async () => {
    const [first, second] = [await create(), await create()];
    expect(keyFromSecret(first.secret)).toHaveLength(32);
    expect(first.secret).not.toBe(second.secret);
    expect(first.webhook.secretHint).toBe(first.secret.slice(-4));
    expect(JSON.stringify(first.webhook)).not.toContain(first.secret.slice(6, -4));
  });

  it('takes a secret that is given, and stores it as it is', async () => {
    let stored: NewSecret | null = null;
    const webhooks: ManagePorts['webhooks'] = {
      ...stores.webhooks,
      create(webhook, limit) {
        stored = webhook.secret;
        return stores.webhooks.create(webhook, limit);
      },
    };
    const { secret } = await createWebhook({ ...ports, webhooks }, { orgId, settings: settings(), secret: SECRET, by });
    expect(secret).toBe(SECRET);
    expect(stored).toMatchObject({ kind: 'whsec', text: SECRET, hint: SECRET.slice(-4) });
  });

  it.each([
    ['without its prefix', Buffer.alloc(32).toString('base64')],
    ['that is too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['that is too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['that is not base64', 'whsec_not base64 at all, not base64 at all'],
  ])('refuses a secret %s, without repeating it', async (_, secret) => {
    const refused = await failureOf(createWebhook(ports, { orgId, settings: settings(), secret, by }));
    expect(refused).toMatchObject({ code: 'secret_invalid', problems: [{ field: 'secret' }] });
    expect(JSON.stringify([refused.message, refused.problems])).not.toContain(secret);
  });
});

describe('changing a webhook', () => {
  it('checks what comes of the change, and leaves the webhook alone when it is refused', async () => {
    const { webhook } = await create();
    const change = changeWebhook(ports, { ...webhook, by }, (now) => ({
      ...now,
      name: 'new',
      url: 'https://inside.example/',
    }));
    await expect(change).rejects.toMatchObject({ code: 'url_not_allowed', problems: [{ field: 'url' }] });
    expect(await stores.webhooks.get(orgId, webhook.id)).toEqual(webhook);
  });

  it('sees the settings as they are and writes what it makes of them', async () => {
    const { webhook } = await create({ events: ['a.*'] });
    const changed = await changeWebhook(ports, { ...webhook, by }, (now) => ({
      ...now,
      events: [...now.events, 'b.*'],
    }));
    expect(changed.events).toEqual(['a.*', 'b.*']);
  });

  it('of another org is as unknown as one that never was', async () => {
    const { webhook } = await create();
    const other = { orgId: (await newOrg(stores)).id, id: webhook.id, by };
    await expect(changeWebhook(ports, other, (now) => now)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('rotating the secret', () => {
  it('makes the new one the newest and shows it', async () => {
    const { webhook } = await create();
    const rotated = await rotateSecret(ports, { ...webhook, by }, { secret: SECRET, overlapMs: 60_000 });
    expect(rotated).toMatchObject({ secret: SECRET, webhook: { secretHint: SECRET.slice(-4) } });
  });

  it('refuses more secrets than may be valid at once', async () => {
    const { webhook } = await create();
    const rotation = { secret: null, overlapMs: 60_000 };
    for (let count = 1; count < 10; count++) await rotateSecret(ports, { ...webhook, by }, rotation);
    await expect(rotateSecret(ports, { ...webhook, by }, rotation)).rejects.toMatchObject({ code: 'too_many_secrets' });
  });

  it('of an unknown webhook finds none', async () => {
    const unknown = { orgId, id: ports.ids.next('wh'), by };
    const rotation = rotateSecret(ports, unknown, { secret: null, overlapMs: 0 });
    await expect(rotation).rejects.toMatchObject({ code: 'not_found' });
  });
});

function create(changed: Partial<WebhookSettings> = {}): ReturnType<typeof createWebhook> {
  return createWebhook(ports, { orgId, settings: settings(changed), secret: null, by });
}

async function problemsOf(refused: Promise<unknown>): Promise<readonly { field: string }[]> {
  return (await failureOf(refused)).problems ?? [];
}

async function failureOf(refused: Promise<unknown>): Promise<DomainError> {
  const failure: unknown = await refused.catch((error: unknown) => error);
  if (!(failure instanceof DomainError)) return expect.fail('it was not refused');
  return failure;
}
