import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Act } from '../test/scripted-api.ts';
import { clientOf, startApi } from '../test/scripted-api.ts';
import { createClient } from './client.ts';
import { HooklaneConnectionError, HooklaneError } from './errors.ts';

const WEBHOOK = { status: 200, json: { id: 'wh_1' } };
const PROBLEM = {
  type: 'https://hooklane.dev/problems/invalid_request',
  title: 'Invalid request',
  status: 422,
  detail: 'Two fields are wrong.',
  code: 'invalid_request',
  errors: [
    { field: 'url', message: 'is not https' },
    { field: 'events', message: 'is empty' },
  ],
};

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => expect.fail(`resolved with ${inspect(value)}`),
    (error: unknown) => error,
  );
}

describe('what is sent', () => {
  test('a call carries the key, the name of the client and what it accepts', async () => {
    const api = await startApi(WEBHOOK);
    await clientOf(api).webhooks.get('wh_1');
    expect(api.requests[0]).toMatchObject({
      method: 'GET',
      url: '/v1/orgs/acme/webhooks/wh_1',
      headers: {
        authorization: 'Bearer key_live_1',
        'user-agent': expect.stringMatching(/^hooklane-client\/\d+\.\d+\.\d+$/),
        accept: 'application/json, application/problem+json',
      },
    });
  });

  test('the name of the client has the version of the package', async () => {
    const api = await startApi(WEBHOOK);
    await clientOf(api).webhooks.get('wh_1');
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(api.requests[0]?.headers['user-agent']).toBe(`hooklane-client/${version}`);
  });

  test('the user agent can be replaced', async () => {
    const api = await startApi(WEBHOOK);
    await clientOf(api, { userAgent: 'billing/7' }).webhooks.get('wh_1');
    expect(api.requests[0]?.headers['user-agent']).toBe('billing/7');
  });

  test('a function that gives the key is asked for each call', async () => {
    const api = await startApi(WEBHOOK);
    const keys = ['key_a', 'key_b'];
    const client = clientOf(api, { apiKey: async () => keys.shift() ?? '' });
    await client.webhooks.get('wh_1');
    await client.webhooks.get('wh_1');
    expect(api.requests.map((request) => request.headers.authorization)).toEqual(['Bearer key_a', 'Bearer key_b']);
  });

  test('a path in the URL of the API is kept', async () => {
    const api = await startApi(WEBHOOK);
    await clientOf({ url: `${api.url}/hooks//` }).webhooks.get('wh_1');
    expect(api.requests[0]?.url).toBe('/hooks/v1/orgs/acme/webhooks/wh_1');
  });

  test('calls that follow each other share one connection', async () => {
    const api = await startApi(WEBHOOK);
    const client = clientOf(api);
    for (let i = 0; i < 3; i++) await client.webhooks.update('wh_1', { name: 'x' });
    expect(new Set(api.requests.map((request) => request.port)).size).toBe(1);
  });
});

