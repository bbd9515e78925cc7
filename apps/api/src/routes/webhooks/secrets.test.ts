import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../../test/api.ts';
import { startApi, strangeId } from '../../../test/api.ts';

const WEBHOOKS = '/v1/orgs/acme/webhooks';
const MINIMAL = { url: 'https://hooks.example.com/', events: ['*'], ping: false };
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
let api: TestApi;
let path: string;

beforeEach(async () => {
  api = await startApi();
  const created = await create({ secret: SECRET, tag: 'first' });
  path = `${WEBHOOKS}/${created.json().id}/secrets`;
});

const create = (body: object) => api.call('POST', WEBHOOKS, { body: { ...MINIMAL, ...body } });
const rotate = (body: object) => api.call('POST', `${path}/rotate`, { body });
const list = async () => (await api.call('GET', path)).json().data;

describe('the secrets of a webhook', () => {
  it('are listed without what signs, the one in use first', async () => {
    await rotate({ tag: 'second' });
    const response = await api.call('GET', path);
    expect(response.json().next_cursor).toBeNull();
    expect(response.json().data).toMatchObject([
      { tag: 'second', in_use: true, expires_at: null, kind: 'hmac', public_key: null },
      { tag: 'first', in_use: false, expires_at: expect.any(String), hint: SECRET.slice(-4) },
    ]);
    expect(response.body).not.toContain(SECRET.slice(0, -4));
  });

  it('can be a pair of keys, of which the public one is shown, now and later', async () => {
    const response = await rotate({ secret_kind: 'ed25519' });
    const { secret, public_key, secret_hint } = response.json();
    expect([secret, secret_hint]).toEqual([null, public_key.slice(-4)]);
    expect(await list()).toMatchObject([{ kind: 'ed25519', public_key }, { kind: 'hmac' }]);
    expect(response.body).not.toContain('whsk_');
  });

  it('can be expired before their time, but for the one in use', async () => {
    await rotate({});
    const [inUse, old] = await list();
    expect((await api.call('DELETE', `${path}/${inUse.id}`)).json()).toMatchObject({
      status: 409,
      code: 'secret_in_use',
    });
    expect((await api.call('DELETE', `${path}/${old.id}`)).statusCode).toBe(204);
    expect(await list()).toMatchObject([{ id: inUse.id }]);
    expect((await api.call('DELETE', `${path}/${old.id}`)).json().code).toBe('not_found');
    expect((await api.call('DELETE', `${path}/nonsense`)).json().code).toBe('not_found');
    expect((await api.call('GET', `${WEBHOOKS}/${strangeId(api.ports, 'wh')}/secrets`)).statusCode).toBe(404);
  });

  it('are named by the tag on the webhook', async () => {
    const webhook = path.replace('/secrets', '');
    expect((await api.call('GET', webhook)).json()).toMatchObject({ tag: 'first', secret_hint: SECRET.slice(-4) });
    expect((await rotate({})).json().tag).toBeNull();
    expect((await rotate({ tag: 'third' })).json().tag).toBe('third');
    expect((await rotate({ tag: 'third' })).json()).toMatchObject({
      code: 'invalid_field',
      errors: [{ field: 'tag' }],
    });
  });

  it('are any text where the profile takes it', async () => {
    const { secret, profile } = (await create({ profile: 'github', secret: "It's a Secret to Everybody" })).json();
    expect([secret, profile]).toEqual(["It's a Secret to Everybody", 'github']);
    const refused = (await create({ secret: "It's a Secret to Everybody" })).json();
    expect(refused).toMatchObject({ status: 422, code: 'secret_invalid', errors: [{ field: 'secret' }] });
    expect((await create({ profile: 'socket', secret_kind: 'ed25519' })).json()).toMatchObject({
      code: 'secret_invalid',
      errors: [{ field: 'secret_kind' }],
    });
  });
});

describe('signing', () => {
  it('is off where there is no secret, and cannot be turned on until there is', async () => {
    const created = (await create({ secret: null })).json();
    expect(created).toMatchObject({ signing: false, secret: null, secret_hint: null, tag: null });
    const patch = () => api.call('PATCH', `${WEBHOOKS}/${created.id}`, { body: { signing: true } });
    expect((await patch()).json()).toMatchObject({ code: 'invalid_field', errors: [{ field: 'signing' }] });
    await api.call('POST', `${WEBHOOKS}/${created.id}/secrets/rotate`);
    expect((await patch()).json()).toMatchObject({ signing: true });
  });

  it('can be turned off with the secret kept', async () => {
    const created = (await create({ signing: false })).json();
    expect(created).toMatchObject({ signing: false, secret: expect.stringMatching(/^whsec_/) });
  });
});
