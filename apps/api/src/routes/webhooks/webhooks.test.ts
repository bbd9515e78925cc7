import { keyFromSecret } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { fixture } from '../../../../../test/support/certificates.ts';
import type { TestApi } from '../../../test/api.ts';
import { startApi, strangeId } from '../../../test/api.ts';

const WEBHOOKS = '/v1/orgs/acme/webhooks';
const MINIMAL = { url: 'https://hooks.example.com/in?x=1', events: ['invoice.*'] };
let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

const create = async (body: object = {}) => api.call('POST', WEBHOOKS, { body: { ...MINIMAL, ping: false, ...body } });

describe('creating a webhook', () => {
  it('needs a URL and events; the answer has all the defaults and the secret', async () => {
    const response = await create();
    expect(response.statusCode).toBe(201);
    const { id, secret, ...webhook } = response.json();
    expect(id).toMatch(/^wh_[0-9a-z]{26}$/);
    expect(keyFromSecret(secret)).toHaveLength(32);
    expect(webhook).toEqual({
      number: 1,
      name: 'hooks.example.com',
      description: null,
      url: 'https://hooks.example.com/in?x=1',
      events: ['invoice.*'],
      filters: null,
      headers: {},
      auth: null,
      verify_tls: true,
      ca_bundle: null,
      client_certificate: null,
      profile: 'standard',
      content_type: 'json',
      signing: true,
      enabled: true,
      suspended: null,
      paused: null,
      active: true,
      failure_policy: {
        retry_on: ['1xx', '3xx', '4xx', '5xx', 'timeout', 'network'],
        retry: { kind: 'exponential', interval_ms: 5000, factor: 4, cap_ms: 86_400_000, max_attempts: 11 },
        expire_after_ms: null,
        suspend: { after_failures: 20, after_ms: 3_600_000 },
        divert: true,
        alert_url: null,
      },
      timeout_ms: 15_000,
      rate_limit: null,
      max_in_flight: null,
      tag: null,
      secret_hint: secret.slice(-4),
      public_key: null,
      last_delivery: null,
      version: 1,
      created_at: '2026-01-02T03:04:05.000Z',
      updated_at: '2026-01-02T03:04:05.000Z',
    });
  });

  it('takes everything there is, and hides what is sensitive', async () => {
    const settings = {
      name: 'Billing',
      description: 'line\nline',
      events: ['a', 'b.*'],
      filters: { region: ['eu', 'us'], constructor: ['x'] },
      headers: { 'X-Tenant': 'acme', Authorization: 'Bearer s3cret', 'x-many': ['1', '2'], 'x-api-key': ['k1', 'k2'] },
      enabled: false,
      failure_policy: {
        retry_on: ['5xx', '404', 'timeout'],
        retry: { kind: 'list', delays_ms: [10, 604_800_000] },
        expire_after_ms: 60_000,
        suspend: null,
        divert: false,
      },
      timeout_ms: 30_000,
    };
    const response = await create({ ...settings, secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` });
    expect(response.json()).toMatchObject({
      ...settings,
      headers: {
        'x-tenant': 'acme',
        authorization: '********',
        'x-many': ['1', '2'],
        'x-api-key': ['********', '********'],
      },
      active: false,
    });
    expect(api.ports.webhooks.all[0]?.headers).toMatchObject({
      authorization: ['Bearer s3cret'],
      'x-api-key': ['k1', 'k2'],
    });
    const shown = await api.call('GET', `${WEBHOOKS}/${response.json().id}`);
    expect(shown.json()).not.toHaveProperty('secret');
    expect(shown.body).not.toContain('s3cret');
    expect(JSON.stringify(api.log)).not.toContain('s3cret');
  });

  it('drops events named twice', async () => {
    expect((await create({ events: ['a', 'b', 'a'] })).json().events).toEqual(['a', 'b']);
  });

  it.each([
    [{ kind: 'none' }, { kind: 'none' }],
    [{ kind: 'linear' }, { kind: 'linear', interval_ms: 5000, cap_ms: 86_400_000, max_attempts: 11 }],
    [
      { kind: 'exponential', factor: 1.5, max_attempts: 50 },
      { kind: 'exponential', interval_ms: 5000, factor: 1.5, cap_ms: 86_400_000, max_attempts: 50 },
    ],
  ])('fills the retry policy %j', async (retry, filled) => {
    expect((await create({ failure_policy: { retry } })).json().failure_policy.retry).toEqual(filled);
  });

  it('pings it, unless told not to or not enabled', async () => {
    await create({ ping: true });
    expect(api.ports.events.drafts).toMatchObject([{ origin: 'ping', publication: { type: 'ping' } }]);
    await create({ ping: false });
    await create({ ping: true, enabled: false });
    expect(api.ports.events.drafts).toHaveLength(1);
  });

  it('succeeds although the ping fails', async () => {
    api.ports.events.failure = new RangeError('no');
    expect((await create({ ping: true })).statusCode).toBe(201);
    expect(api.ports.faults).toEqual([api.ports.events.failure]);
  });

  it('stops at the limit of the org', async () => {
    for (let n = 0; n < 3; n++) await create();
    const response = await create();
    expect([response.statusCode, response.json().code]).toEqual([409, 'webhook_limit_reached']);
  });
});

describe('a webhook that is not valid', () => {
  it.each([
    ['url', { url: undefined }],
    ['events', { events: undefined }],
    ['events', { events: [] }],
    ['events', { events: Array.from({ length: 33 }, (_, n) => `e${n}`) }],
    ['events.1', { events: ['a', 'b*'] }],
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(129) }],
    ['name', { name: 'a\nb' }],
    ['description', { description: 'a\0b' }],
    ['description', { description: '\ud800' }],
    ['filters.region', { filters: { region: 'eu' } }],
    ['filters.region', { filters: { region: [] } }],
    ['filters.a b', { filters: { 'a b': ['x'] } }],
    ['filters', { filters: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`n${n}`, ['x']])) }],
    ['headers.x', { headers: { x: 1 } }],
    ['enabled', { enabled: 'yes' }],
    ['timeout_ms', { timeout_ms: 999 }],
    ['timeout_ms', { timeout_ms: 30_001 }],
    ['timeout_ms', { timeout_ms: 1000.5 }],
    ['ping', { ping: 1 }],
    ['secret', { secret: 7 }],
    ['signing', { secret: null, signing: true }],
    ['secret_kind', { secret_kind: 'rsa' }],
    ['secret', { secret_kind: 'ed25519', secret: 'whsec_a' }],
    ['tag', { tag: '' }],
    ['profile', { profile: 'gitlab' }],
    ['content_type', { content_type: 'xml' }],
    ['auth', { auth: 'user:password' }],
    ['auth.username', { auth: { username: 'a:b', password: '' } }],
    ['auth.password', { auth: { username: 'a', password: '********' } }],
    ['failure_policy.retry_on.0', { failure_policy: { retry_on: ['2xx'] } }],
    ['failure_policy.retry_on.0', { failure_policy: { retry_on: ['204'] } }],
    ['failure_policy.retry.kind', { failure_policy: { retry: { kind: 'random' } } }],
    ['failure_policy.retry.interval_ms', { failure_policy: { retry: { kind: 'linear', interval_ms: 9 } } }],
    ['failure_policy.retry.cap_ms', { failure_policy: { retry: { kind: 'linear', cap_ms: 604_800_001 } } }],
    ['failure_policy.retry.factor', { failure_policy: { retry: { kind: 'exponential', factor: 11 } } }],
    ['failure_policy.retry.max_attempts', { failure_policy: { retry: { kind: 'exponential', max_attempts: 51 } } }],
    ['failure_policy.retry.max_attempts', { failure_policy: { retry: { kind: 'exponential', max_attempts: 0 } } }],
    [
      'failure_policy.retry.delays_ms',
      { failure_policy: { retry: { kind: 'list', delays_ms: new Array(51).fill(10) } } },
    ],
    ['failure_policy.suspend.after_failures', { failure_policy: { suspend: { after_failures: 10_001, after_ms: 0 } } }],
    [
      'failure_policy.suspend.after_ms',
      { failure_policy: { suspend: { after_failures: 1, after_ms: 2_592_000_001 } } },
    ],
    ['failure_policy.expire_after_ms', { failure_policy: { expire_after_ms: -1 } }],
    ['headers.Authorization', { headers: { Authorization: '********' } }],
  ])('has its field %s named: %j', async (field, change) => {
    const response = await create(change);
    expect([response.statusCode, response.json().code]).toEqual([422, 'invalid_field']);
    expect(response.json().errors).toEqual([{ field, message: expect.any(String) }]);
    expect(api.ports.webhooks.all).toEqual([]);
  });

  it('says that a field is required where it is missing', async () => {
    const response = await api.call('POST', WEBHOOKS, { body: {} });
    expect(response.json().errors).toEqual([
      { field: 'url', message: 'This field is required.' },
      { field: 'events', message: 'This field is required.' },
    ]);
  });

  it('has all unknown fields named, at whatever depth', async () => {
    const policy = { retries: 1, retry: { kind: 'none', factor: 2 }, suspend: { after: 1 } };
    const response = await create({ webhook: 1, failure_policy: policy });
    expect([response.statusCode, response.json().code]).toEqual([422, 'unknown_field']);
    const fields = response.json().errors.map((one: { field: string }) => one.field);
    expect(fields.sort()).toEqual([
      'failure_policy.retries',
      'failure_policy.retry.factor',
      'failure_policy.suspend.after',
      'webhook',
    ]);
  });

  it.each(['{"__proto__":{"url":"x"}}', '{"headers":{"__proto__":"x"}}', '{"filters":{"\\u005f_proto__":["x"]}}'])(
    'has keys of the prototype refused: %s',
    async (raw) => {
      const response = await api.call('POST', WEBHOOKS, { raw });
      expect([response.statusCode, response.json().code]).toEqual([422, 'unknown_field']);
      expect(response.json().errors[0].field).toMatch(/__proto__$/);
    },
  );

  it.each(['http://example.com/', 'https://localhost/', 'https://u:p@example.com/', 'ftp://x', 'nonsense', ''])(
    'has its URL %j refused',
    async (url) => {
      const response = await create({ url });
      expect([response.statusCode, response.json().code]).toEqual([422, 'url_not_allowed']);
      expect(response.json().errors).toEqual([{ field: 'url', message: expect.any(String) }]);
    },
  );

  it.each([
    { host: 'x' },
    { 'Webhook-Signature': 'x' },
    { 'x-a\r\nx-b': 'x' },
    { 'x-a': 'x\r\nx-b: y' },
    { 'x-a': ['x', 'y\n'] },
    { 'x-a': [] },
    { 'x-a': '1', 'X-A': '2' },
  ])('has its headers %j refused', async (headers) => {
    const response = await create({ headers });
    expect([response.statusCode, response.json().code]).toEqual([422, 'header_not_allowed']);
  });

  it.each(['x', 'whsec_', 'whsec_short', `whsec_${'A'.repeat(100)}`])(
    'has its secret %j refused, unquoted',
    async (secret) => {
      const response = await create({ secret });
      expect([response.statusCode, response.json().code]).toEqual([422, 'secret_invalid']);
      expect(response.json().errors[0].field).toBe('secret');
      expect(response.body).not.toContain('AAAA');
    },
  );

  it.each([
    ['{"url":', '400 malformed_json'],
    ['"text"', '400 malformed_json'],
    ['null', '400 malformed_json'],
    ['[]', '400 malformed_json'],
    ['', '400 malformed_json'],
    [Buffer.from('{"name":"\xff"}', 'latin1'), '400 malformed_json'],
    [`{"filters":${'['.repeat(40)}${']'.repeat(40)}}`, '422 payload_too_deep'],
    [`{"name":"${'x'.repeat(300_000)}"}`, '413 body_too_large'],
  ])('is refused as no body: %.30s', async (raw, answer) => {
    const response = await api.call('POST', WEBHOOKS, { raw });
    expect(`${response.statusCode} ${response.json().code}`).toBe(answer);
  });
});

describe('listing webhooks', () => {
  it('shows them without secrets', async () => {
    await create();
    const response = await api.call('GET', WEBHOOKS);
    expect(response.json()).toMatchObject({ data: [{ name: 'hooks.example.com' }], next_cursor: null });
    expect(response.body).not.toContain('whsec_');
    expect(api.ports.webhooks.lastFilter).toMatchObject({ sort: 'created_at', direction: 'desc' });
  });

  it('passes the filters on', async () => {
    const query = 'sort=name&direction=asc&name=x&enabled=true&suspended=false&active=true&event_type=a&event_type=b.*';
    expect((await api.call('GET', `${WEBHOOKS}?${query}`)).statusCode).toBe(200);
    expect(api.ports.webhooks.lastFilter).toEqual({
      sort: 'name',
      direction: 'asc',
      name: 'x',
      enabled: true,
      suspended: false,
      active: true,
      eventTypes: ['a', 'b.*'],
    });
    await api.call('GET', `${WEBHOOKS}?event_type=a`);
    expect(api.ports.webhooks.lastFilter?.eventTypes).toEqual(['a']);
  });

  it.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=101'],
    ['limit', 'limit=x'],
    ['limit', 'limit=1&limit=2'],
    ['cursor', 'cursor='],
    ['sort', 'sort=url'],
    ['direction', 'direction=up'],
    ['enabled', 'enabled=1'],
    ['event_type.0', 'event_type=a%20b'],
  ])('names the query field %s of %s', async (field, query) => {
    const response = await api.call('GET', `${WEBHOOKS}?${query}`);
    expect([response.statusCode, response.json().code]).toEqual([422, 'invalid_field']);
    expect(response.json().errors[0].field).toBe(field);
  });

  it('refuses unknown query fields', async () => {
    const response = await api.call('GET', `${WEBHOOKS}?evnt_type=a&__proto__=1`);
    expect(response.json()).toMatchObject({ status: 422, code: 'unknown_field' });
  });
});

describe('changing a webhook', () => {
  const FULL = {
    name: 'Old',
    description: 'd',
    events: ['a', 'b'],
    filters: { region: ['eu'] },
    headers: { 'x-tenant': 'acme', authorization: 'Bearer old', 'x-api-key': ['k1', 'k2'] },
  };
  let path = '';
  const patch = (body: object) => api.call('PATCH', path, { body });
  const stored = () => api.ports.webhooks.all[0];

  beforeEach(async () => {
    path = `${WEBHOOKS}/${(await create(FULL)).json().id}`;
  });

  it('leaves everything that is not named', async () => {
    const before = { ...stored() };
    const response = await patch({});
    expect(response.statusCode).toBe(200);
    expect(stored()).toEqual(before);
    expect(response.json()).not.toHaveProperty('secret');
  });

  it('replaces what is named', async () => {
    await patch({
      name: 'New',
      description: null,
      filters: null,
      url: 'https://new.example.com',
      enabled: false,
      timeout_ms: 1000,
    });
    expect(stored()).toMatchObject({
      name: 'New',
      description: null,
      filters: null,
      url: 'https://new.example.com/',
      enabled: false,
      timeoutMs: 1000,
      events: ['a', 'b'],
    });
    await patch({ name: null, events: ['c'] });
    expect(stored()).toMatchObject({ name: 'new.example.com', events: ['c'] });
  });

  it('merges the failure policy one level deep', async () => {
    await patch({ failure_policy: { retry: { kind: 'none' }, divert: false } });
    await patch({ failure_policy: { suspend: null, expire_after_ms: 5000 } });
    expect(stored()?.failurePolicy).toMatchObject({
      retryOn: ['1xx', '3xx', '4xx', '5xx', 'timeout', 'network'],
      retry: { kind: 'none' },
      expireAfterMs: 5000,
      suspend: null,
      divert: false,
    });
    await patch({ failure_policy: { expire_after_ms: null, suspend: {} } });
    expect(stored()?.failurePolicy).toMatchObject({
      expireAfterMs: null,
      suspend: { afterFailures: 20, afterMs: 3_600_000 },
    });
  });

  it('adds and removes events, removals first', async () => {
    await patch({ add_events: ['c', 'a', 'b'], remove_events: ['b', 'zzz'] });
    expect(stored()?.events).toEqual(['a', 'c', 'b']);
  });

  it('keeps between 1 and 32 events', async () => {
    const none = await patch({ remove_events: ['a', 'b'] });
    expect(none.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field: 'remove_events' }] });
    const many = await patch({ add_events: Array.from({ length: 31 }, (_, n) => `e${n}`) });
    expect(many.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field: 'add_events' }] });
    expect(stored()?.events).toEqual(['a', 'b']);
  });

  it('takes masked values for the ones there are', async () => {
    const shown = (await api.call('GET', path)).json().headers;
    await patch({ headers: { ...shown, 'x-tenant': 'other' } });
    expect(stored()?.headers).toEqual({
      'x-tenant': ['other'],
      authorization: ['Bearer old'],
      'x-api-key': ['k1', 'k2'],
    });
    await patch({ headers: { 'x-api-key': ['new', '********'] } });
    expect(stored()?.headers).toEqual({ 'x-api-key': ['new', 'k2'] });
  });

  it('refuses a masked value that hides nothing', async () => {
    for (const headers of [{ 'x-auth': '********' }, { 'x-api-key': ['********', '********', '********'] }]) {
      expect((await patch({ headers })).json()).toMatchObject({ status: 422, code: 'invalid_field' });
    }
    await patch({ headers: { 'x-tenant': '********' } });
    expect(stored()?.headers).toEqual({ 'x-tenant': ['********'] });
  });

  it('adds and removes headers in any case, removals first, additions winning', async () => {
    await patch({
      add_headers: { 'X-Tenant': 'new', 'x-more': ['1', '2'] },
      remove_headers: ['X-Tenant', 'Authorization', 'x-no'],
    });
    expect(stored()?.headers).toEqual({ 'x-tenant': ['new'], 'x-more': ['1', '2'], 'x-api-key': ['k1', 'k2'] });
    await patch({ add_headers: { 'X-TENANT': 'newer' } });
    expect(stored()?.headers['x-tenant']).toEqual(['newer']);
    const refused = await patch({ add_headers: { host: 'x' } });
    expect(refused.json().code).toBe('header_not_allowed');
  });

  it.each([
    ['add_events', { events: ['a'], add_events: ['b'] }],
    ['remove_events', { events: ['a'], remove_events: ['b'] }],
    ['add_headers', { headers: {}, add_headers: { a: 'b' } }],
    ['remove_headers', { headers: {}, remove_headers: ['b'] }],
  ])('refuses %s beside the whole list', async (field, body) => {
    expect((await patch(body)).json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field }] });
  });

  it.each([{ secret: 'x' }, { suspended: null }, { id: 'x' }, { ping: true }])(
    'refuses what it cannot change: %j',
    async (body) => {
      expect((await patch(body)).json()).toMatchObject({ status: 422, code: 'unknown_field' });
    },
  );

  it('checks the result like a new one', async () => {
    expect((await patch({ url: 'http://example.com' })).json().code).toBe('url_not_allowed');
    expect(stored()?.url).toBe(MINIMAL.url);
  });
});

describe('deleting a webhook', () => {
  it('answers 204, and then it is unknown', async () => {
    const path = `${WEBHOOKS}/${(await create()).json().id}`;
    const response = await api.call('DELETE', path);
    expect([response.statusCode, response.body]).toEqual([204, '']);
    expect((await api.call('DELETE', path)).json().code).toBe('not_found');
    expect((await api.call('GET', path)).json().code).toBe('not_found');
    expect((await api.call('PATCH', `${WEBHOOKS}/${strangeId(api.ports, 'wh')}`, { body: {} })).statusCode).toBe(404);
  });
});

describe('a webhook as its user saw it', () => {
  const NAME = { name: 'x' };
  let path = '';

  beforeEach(async () => {
    path = `${WEBHOOKS}/${(await create()).json().id}`;
  });

  const withMatch = (method: 'PATCH' | 'DELETE', etag: string) =>
    api.call(method, path, { ...(method === 'PATCH' && { body: NAME }), headers: { 'if-match': etag } });

  it('is named by the ETag of every answer that shows it', async () => {
    expect((await create()).headers['etag']).toBe('"1"');
    expect((await api.call('GET', path)).headers['etag']).toBe('"1"');
    expect((await api.call('PATCH', path, { body: NAME })).headers['etag']).toBe('"2"');
    expect((await api.call('GET', path)).headers['etag']).toBe('"2"');
  });

  it('is changed and deleted only while it is as expected', async () => {
    const stale = await withMatch('PATCH', '"2"');
    expect(stale.json()).toMatchObject({ status: 412, code: 'precondition_failed' });
    expect((await withMatch('PATCH', 'W/"1"')).statusCode).toBe(412);
    expect((await withMatch('PATCH', '"1"')).statusCode).toBe(200);
    expect((await withMatch('DELETE', '"1"')).statusCode).toBe(412);
    expect((await withMatch('DELETE', '"1", "2"')).statusCode).toBe(204);
    expect((await withMatch('DELETE', '"2"')).statusCode).toBe(404);
  });

  it.each(['1', '', '"a', `"${'x'.repeat(1023)}"`])('cannot be expected to be %j', async (etag) => {
    const response = await withMatch('PATCH', etag);
    expect(response.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field: 'if-match' }] });
  });
});

describe('user name and password', () => {
  const auth = { username: 'us', password: 's3cret' };

  it('are taken, and shown without the password', async () => {
    const response = await create({ auth });
    expect(response.json().auth).toEqual({ username: 'us', password: '********' });
    expect(api.ports.webhooks.all[0]?.auth).toEqual(auth);
  });

  it('are changed, kept where the password is a mask, and taken away', async () => {
    const path = `${WEBHOOKS}/${(await create({ auth })).json().id}`;
    const patch = (body: object) => api.call('PATCH', path, { body });
    await patch({ name: 'other' });
    expect(api.ports.webhooks.all[0]?.auth).toEqual(auth);
    await patch({ auth: { username: 'them', password: '********' } });
    expect(api.ports.webhooks.all[0]?.auth).toEqual({ username: 'them', password: 's3cret' });
    await patch({ auth: null });
    expect(api.ports.webhooks.all[0]?.auth).toBeNull();
  });
});

describe('TLS', () => {
  const own = { certificate: fixture('client-a-cert'), key: fixture('client-a-key') };
  const facts = (subject: string) => ({
    subject,
    fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    not_after: expect.stringMatching(/^21\d\d-/),
  });

  it('takes authorities and a client certificate, and shows all but the key', async () => {
    const ca = fixture('authority-cert') + fixture('self-signed-cert');
    const response = await create({ ca_bundle: ca, client_certificate: own });
    expect(response.json()).toMatchObject({
      verify_tls: true,
      ca_bundle: [facts('CN=Hooklane Test Authority'), facts('CN=Hooklane test receiver')],
      client_certificate: facts('CN=client-a'),
    });
    expect(response.body).not.toContain('PRIVATE');
    expect(api.ports.webhooks.all[0]).toMatchObject({ caBundle: { pem: ca }, clientCertificate: own });
  });

  it('is changed field by field, and back to the usual', async () => {
    const path = `${WEBHOOKS}/${(await create({ client_certificate: own })).json().id}`;
    const patch = async (body: object) => (await api.call('PATCH', path, { body })).json();
    expect(await patch({ ca_bundle: fixture('authority-cert') })).toMatchObject({
      client_certificate: facts('CN=client-a'),
      ca_bundle: [{}],
    });
    const nothing = { ca_bundle: null, client_certificate: null };
    expect(await patch(nothing)).toMatchObject({ ...nothing, verify_tls: true });
  });

  it('is turned off where the operator permits it, and stays so until it is turned on', async () => {
    api.ports.allowInsecureTls = true;
    const response = await create({ verify_tls: false });
    expect(response.json().verify_tls).toBe(false);
    api.ports.allowInsecureTls = false;
    const path = `${WEBHOOKS}/${response.json().id}`;
    const patch = (body: object) => api.call('PATCH', path, { body });
    expect((await patch({ name: 'other' })).json().verify_tls).toBe(false);
    expect((await patch({ verify_tls: true })).json().verify_tls).toBe(true);
    expect((await patch({ verify_tls: false })).json()).toMatchObject({ errors: [{ field: 'verify_tls' }] });
  });

  it.each([
    ['verify_tls', { verify_tls: false }],
    ['verify_tls', { verify_tls: null }],
    ['ca_bundle', { ca_bundle: fixture('expired-cert') }],
    ['ca_bundle', { ca_bundle: fixture('client-a-key') }],
    ['ca_bundle', { ca_bundle: fixture('server-cert').repeat(17) }],
    ['ca_bundle', { ca_bundle: 'x'.repeat(40_000) }],
    ['client_certificate.key', { client_certificate: { ...own, key: fixture('client-b-key') } }],
    ['client_certificate.key', { client_certificate: { certificate: own.certificate } }],
    ['client_certificate.certificate', { client_certificate: { ...own, certificate: 'nonsense' } }],
    ['client_certificate.passphrase', { client_certificate: { ...own, passphrase: 'x' } }],
  ])('is refused with the name of the field %s', async (field, body) => {
    const response = await create(body);
    expect(response.json()).toMatchObject({ status: 422, errors: [{ field }] });
    expect(response.body).not.toContain('PRIVATE KEY');
  });
});

describe('profile and content type', () => {
  it('are taken and changed', async () => {
    const response = await create({ profile: 'github', content_type: 'form' });
    expect(response.json()).toMatchObject({ profile: 'github', content_type: 'form' });
    const path = `${WEBHOOKS}/${response.json().id}`;
    const changed = await api.call('PATCH', path, { body: { profile: 'snyk', content_type: 'json' } });
    expect(changed.json()).toMatchObject({ profile: 'snyk', content_type: 'json' });
  });

  it('do not change to what the secret does not fit', async () => {
    const path = `${WEBHOOKS}/${(await create({ profile: 'github', secret: 'a text' })).json().id}`;
    const refused = await api.call('PATCH', path, { body: { profile: 'standard' } });
    expect(refused.json()).toMatchObject({ status: 422, code: 'secret_invalid', errors: [{ field: 'profile' }] });
  });
});
