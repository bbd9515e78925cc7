import { DomainError, keyFromSecret } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../../test/conformance/stores.ts';
import { by, newOrg, settings } from '../../../test/conformance/stores.ts';
import { createMemoryStores } from '../../../test/support/memory/stores.ts';
import { createIdFactory } from './ids.ts';
import type { ManagePorts } from './manage-webhooks.ts';
import { changeWebhook, createWebhook, deleteWebhook } from './manage-webhooks.ts';
import type { SecretWish } from './new-secret.ts';
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
      takes: () => true,
    },
    ids: createIdFactory(),
    limits: { webhooksPerOrg: 2, webhooksPerHost: 2 },
    allowInsecureTls: false,
    clock: Date.now,
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
      detail: 'The org may have at most 2 webhooks.',
    });
  });

  it('makes a secret of 32 random bytes, and shows it once with its last characters as a hint', async () => {
    const [first, second] = [await create(), await create()];
    const secret = first.secret ?? expect.fail('no secret');
    expect(keyFromSecret(secret)).toHaveLength(32);
    expect(secret).not.toBe(second.secret);
    expect(first.webhook.secrets).toMatchObject([{ kind: 'whsec', hint: secret.slice(-4), expiresAt: null }]);
    expect(JSON.stringify(first.webhook)).not.toContain(secret.slice(6, -4));
  });

  it('takes a secret that is given, and stores it as it is, under its tag', async () => {
    let stored: NewSecret | null = null;
    const webhooks: ManagePorts['webhooks'] = {
      ...stores.webhooks,
      create(webhook, limits) {
        stored = webhook.secret;
        return stores.webhooks.create(webhook, limits);
      },
    };
    const { secret } = await createWith(hmac(SECRET, 'first'), {}, { ...ports, webhooks });
    expect(secret).toBe(SECRET);
    expect(stored).toMatchObject({ kind: 'whsec', text: SECRET, hint: SECRET.slice(-4), tag: 'first' });
  });

  it.each([
    ['without its prefix', Buffer.alloc(32).toString('base64')],
    ['that is too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['that is too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['that is not base64', 'whsec_not base64 at all, not base64 at all'],
  ])('refuses, in the standard profile, a secret %s, without repeating it', async (_, secret) => {
    const refused = await failureOf(createWith(hmac(secret)));
    expect(refused).toMatchObject({ code: 'secret_invalid', problems: [{ field: 'secret' }] });
    expect(JSON.stringify([refused.message, refused.problems])).not.toContain(secret);
  });

  it('takes any text as a secret in the other profiles, but none that is no text', async () => {
    const { secret, webhook } = await createWith(hmac("It's a Secret to Everybody"), { profile: 'github' });
    expect(secret).toBe("It's a Secret to Everybody");
    expect(webhook.secrets).toMatchObject([{ kind: 'text', hint: 'body' }]);
    const refused = createWith(hmac('\0'), { profile: 'github' });
    await expect(refused).rejects.toMatchObject({ code: 'secret_invalid', problems: [{ field: 'secret' }] });
  });

  it('makes a pair of keys of which only the public half is shown, where the profile can carry its signature', async () => {
    const { secret, webhook } = await createWith({ kind: 'ed25519', tag: null });
    expect(secret).toBeNull();
    const [pair] = webhook.secrets;
    expect(pair).toMatchObject({ kind: 'ed25519', publicKey: expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/) });
    expect(pair?.hint).toBe(pair?.publicKey?.slice(-4));
    const refused = createWith({ kind: 'ed25519', tag: null }, { profile: 'snyk' });
    await expect(refused).rejects.toMatchObject({ code: 'secret_invalid', problems: [{ field: 'secret_kind' }] });
  });

  it('without a secret is possible only where nothing is to be signed', async () => {
    await expect(createWith(null)).rejects.toMatchObject({ code: 'invalid_field', problems: [{ field: 'signing' }] });
    const { secret, webhook } = await createWith(null, { signing: false });
    expect([secret, webhook.secrets]).toEqual([null, []]);
  });

  it('refuses a user name that no header could carry, and one beside a header of the same meaning', async () => {
    const auth = { username: 'a:b', password: 's3cret\n' };
    const problems = await problemsOf(create({ auth }));
    expect(problems.map((problem) => problem.field)).toEqual(['auth.username', 'auth.password']);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
    const both = create({ auth: { username: 'a', password: 'b' }, headers: { Authorization: ['Bearer x'] } });
    expect((await problemsOf(both)).map((problem) => problem.field)).toEqual(['auth']);
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

  it('goes on only where the webhook is as its user saw it', async () => {
    const { webhook } = await create();
    const rename = (versions: number[] | null) =>
      changeWebhook(ports, { ...webhook, by, versions }, (now) => ({ ...now, name: `${now.name}+` }));
    await expect(rename([2, 3])).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await rename([3, 1])).toMatchObject({ name: 'orders+', version: 2 });
    await expect(rename([1])).rejects.toMatchObject({ code: 'precondition_failed' });
    await expect(rename([])).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await rename(null)).toMatchObject({ name: 'orders++', version: 3 });
  });

  it('to a profile that its secrets do not fit is refused', async () => {
    const { webhook } = await createWith(hmac('a secret'), { profile: 'github' });
    const become = (profile: 'standard' | 'snyk') =>
      changeWebhook(ports, { ...webhook, by }, (now) => ({ ...now, profile }));
    await expect(become('standard')).rejects.toMatchObject({
      code: 'secret_invalid',
      problems: [{ field: 'profile' }],
    });
    expect(await become('snyk')).toMatchObject({ profile: 'snyk' });
  });

  it('turns signing on only where there is a secret', async () => {
    const { webhook } = await createWith(null, { signing: false });
    const sign = changeWebhook(ports, { ...webhook, by }, (now) => ({ ...now, signing: true }));
    await expect(sign).rejects.toMatchObject({ code: 'invalid_field', problems: [{ field: 'signing' }] });
  });
});

describe('deleting a webhook', () => {
  it('goes on only where the webhook is as its user saw it', async () => {
    const { webhook } = await create();
    const deletion = (versions: number[] | null) => deleteWebhook(ports, { ...webhook, by, versions });
    await expect(deletion([2])).rejects.toMatchObject({ code: 'precondition_failed' });
    await deletion([1]);
    await expect(deletion(null)).rejects.toMatchObject({ code: 'not_found' });
  });
});

function create(changed: Partial<WebhookSettings> = {}): ReturnType<typeof createWebhook> {
  return createWith(hmac(null), changed);
}

function createWith(
  secret: SecretWish | null,
  changed: Partial<WebhookSettings> = {},
  using = ports,
): ReturnType<typeof createWebhook> {
  return createWebhook(using, { orgId, settings: settings(changed), secret, by });
}

function hmac(text: string | null, tag: string | null = null): SecretWish {
  return { kind: 'hmac', text, tag };
}

async function problemsOf(refused: Promise<unknown>): Promise<readonly { field: string }[]> {
  return (await failureOf(refused)).problems ?? [];
}

async function failureOf(refused: Promise<unknown>): Promise<DomainError> {
  const failure: unknown = await refused.catch((error: unknown) => error);
  if (!(failure instanceof DomainError)) return expect.fail('it was not refused');
  return failure;
}
