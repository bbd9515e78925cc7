import { createHash } from 'node:crypto';
import { SCOPES } from '@hooklane/engine';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../../test/api.ts';
import { OPERATOR_KEY, startApi, strangeId } from '../../../test/api.ts';

let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

const SETTINGS = {
  duplicate_urls: 'allow',
  unknown_event_types: 'allow',
  max_webhooks: null,
  max_webhooks_per_host: null,
  brand: { header_prefix: null, user_agent: null },
  rate_limits: { requests_per_second: null, events_per_second: null },
};

const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown) =>
  api.call(method, url, { key: OPERATOR_KEY, body });

describe('orgs', () => {
  it('are made, shown, listed and deleted by the operator', async () => {
    const created = await call('POST', '/v1/orgs', { slug: 'initech', name: 'Initech Inc.' });
    const org = {
      id: expect.stringMatching(/^org_[0-9a-z]{26}$/),
      slug: 'initech',
      name: 'Initech Inc.',
      settings: SETTINGS,
      paused: null,
      created_at: '2026-01-02T03:04:05.000Z',
    };
    expect([created.statusCode, created.json()]).toEqual([201, org]);
    expect((await call('GET', '/v1/orgs/initech')).json()).toEqual(org);
    const page = (await call('GET', '/v1/orgs?limit=2')).json();
    expect(page).toMatchObject({ data: [{ slug: 'acme' }, { slug: 'globex' }], next_cursor: '2' });
    expect((await call('GET', `/v1/orgs?limit=2&cursor=${page.next_cursor}`)).json()).toEqual({
      data: [org],
      next_cursor: null,
    });
    expect((await call('DELETE', '/v1/orgs/initech')).statusCode).toBe(204);
    expect((await call('GET', '/v1/orgs/initech')).json().code).toBe('not_found');
    expect((await call('DELETE', '/v1/orgs/initech')).json().code).toBe('not_found');
  });

  it('are named by their slug when they have no name', async () => {
    expect((await call('POST', '/v1/orgs', { slug: 'initech' })).json().name).toBe('initech');
  });

  it('have slugs of their own', async () => {
    const response = await call('POST', '/v1/orgs', { slug: 'acme' });
    expect([response.statusCode, response.json().code]).toEqual([409, 'slug_taken']);
  });

  it.each(['', 'A', '-a', 'a b', 'a/b', 'ä', 'x'.repeat(64), 1, null])('refuse the slug %j', async (slug) => {
    const response = await call('POST', '/v1/orgs', { slug });
    expect(response.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field: 'slug' }] });
  });

  it('are shown to their own keys that may read them, and to no other', async () => {
    const key = await api.keyFor(api.acme, ['org:read']);
    expect((await api.call('GET', '/v1/orgs/acme', { key })).json()).toMatchObject({
      slug: 'acme',
      settings: SETTINGS,
    });
    expect((await api.call('GET', '/v1/orgs/globex', { key })).json().code).toBe('not_found');
  });

  it('are changed by the operator: what is named is replaced, what is left out stays', async () => {
    const patch = (body: unknown) => call('PATCH', '/v1/orgs/acme', body);
    const rate_limits = { requests_per_second: 50, events_per_second: null };

    const first = await patch({ settings: { duplicate_urls: 'refuse', rate_limits: { requests_per_second: 50 } } });
    expect([first.statusCode, first.json()]).toMatchObject([
      200,
      { name: 'acme', settings: { ...SETTINGS, duplicate_urls: 'refuse', rate_limits } },
    ]);

    const second = await patch({
      name: 'Acme',
      settings: { max_webhooks: 5, max_webhooks_per_host: 4, rate_limits: { events_per_second: 9 } },
    });
    expect(second.json()).toMatchObject({
      name: 'Acme',
      settings: {
        ...SETTINGS,
        duplicate_urls: 'refuse',
        max_webhooks: 5,
        max_webhooks_per_host: 4,
        rate_limits: { ...rate_limits, events_per_second: 9 },
      },
    });

    const branded = await patch({ settings: { brand: { header_prefix: 'acme' } } });
    const both = await patch({ settings: { brand: { user_agent: 'Acme-Hooks/1 (+https://acme.example)' } } });
    expect(branded.json().settings.brand).toEqual({ header_prefix: 'acme', user_agent: null });
    expect(both.json().settings).toMatchObject({
      max_webhooks: 5,
      max_webhooks_per_host: 4,
      brand: { header_prefix: 'acme', user_agent: 'Acme-Hooks/1 (+https://acme.example)' },
    });

    const cleared = await patch({
      settings: { max_webhooks: null, rate_limits: { requests_per_second: null } },
    });
    expect(cleared.json().settings).toMatchObject({
      max_webhooks: null,
      max_webhooks_per_host: 4,
      rate_limits: { requests_per_second: null, events_per_second: 9 },
    });
    expect((await call('PATCH', '/v1/orgs/nobody', {})).json().code).toBe('not_found');
  });

  it('have new limits at once in the process that set them', async () => {
    const list = () => api.call('GET', '/v1/orgs/acme/webhooks');
    expect((await list()).headers).not.toHaveProperty('ratelimit');
    await call('PATCH', '/v1/orgs/acme', { settings: { rate_limits: { requests_per_second: 1 } } });
    expect([(await list()).statusCode, (await list()).statusCode]).toEqual([200, 429]);
  });

  it.each([
    ['name', { name: '' }],
    ['slug', { slug: 'other' }],
    ['settings.duplicate_urls', { settings: { duplicate_urls: 'maybe' } }],
    ['settings.max_webhooks', { settings: { max_webhooks: 0 } }],
    ['settings.max_webhooks_per_host', { settings: { max_webhooks_per_host: 0 } }],
    ['settings.rate_limits.requests_per_second', { settings: { rate_limits: { requests_per_second: 0.5 } } }],
    ['settings.rate_limits.events_per_second', { settings: { rate_limits: { events_per_second: 0 } } }],
    ['settings.color', { settings: { color: 'red' } }],
    ['settings.brand.header_prefix', { settings: { brand: { header_prefix: 'Acme' } } }],
    ['settings.brand.header_prefix', { settings: { brand: { header_prefix: 'x-forwarded' } } }],
    ['settings.brand.user_agent', { settings: { brand: { user_agent: 'a\r\nb' } } }],
    ['settings.brand.user_agent', { settings: { brand: { user_agent: '' } } }],
  ])('are not changed where %s is wrong', async (field, body) => {
    const response = await call('PATCH', '/v1/orgs/acme', body);
    expect(response.json()).toMatchObject({ status: 422, errors: [{ field }] });
    expect((await call('GET', '/v1/orgs/acme')).json()).toMatchObject({ name: 'acme', settings: SETTINGS });
  });

  it('take their keys with them when they are deleted, at once', async () => {
    expect((await api.call('GET', '/v1/orgs/acme/webhooks')).statusCode).toBe(200);
    await call('DELETE', '/v1/orgs/acme');
    expect((await api.call('GET', '/v1/orgs/acme/webhooks')).statusCode).toBe(401);
  });
});