describe('calls that may be repeated', () => {
  test.each<Act>([
    'reset',
    { status: 408 },
    { status: 429 },
    { status: 500 },
    { status: 502, text: '<html>' },
    { status: 503 },
    { status: 504 },
  ])('a read goes on after %j', async (failure) => {
    const api = await startApi(failure, WEBHOOK);
    expect(await clientOf(api).webhooks.get('wh_1')).toEqual({ id: 'wh_1' });
    expect(api.requests).toHaveLength(2);
  });

  test('a change goes on with the same body', async () => {
    const api = await startApi('reset', { status: 503 }, WEBHOOK);
    await clientOf(api).webhooks.update('wh_1', { add_events: ['a.b'] });
    expect(api.requests.map((request) => request.body.toString())).toEqual(Array(3).fill('{"add_events":["a.b"]}'));
  });

  test.each([400, 401, 403, 404, 409, 413, 422, 501])('status %d is final', async (status) => {
    const api = await startApi({ status }, WEBHOOK);
    expect(await errorOf(clientOf(api).webhooks.get('wh_1'))).toMatchObject({ status });
    expect(api.requests).toHaveLength(1);
  });

  test('retries end, and the last answer is the error', async () => {
    const api = await startApi(
      { status: 500, headers: { 'retry-after': '0' } },
      { status: 503, headers: { 'retry-after': '0' } },
    );
    expect(await errorOf(clientOf(api, { retries: 2 }).webhooks.get('wh_1'))).toMatchObject({ status: 503 });
    expect(api.requests).toHaveLength(3);
  });

  test('retries can be turned off', async () => {
    const api = await startApi('reset');
    expect(await errorOf(clientOf(api, { retries: 0 }).webhooks.get('wh_1'))).toBeInstanceOf(HooklaneConnectionError);
    expect(api.requests).toHaveLength(1);
  });

  test('a delete that was done before its answer was lost is done', async () => {
    const api = await startApi('reset', { status: 404, json: { code: 'webhook_not_found' } });
    expect(await clientOf(api).webhooks.delete('wh_1')).toBeUndefined();
  });

  test('a delete of what never was is an error', async () => {
    const api = await startApi({ status: 404, json: { code: 'webhook_not_found' } });
    expect(await errorOf(clientOf(api).webhooks.delete('wh_1'))).toMatchObject({ code: 'webhook_not_found' });
  });

  test('a Retry-After of a second is waited for', async () => {
    const api = await startApi({ status: 429, headers: { 'retry-after': '1' } }, WEBHOOK);
    const start = performance.now();
    await clientOf(api).webhooks.get('wh_1');
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
  });

  test('a Retry-After of 0 is not waited for', async () => {
    const api = await startApi(...Array(5).fill({ status: 503, headers: { 'retry-after': '0' } }), WEBHOOK);
    const start = performance.now();
    await clientOf(api).webhooks.get('wh_1');
    // The own delays would come to 3.1 s at least.
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('calls that must not be done twice', () => {
  const webhook = { url: 'https://receiver.example', events: ['*'] };

  test.each<Act>(['reset', { status: 408 }, { status: 500 }, { status: 502 }, { status: 504 }])(
    'a webhook is not created again after %j',
    async (failure) => {
      const api = await startApi(failure, WEBHOOK);
      await errorOf(clientOf(api).webhooks.create(webhook));
      expect(api.requests).toHaveLength(1);
    },
  );

  test('a webhook is not created again after the time was up', async () => {
    const api = await startApi('hang', WEBHOOK);
    expect(await errorOf(clientOf(api, { timeoutMs: 100 }).webhooks.create(webhook))).toMatchObject({
      code: 'ETIMEDOUT',
    });
    expect(api.requests).toHaveLength(1);
  });

  test.each([429, 503])('a webhook is created after status %d, which says that nothing was done', async (status) => {
    const api = await startApi({ status, headers: { 'retry-after': '0' } }, { status: 201, json: { id: 'wh_1' } });
    expect(await clientOf(api).webhooks.create(webhook)).toEqual({ id: 'wh_1' });
  });

  test('a refused connection is tried again', async () => {
    const { port, listen } = await reservedPort();
    const client = clientOf({ url: `http://127.0.0.1:${port}` });
    const created = client.webhooks.create(webhook);
    // The first attempt is refused before this: connecting takes less than starting to listen after a turn of the loop.
    await errorOf(clientOf({ url: `http://127.0.0.1:${port}` }, { retries: 0 }).webhooks.get('wh_1'));
    const server = await listen();
    expect(await created).toEqual({ id: 'wh_1' });
    server.close();
  });

  test.each(['ping', 'resend', 'rotate', 'resend all', 'org', 'key', 'admin'])(
    '%s is not done again after a lost answer',
    async (name) => {
      const api = await startApi('reset', WEBHOOK);
      const { webhooks, diverted, orgs, keys, admin } = clientOf(api);
      const calls: Record<string, () => Promise<unknown>> = {
        ping: () => webhooks.ping('wh_1'),
        resend: () => diverted.resend('wh_1', 'evt_1'),
        rotate: () => webhooks.rotateSecret('wh_1'),
        'resend all': () => diverted.resendAll('wh_1'),
        org: () => orgs.create({ slug: 'acme' }),
        key: () => keys.create('acme', { name: 'ci', scopes: ['events:write'] }),
        admin: () => admin.replayDiverted({}),
      };
      expect(await errorOf(calls[name]?.() ?? Promise.resolve())).toBeInstanceOf(HooklaneConnectionError);
      expect(api.requests).toHaveLength(1);
    },
  );
});

describe('errors', () => {
  test('a problem of the API becomes an error with all it says', async () => {
    const api = await startApi({ status: 422, headers: { 'x-request-id': 'req_1' }, json: PROBLEM });
    const error = await errorOf(clientOf(api).webhooks.get('wh_1'));
    expect(error).toBeInstanceOf(HooklaneError);
    expect(error).toMatchObject({
      name: 'HooklaneError',
      message: 'GET /v1/orgs/acme/webhooks/wh_1: 422 invalid_request: Two fields are wrong.',
      status: 422,
      code: 'invalid_request',
      detail: 'Two fields are wrong.',
      errors: PROBLEM.errors,
      requestId: 'req_1',
    });
  });

  test.each([
    '<html>secret page</html>',
    '',
    '[1]',
    '"x"',
    'null',
    '{"code":7,"detail":{},"errors":[{"field":1},3]}',
    '{"errors":"none"}',
  ])('of %s only the status is taken', async (text) => {
    const api = await startApi({ status: 400, text });
    expect(await errorOf(clientOf(api).webhooks.get('wh_1'))).toMatchObject({
      message: 'GET /v1/orgs/acme/webhooks/wh_1: 400 http_400',
      status: 400,
      code: 'http_400',
      detail: undefined,
      errors: [],
      requestId: undefined,
    });
  });

  test('a redirect is not followed', async () => {
    const elsewhere = await startApi(WEBHOOK);
    const api = await startApi({ status: 307, headers: { location: elsewhere.url } });
    expect(await errorOf(clientOf(api).webhooks.get('wh_1'))).toMatchObject({ status: 307, code: 'http_307' });
    expect(elsewhere.requests).toHaveLength(0);
  });

  test('a page that is not the API is told apart', async () => {
    const api = await startApi({ status: 200, text: '<html>' });
    expect(await errorOf(clientOf(api).webhooks.get('wh_1'))).toMatchObject({ status: 200, code: 'unreadable_answer' });
  });

  test('an answer that does not come in time is a connection error', async () => {
    const api = await startApi('hang');
    const error = await errorOf(clientOf(api, { timeoutMs: 100, retries: 0 }).webhooks.get('wh_1'));
    expect(error).toBeInstanceOf(HooklaneConnectionError);
    expect(error).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('an answer that begins and stops is a connection error in the same time', async () => {
    const api = await startApi('stall');
    const error = await errorOf(clientOf(api, { timeoutMs: 100, retries: 0 }).webhooks.get('wh_1'));
    expect(error).toMatchObject({ name: 'HooklaneConnectionError', code: 'ETIMEDOUT' });
  });

  test('the time limit is for each attempt', async () => {
    const api = await startApi('hang', WEBHOOK);
    expect(await clientOf(api, { timeoutMs: 300 }).webhooks.get('wh_1')).toEqual({ id: 'wh_1' });
  });

  test('neither the key nor the payload is anywhere in an error', async () => {
    const client = clientOf(await startApi('reset'), { apiKey: 'key_very_secret', retries: 0 });
    const lost = await errorOf(client.events.publish({ type: 'a.b', payload: { card: '4111' } }));
    const api = await startApi({ status: 400, json: PROBLEM });
    const refused = await errorOf(
      clientOf(api, { apiKey: 'key_very_secret' }).events.publish({ type: 'a.b', payload: { card: '4111' } }),
    );
    const told = [lost, refused].map((error) => inspect(error, { depth: 10, showHidden: true })).join();
    expect(told).toContain('ECONNRESET');
    expect(told).not.toMatch(/key_very_secret|4111/);
  });

  test('the client itself shows no key', async () => {
    const client = clientOf(await startApi(WEBHOOK), { apiKey: 'key_very_secret' });
    expect(inspect(client, { depth: 10, showHidden: true })).not.toContain('key_very_secret');
  });
});

describe('closing', () => {
  test('calls under way and later calls reject', async () => {
    const api = await startApi('hang');
    const client = clientOf(api);
    const pending = errorOf(client.webhooks.get('wh_1'));
    await api.received(1);
    client.close();
    expect(await pending).toMatchObject({ name: 'HooklaneConnectionError', code: 'ERR_ABORTED' });
    expect(await errorOf(client.webhooks.get('wh_1'))).toMatchObject({ code: 'ERR_ABORTED' });
    expect(api.requests).toHaveLength(1);
  });

  test('a call that waits for its retry rejects at once', async () => {
    const api = await startApi({ status: 503, headers: { 'retry-after': '30' } });
    const client = clientOf(api);
    const pending = errorOf(client.webhooks.get('wh_1'));
    await api.received(1);
    client.close();
    expect(await pending).toMatchObject({ code: 'ERR_ABORTED' });
  });
});

describe('options', () => {
  test.each([
    '',
    'api.example.com',
    'ftp://api',
    'https://user:pass@api',
    'https://api?x=1',
    'https://api#x',
    undefined,
  ])('the URL %j is refused at once', (url) => {
    expect(() => createClient({ url: url as string, apiKey: 'k' })).toThrow(TypeError);
  });

  test.each(['', ' ', 'a b', 'a\nb', 'é', undefined])('the key %j is refused at once', (apiKey) => {
    expect(() => createClient({ url: 'https://api', apiKey: apiKey as string })).toThrow(TypeError);
  });

  test('no message repeats a password of the URL', () => {
    expect(() => createClient({ url: 'https://user:pass@api', apiKey: 'k' })).toThrow(
      expect.not.stringContaining('pass@'),
    );
  });
});

/** A port nobody listens on, and a way to listen there later that answers every request with a webhook. */
async function reservedPort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return {
    port,
    async listen() {
      const answering = createServer((socket) => {
        socket.end('HTTP/1.1 201 Created\r\nconnection: close\r\ncontent-length: 13\r\n\r\n{"id":"wh_1"}');
      });
      answering.listen(port, '127.0.0.1');
      await once(answering, 'listening');
      return answering;
    },
  };
}
