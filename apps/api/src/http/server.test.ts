import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../test/api.ts';
import { OPERATOR_KEY, startApi } from '../../test/api.ts';

let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

afterEach(() => api.app.close());

describe('every answer', () => {
  it('names its request and forbids caching, sniffing and framing', async () => {
    for (const url of ['/healthz', '/nowhere', '/v1/orgs']) {
      const { headers } = await api.call('GET', url);
      expect(headers).toMatchObject({
        'x-request-id': expect.stringMatching(/^req_[0-9a-f]{32}$/),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
      });
    }
  });

  it('takes no request id from outside', async () => {
    const { headers } = await api.call('GET', '/healthz', {
      headers: { 'x-request-id': 'forged', 'request-id': 'forged' },
    });
    expect(headers['x-request-id']).not.toBe('forged');
  });
});

describe('an error', () => {
  it('is problem+json with a code, and the request id of the header', async () => {
    const response = await api.call('POST', '/v1/orgs', { key: OPERATOR_KEY, body: { slug: 'A', extra: 1 } });
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.json()).toEqual({
      type: 'urn:hooklane:error:unknown_field',
      title: 'The request has a field that does not exist.',
      status: 422,
      code: 'unknown_field',
      detail: expect.any(String),
      errors: [
        { field: 'extra', message: 'There is no such field.' },
        { field: 'slug', message: expect.any(String) },
      ],
      request_id: response.headers['x-request-id'],
    });
  });

  it.each([
    ['header_not_allowed', { headers: Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`a b${at}`, ''])) }],
    ['unknown_field', Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`typo${at}`, '']))],
  ])('lists at most 50 things that are wrong, and how many more there are: %s', async (code, body) => {
    const webhook = { url: 'https://a.test.com/', events: ['*'], ...body };
    const response = await api.call('POST', '/v1/orgs/acme/webhooks', { body: webhook });
    const { errors, ...rest } = response.json();
    expect(rest).toMatchObject({ code, status: 422 });
    expect(errors).toHaveLength(50);
    expect(errors[48].field).toMatch(/4[78]$/);
    expect(errors[49]).toEqual({ field: '', message: expect.stringMatching(/^And 1[12] more\.$/) });
  });

  it('says that there is no such route', async () => {
    for (const url of ['/', '/v1', '/v1/orgs/acme/nothing']) {
      const response = await api.call('GET', url);
      expect([response.statusCode, response.json().code]).toEqual([404, 'route_not_found']);
    }
  });

  it('says which methods a route takes', async () => {
    const response = await api.call('PUT', '/v1/orgs/acme/webhooks/wh_1?x=1', { body: {} });
    expect([response.statusCode, response.json().code]).toEqual([405, 'method_not_allowed']);
    expect(response.headers['allow']).toBe('DELETE, GET, HEAD, PATCH');
    expect((await api.call('PUT', '/v1/orgs?x=1')).headers['allow']).toBe('GET, HEAD, POST');
  });

  it('says that a path cannot be read', async () => {
    for (const url of ['/v1/orgs/%ff', `/v1/orgs/${'x'.repeat(2_000)}`]) {
      const response = await api.call('GET', url);
      expect([response.statusCode, response.json().code]).toEqual([400, 'malformed_request']);
      expect(response.json().request_id).toBe(response.headers['x-request-id']);
      expect(response.headers['x-content-type-options']).toBe('nosniff');
    }
    expect(api.log).toMatchObject([{ msg: 'request.handled', code: 'malformed_request' }, {}]);
  });
});

describe('the log', () => {
  it('has one line per request that names the route, not the path or the query', async () => {
    await api.call('GET', '/v1/orgs/acme/webhooks?name=private');
    const [line] = api.log.filter((one) => one['msg'] === 'request.handled');
    expect(line).toMatchObject({
      level: 'info',
      method: 'GET',
      route: '/v1/orgs/:org/webhooks',
      status: 200,
      ms: expect.any(Number),
      request_id: expect.stringMatching(/^req_/),
      org: 'acme',
      key_id: expect.stringMatching(/^key_/),
    });
    expect(api.log).toHaveLength(1);
    expect(JSON.stringify(api.log)).not.toContain('private');
    expect(JSON.stringify(api.log)).not.toContain(api.key);
  });

  it('has the code of an error and who the caller was', async () => {
    await api.call('GET', '/v1/orgs/nobody/keys', { key: OPERATOR_KEY });
    expect(api.log).toMatchObject([{ msg: 'request.handled', status: 404, code: 'not_found', key_id: 'operator' }]);
  });

  it('tells probes at debug only', async () => {
    await api.call('GET', '/healthz');
    expect(api.log).toMatchObject([{ level: 'debug' }]);
  });
});

describe('health', () => {
  it('is told to everyone', async () => {
    const live = await api.call('GET', '/healthz', { key: null });
    expect([live.statusCode, live.json()]).toEqual([200, { live: true }]);
    const ready = await api.call('GET', '/readyz', { key: null });
    expect([ready.statusCode, ready.json()]).toEqual([200, api.ports.readinessNow]);
  });

  it('is 200 when degraded, 503 when not ready', async () => {
    api.ports.readinessNow = { ready: true, checks: { redis: 'degraded' } };
    expect((await api.call('GET', '/readyz')).statusCode).toBe(200);
    api.ports.readinessNow = { ready: false, checks: { postgres: 'failed' } };
    const response = await api.call('GET', '/readyz');
    expect([response.statusCode, response.json()]).toEqual([503, api.ports.readinessNow]);
  });
});

describe('stopping', () => {
  it('finishes what is under way', async () => {
    const { keys } = api.ports;
    const gate = deferred();
    let isWaiting = false;
    const { authenticate } = keys;
    keys.authenticate = async (hash) => {
      isWaiting = true;
      await gate.promise;
      return authenticate(hash);
    };
    const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
    const answer = fetch(`${url}/v1/orgs/acme/webhooks`, { headers: { authorization: `Bearer ${api.key}` } });
    await expect.poll(() => isWaiting).toBe(true);
    const closed = api.app.close();
    gate.resolve();
    expect((await answer).status).toBe(200);
    await closed;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });
});

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