describe('a slug that is none', () => {
  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/keys'],
    ['POST', '/keys'],
    ['DELETE', '/keys/key_1'],
    ['POST', '/events'],
    ['GET', '/webhooks'],
  ] as const)('names no org, and the store is not asked: %s /v1/orgs/…%s', async (method, rest) => {
    const asked = () => Promise.reject(new TypeError('the store was asked'));
    Object.assign(api.ports.orgs, { bySlug: asked, delete: asked });
    const body = method === 'POST' ? { name: 'x', scopes: ['events:write'] } : undefined;
    for (const slug of ['%00', 'a%00', 'Acme']) {
      expect((await call(method, `/v1/orgs/${slug}${rest}`, body)).json()).toMatchObject({ code: 'not_found' });
    }
  });

  it('is not told to strangers', async () => {
    expect((await api.call('GET', '/v1/orgs/%00/webhooks', { key: null })).statusCode).toBe(401);
    expect((await api.call('GET', '/v1/orgs/%00/webhooks')).json().code).toBe('not_found');
  });
});

describe('keys', () => {
  it('are shown once, when they are made, and stored as a hash', async () => {
    const body = { name: 'ci', scopes: ['events:write', 'events:write'], expires_at: '2999-01-01T00:00:00Z' };
    const created = await call('POST', '/v1/orgs/acme/keys', body);
    expect(created.statusCode).toBe(201);
    const { key, ...shown } = created.json();
    expect(key).toMatch(/^hl_[A-Za-z0-9_-]{43}$/);
    expect(shown).toEqual({
      id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
      name: 'ci',
      hint: key.slice(-4),
      scopes: ['events:write'],
      rate_limits: SETTINGS.rate_limits,
      expires_at: '2999-01-01T00:00:00.000Z',
      last_used_at: null,
      created_at: '2026-01-02T03:04:05.000Z',
    });
    expect(api.ports.keys.all.at(-1)?.hash).toEqual(createHash('sha256').update(key).digest());
    const list = await call('GET', '/v1/orgs/acme/keys');
    expect(list.json().data.at(-1)).toEqual(shown);
    expect(list.body).not.toContain(key);
    expect(JSON.stringify(api.log)).not.toContain(key);
  });

  it('work until they are revoked, and then not once more', async () => {
    const { id, key } = (await call('POST', '/v1/orgs/acme/keys', { name: 'ci', scopes: ['webhooks:list'] })).json();
    expect((await api.call('GET', '/v1/orgs/acme/webhooks', { key })).statusCode).toBe(200);
    expect((await call('DELETE', `/v1/orgs/globex/keys/${id}`)).json().code).toBe('not_found');
    expect((await call('DELETE', `/v1/orgs/acme/keys/${id}`)).statusCode).toBe(204);
    expect((await api.call('GET', '/v1/orgs/acme/webhooks', { key })).statusCode).toBe(401);
    expect((await call('DELETE', `/v1/orgs/acme/keys/${id}`)).json().code).toBe('not_found');
  });

  it('may have limits of their own', async () => {
    const body = { name: 'ci', scopes: ['events:write'], rate_limits: { events_per_second: 20 } };
    const created = (await call('POST', '/v1/orgs/acme/keys', body)).json();
    expect(created.rate_limits).toEqual({ requests_per_second: null, events_per_second: 20 });
  });

  it('are shown one by one, and page by page', async () => {
    await call('POST', '/v1/orgs/acme/keys', { name: 'ci', scopes: ['events:write'] });
    const first = (await call('GET', '/v1/orgs/acme/keys?limit=1')).json();
    const second = (await call('GET', `/v1/orgs/acme/keys?limit=1&cursor=${first.next_cursor}`)).json();
    expect([...first.data, ...second.data].map((key) => key.name)).toEqual(['test', 'ci']);
    expect(second.next_cursor).toBeNull();

    const [key] = second.data;
    expect((await call('GET', `/v1/orgs/acme/keys/${key.id}`)).json()).toEqual(key);
    expect((await call('GET', `/v1/orgs/globex/keys/${key.id}`)).json().code).toBe('not_found');
  });

  it.each([
    ['rate_limits.events_per_second', { name: 'x', scopes: SCOPES, rate_limits: { events_per_second: -1 } }],
    ['name', { scopes: ['events:write'] }],
    ['scopes', { name: 'x', scopes: [] }],
    ['scopes', { name: 'x' }],
    ['scopes.0', { name: 'x', scopes: ['everything'] }],
    ['expires_at', { name: 'x', scopes: SCOPES, expires_at: '2020-01-01T00:00:00Z' }],
    ['expires_at', { name: 'x', scopes: SCOPES, expires_at: 'soon' }],
    ['expires_at', { name: 'x', scopes: SCOPES, expires_at: '9999-12-31T23:59:59-23:59' }],
  ])('are not made where %s is wrong', async (field, body) => {
    const response = await call('POST', '/v1/orgs/acme/keys', body);
    expect(response.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field }] });
    expect(api.ports.keys.all).toHaveLength(2);
  });

  it('are unknown in an org that is', async () => {
    const body = { name: 'x', scopes: ['events:write'] };
    expect((await call('POST', '/v1/orgs/nobody/keys', body)).json().code).toBe('not_found');
    expect((await call('GET', '/v1/orgs/nobody/keys')).json().code).toBe('not_found');
    expect((await call('DELETE', `/v1/orgs/acme/keys/${strangeId(api.ports, 'key')}`)).json().code).toBe('not_found');
  });
});
