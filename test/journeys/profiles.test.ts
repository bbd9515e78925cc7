import { createHmac } from 'node:crypto';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NewWebhook } from '@hooklane/client';
import { verify } from '@hooklane/client/verify';
import { createNodeMiddleware, Webhooks } from '@octokit/webhooks';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { House } from '../support/house.ts';
import { openHouse } from '../support/house.ts';
import type { ReceivedRequest } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ redis: false });
});
afterAll(() => house[Symbol.asyncDispose]());

/** What a webhook that is set up like this is sent for an event. */
async function received(
  settings: Partial<NewWebhook>,
  { type = 'invoice.paid', json = '{"n": 1.50, "e": "é"}', occurredAt = '2026-02-03T04:05:06.789Z' } = {},
): Promise<ReceivedRequest & { text: string; header: (name: string) => string; webhookId: string }> {
  await using receiver = await startReceiver();
  const org = await house.newOrg();
  const webhook = await org.webhooks.create({ url: receiver.url, events: ['*'], ping: false, ...settings });
  await org.events.publish({ type, rawPayload: json, occurredAt });
  const [request] = await receiver.waitFor(1);
  if (request === undefined) throw new Error('nothing came');
  const header = (name: string) => String(request.headers[name]);
  return { ...request, text: request.body.toString(), header, webhookId: webhook.id };
}

function hmac(key: string, content: string, encoding: 'hex' | 'base64'): string {
  return createHmac('sha256', key).update(content).digest(encoding);
}

