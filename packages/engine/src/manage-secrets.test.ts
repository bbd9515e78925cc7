import { beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../../test/conformance/stores.ts';
import { by, newOrg, settings } from '../../../test/conformance/stores.ts';
import { createMemoryStores } from '../../../test/support/memory/stores.ts';
import type { ChangedWebhook } from './audit.ts';
import { createIdFactory } from './ids.ts';
import { expireSecret, rotateSecret } from './manage-secrets.ts';
import type { ManagePorts } from './manage-webhooks.ts';
import { changeWebhook, createWebhook } from './manage-webhooks.ts';
import type { SecretWish } from './new-secret.ts';
import type { WebhookSettings } from './webhooks.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

let stores: Stores;
let ports: ManagePorts;

beforeEach(async () => {
  stores = await createMemoryStores();
  ports = {
    webhooks: stores.webhooks,
    guard: { check: (url) => ({ url }), takes: () => true },
    ids: createIdFactory(),
    limits: { webhooksPerOrg: 2, webhooksPerHost: 2 },
    allowInsecureTls: false,
    clock: Date.now,
  };
});

describe('rotating the secret', () => {
  it('puts the new one into use and shows it, beside the old one', async () => {
    const webhook = await newWebhook();
    const rotated = await rotate(webhook, hmac(SECRET, 'new'));
    expect(rotated.secret).toBe(SECRET);
    expect(rotated.webhook.secrets).toMatchObject([
      { hint: SECRET.slice(-4), tag: 'new', expiresAt: null },
      { tag: null, expiresAt: expect.any(Date) },
    ]);
  });

  it('refuses more secrets than may be valid at once', async () => {
    const webhook = await newWebhook();
    for (let count = 1; count < 10; count++) await rotate(webhook, hmac());
    await expect(rotate(webhook, hmac())).rejects.toMatchObject({ code: 'too_many_secrets' });
    expect((await rotate(webhook, hmac(), 0)).webhook.secrets).toHaveLength(1);
  });

  it('of an unknown webhook finds none', async () => {
    const { orgId } = await newWebhook();
    const unknown = { orgId, id: ports.ids.next('wh'), by };
    await expect(rotate(unknown, hmac())).rejects.toMatchObject({ code: 'not_found' });
  });

  it('refuses a secret that the profile of the webhook cannot use', async () => {
    const standard = await newWebhook();
    const refused = (field: string) => ({ code: 'secret_invalid', problems: [{ field }] });
    await expect(rotate(standard, hmac('a text'))).rejects.toMatchObject(refused('secret'));
    const github = await newWebhook({ profile: 'github' });
    await expect(rotate(github, { kind: 'ed25519', tag: null })).rejects.toMatchObject(refused('secret_kind'));
    expect(await rotate(github, hmac('a text'))).toMatchObject({ secret: 'a text' });
  });

  it('goes over to a pair of keys, and back', async () => {
    const webhook = await newWebhook();
    const rotated = await rotate(webhook, { kind: 'ed25519', tag: null });
    expect(rotated.secret).toBeNull();
    expect(rotated.webhook.secrets.map(({ kind }) => kind)).toEqual(['ed25519', 'whsec']);
    expect((await rotate(webhook, hmac())).webhook.secrets.map(({ kind }) => kind)).toEqual([
      'whsec',
      'ed25519',
      'whsec',
    ]);
  });

  it('refuses a tag that names another valid secret, unless that ends in the same moment', async () => {
    const webhook = await newWebhook();
    await rotate(webhook, hmac(null, 'mine'));
    const refused = { code: 'invalid_field', problems: [{ field: 'tag' }] };
    await expect(rotate(webhook, hmac(null, 'mine'))).rejects.toMatchObject(refused);
    expect((await rotate(webhook, hmac(null, 'mine'), 0)).webhook.secrets).toMatchObject([{ tag: 'mine' }]);
  });
});

describe('expiring a secret', () => {
  it('ends one that was replaced before its time', async () => {
    const webhook = await newWebhook();
    const [old] = (await stores.webhooks.get(webhook.orgId, webhook.id))?.secrets ?? [];
    await rotate(webhook, hmac(SECRET));
    const id = old?.id ?? expect.fail('no secret');
    const { secrets } = await expireSecret(ports, webhook, id);
    expect(secrets).toMatchObject([{ hint: SECRET.slice(-4) }]);
    await expect(expireSecret(ports, webhook, id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('leaves the one in use alone for as long as the webhook is signed for', async () => {
    const webhook = await newWebhook();
    const [inUse] = (await stores.webhooks.get(webhook.orgId, webhook.id))?.secrets ?? [];
    const id = inUse?.id ?? expect.fail('no secret');
    await expect(expireSecret(ports, webhook, id)).rejects.toMatchObject({ code: 'secret_in_use' });
    await changeWebhook(ports, webhook, (now) => ({ ...now, signing: false }));
    expect((await expireSecret(ports, webhook, id)).secrets).toEqual([]);
  });
});

async function newWebhook(changed: Partial<WebhookSettings> = {}): Promise<ChangedWebhook> {
  const { id: orgId } = await newOrg(stores);
  const { webhook } = await createWebhook(ports, { orgId, settings: settings(changed), secret: hmac(), by });
  return { orgId, id: webhook.id, by };
}

function rotate(webhook: ChangedWebhook, wish: SecretWish, overlapMs = 60_000): ReturnType<typeof rotateSecret> {
  return rotateSecret(ports, webhook, { wish, overlapMs });
}

function hmac(text: string | null = null, tag: string | null = null): SecretWish {
  return { kind: 'hmac', text, tag };
}