describe('a webhook of the standard profile', () => {
  it.each(['json', 'form'] as const)('in %s is accepted by the libraries of both its makers', async (content_type) => {
    const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
    const { text, headers } = await received({ secret, content_type });
    for (const receiver of [new Webhook(secret), new SvixWebhook(secret)]) {
      expect(accepts(() => receiver.verify(text, headers as Record<string, string>))).toBe(true);
      expect(accepts(() => receiver.verify(text.replace('n', 'm'), headers as Record<string, string>))).toBe(false);
    }
    expect(content_type === 'form' ? new URLSearchParams(text).get('payload') : text).toBe('{"n": 1.50, "e": "é"}');
  });

  it.each(['json', 'form'] as const)(
    'in %s is accepted by both with the old secret and the new one while it is rotated',
    async (form) => {
      await using receiver = await startReceiver();
      const org = await house.newOrg();
      const [old, young] = [6, 7].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`);
      const settings = { url: receiver.url, events: ['*'], ping: false, content_type: form, secret: old ?? '' };
      const webhook = await org.webhooks.create(settings);
      await org.webhooks.rotateSecret(webhook.id, { secret: young ?? '', overlap_seconds: 60 });
      await org.events.publish({ type: 'a.b', payload: { n: 1 } });
      const [{ body, headers } = { body: Buffer.alloc(0), headers: {} }] = await receiver.waitFor(1);
      const text = body.toString();
      for (const secret of [old ?? '', young ?? '']) {
        for (const library of [new Webhook(secret), new SvixWebhook(secret)]) {
          expect(accepts(() => library.verify(text, headers as Record<string, string>))).toBe(true);
          expect(accepts(() => library.verify(`${text} `, headers as Record<string, string>))).toBe(false);
        }
      }
    },
  );

  /** A form fails as JSON only after its signature was accepted. */
  function accepts(verify: () => unknown): boolean {
    try {
      verify();
      return true;
    } catch (error) {
      return error instanceof SyntaxError;
    }
  }
});

describe('a webhook of the github profile', () => {
  const SECRET = "It's a Secret to Everybody";

  it('is accepted by the middleware of Octokit, pings and events', async () => {
    await using app = await octokitApp([SECRET]);
    const org = await house.newOrg();
    const events = ['issues.*'];
    const webhook = await org.webhooks.create({ url: app.url, events, profile: 'github', secret: SECRET });
    await until(() => app.got.length === 1, { what: 'the ping' });
    await org.events.publish({ type: 'issues.opened', payload: { action: 'opened', issue: { number: 1 } } });
    await until(() => app.got.length === 2, { what: 'the event' });
    expect(app.got).toMatchObject([
      { name: 'ping', payload: { hook_id: webhook.number, hook: { events } } },
      { name: 'issues', payload: { action: 'opened' } },
    ]);
    await until(async () => (await outcomes(org, webhook.id)).length === 2, { what: 'the log' });
    expect(await outcomes(org, webhook.id)).toEqual(['accepted', 'accepted']);
  });

  it('in a form is accepted by Octokit, and refused when a byte has changed', async () => {
    const { text, header } = await received({ profile: 'github', content_type: 'form', secret: SECRET });
    const receiver = new Webhooks({ secret: SECRET });
    expect(await receiver.verify(text, header('x-hub-signature-256'))).toBe(true);
    expect(await receiver.verify(`${text}1`, header('x-hub-signature-256'))).toBe(false);
    expect(JSON.parse(new URLSearchParams(text).get('payload') ?? '')).toEqual({ n: 1.5, e: 'é' });
  });

  it.each([
    ['only the old', [SECRET], ['accepted']],
    ['only the new', ['another secret'], ['accepted', 'rejected']],
    ['both', ['another secret', SECRET], ['accepted']],
  ])('while its secret is rotated gets through to a receiver that holds %s', async (_, secrets, expected) => {
    await using app = await octokitApp(secrets);
    const org = await house.newOrg();
    const webhook = await org.webhooks.create({
      ...{ url: app.url, events: ['*'], ping: false, profile: 'github', secret: SECRET },
      failure_policy: { retry: { kind: 'list', delays_ms: [50] } },
    });
    await org.webhooks.rotateSecret(webhook.id, { secret: 'another secret', overlap_seconds: 60 });
    await org.events.publish({ type: 'push', payload: {} });
    await until(() => app.got.length === 1, { what: 'the event' });
    await until(async () => (await outcomes(org, webhook.id)).length === expected.length, { what: 'the log' });
    expect(await outcomes(org, webhook.id)).toEqual(expected);
  });

  /** Newest first. */
  async function outcomes(org: Awaited<ReturnType<House['newOrg']>>, id: string): Promise<string[]> {
    return (await org.webhooks.attempts(id)).data.map((attempt) => attempt.outcome);
  }
});

describe('a webhook of the snyk profile', () => {
  it('is accepted by the recipe of the vendor, which parses first', async () => {
    const { text, header } = await received(
      { profile: 'snyk', secret: 'a8be22bb7bed43a3ac24de3580093560' },
      { type: 'project_snapshot.v0', json: ' {"b": 1.0,"1":1e3}\n' },
    );
    const body = JSON.stringify(JSON.parse(text));
    expect(header('x-hub-signature')).toBe(`sha256=${hmac('a8be22bb7bed43a3ac24de3580093560', body, 'hex')}`);
    expect(header('x-snyk-event')).toBe('project_snapshot/v0');
    expect(header('x-snyk-timestamp')).toBe('2026-02-03T04:05:06.789Z');
    expect(header('x-snyk-transport-id')).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  });
});

describe('a webhook of a profile with an envelope', () => {
  const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

  it('infraaudit has the payload as its data, byte for byte, and is signed with the text of the secret', async () => {
    const { text, header, webhookId } = await received({ profile: 'infraaudit', secret: SECRET });
    expect(text).toMatch(/"data":\{"n": 1\.50, "e": "é"\}\}$/);
    expect(JSON.parse(text)).toMatchObject({
      event: 'invoice.paid',
      timestamp: '2026-02-03T04:05:06.789Z',
      webhook_id: webhookId,
      delivery_id: expect.stringMatching(/^del_/),
    });
    expect(header('x-infraaudit-signature')).toBe(`sha256=${hmac(SECRET, text, 'hex')}`);
  });

  it('socket has its own name of the event, and its time signed', async () => {
    const { text, header } = await received({ profile: 'socket', secret: SECRET }, { type: 'alert.created' });
    const [, time, signature] = /^t=(\d+),s=(.+)$/.exec(header('x-webhook-signature')) ?? [];
    expect(signature).toBe(hmac(SECRET, `${time}.${text}`, 'base64'));
    expect(JSON.parse(text)).toMatchObject({ type: 'alert:created', schemaType: 'alert@1', data: { n: 1.5 } });
  });

  it('socotra looks like an event of its API', async () => {
    const { text, header } = await received({ profile: 'socotra', secret: SECRET }, { type: 'policy.quote.issue' });
    expect(header('socotra-signature')).toBe(hmac(SECRET, text, 'hex'));
    expect(JSON.parse(text)).toMatchObject({
      locator: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
      requestId: expect.any(String),
      type: 'policy.quote.issue',
      data: { n: 1.5 },
    });
  });
});

describe('a webhook that is not signed for', () => {
  it.each([
    ['has no secret', { secret: null }],
    ['has signing turned off', { signing: false }],
  ])('because it %s is sent without a signature', async (_, settings) => {
    const { headers } = await received(settings);
    expect(Object.keys(headers).filter((name) => name.includes('signature'))).toEqual([]);
    expect(headers['webhook-id']).toMatch(/^evt_/);
  });
});

describe('the brand of an org', () => {
  it('is on the very next attempt, and receivers verify it under its name', async () => {
    await using receiver = await startReceiver();
    const org = await house.newOrg();
    const { secret } = await org.webhooks.create({ url: receiver.url, events: ['*'], ping: false });
    await org.events.publish({ type: 'a.b', payload: 1 });
    await receiver.waitFor(1);
    const brand = { header_prefix: 'acme', user_agent: 'Acme-Hooks/1.0' };
    await house.operator.orgs.update(org.slug, { settings: { brand } });
    await org.events.publish({ type: 'a.b', payload: 2 });
    const [plain, branded] = await receiver.waitFor(2);
    const headers = branded?.headers ?? {};
    expect(plain?.headers).toHaveProperty('webhook-id');
    expect(headers).toMatchObject({ 'acme-id': expect.stringMatching(/^evt_/), 'user-agent': 'Acme-Hooks/1.0' });
    expect(Object.keys(headers).filter((name) => name.startsWith('webhook-'))).toEqual([]);
    const body = branded?.body ?? '';
    expect(verify({ body, headers, secrets: secret ?? '', headerPrefix: 'acme' }).body.toString()).toBe('2');
  });
});

describe('user name and password', () => {
  it('reach the receiver, and no reader of the log', async () => {
    await using receiver = await startReceiver();
    const org = await house.newOrg();
    const auth = { username: 'hooks', password: 's3cret-of-the-receiver' };
    const { id } = await org.webhooks.create({ url: receiver.url, events: ['*'], ping: false, auth });
    await org.events.publish({ type: 'a.b', payload: 1 });
    const [request] = await receiver.waitFor(1);
    expect(request?.headers.authorization).toBe(`Basic ${btoa('hooks:s3cret-of-the-receiver')}`);
    await until(async () => (await org.webhooks.attempts(id)).data.length === 1, { what: 'the log' });
    const [attempt] = (await org.webhooks.attempts(id)).data;
    expect(attempt?.request.headers).toMatchObject({ authorization: '********' });
    const { rows } = await house.pool.query(
      'SELECT w::text, a::text FROM webhooks w LEFT JOIN attempts a ON a.webhook_id = w.id',
    );
    const dump = JSON.stringify(rows);
    for (const secret of [
      auth.password,
      btoa('hooks:s3cret-of-the-receiver'),
      Buffer.from(auth.password).toString('hex'),
    ]) {
      expect(dump).not.toContain(secret);
    }
  });
});

interface OctokitApp extends AsyncDisposable {
  url: string;
  got: { name: string; payload: unknown }[];
}

/** A receiver as users of Octokit write it: its middleware verifies, and answers 400 to what it does not believe. */
async function octokitApp([secret = '', ...additionalSecrets]: string[]): Promise<OctokitApp> {
  const got: OctokitApp['got'] = [];
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const webhooks = new Webhooks({ secret, additionalSecrets, log: silent });
  webhooks.onAny(({ name, payload }) => void got.push({ name, payload }));
  const server: Server = createServer(createNodeMiddleware(webhooks, { path: '/hooks', log: silent }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    got,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
