import type { NewWebhook } from '@hooklane/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../support/certificates.ts';
import type { House } from '../support/house.ts';
import { openHouse } from '../support/house.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const AUTHORITY = fixture('authority-cert');
const ONCE: Partial<NewWebhook> = { failure_policy: { retry: { kind: 'none' } } };

let house: House;
beforeAll(async () => {
  house = await openHouse({ redis: false, env: { HOOKLANE_ALLOW_INSECURE_TLS: 'true' } });
});
afterAll(() => house[Symbol.asyncDispose]());

function secureReceiver(name: string, more: object = {}): Promise<Receiver> {
  return startReceiver(undefined, { cert: fixture(`${name}-cert`), key: fixture(`${name}-key`), ...more });
}

function client(name: string) {
  return { certificate: fixture(`${name}-cert`), key: fixture(`${name}-key`) };
}

/** What the newest attempt to the webhook came to, once there are `count`. */
async function outcome(id: string, count: number): Promise<string> {
  const attempts = async () => (await house.org.webhooks.attempts(id)).data;
  await until(async () => (await attempts()).length === count, { what: `${count} attempts` });
  const [newest] = await attempts();
  return newest?.outcome === 'unreachable' ? `unreachable: ${newest.detail}` : String(newest?.outcome);
}

describe('webhooks of one receiver that see its certificate differently', () => {
  it('get through by their own authorities or unverified, each on sockets of its own, and no other does', async () => {
    await using receiver = await secureReceiver('server');
    const trusting = await house.webhook(receiver, { ...ONCE, ca_bundle: AUTHORITY });
    const unverified = await house.webhook(receiver, { ...ONCE, verify_tls: false });
    const usual = await house.webhook(receiver, ONCE);
    const misled = await house.webhook(receiver, { ...ONCE, ca_bundle: fixture('self-signed-cert') });

    for (const count of [1, 2]) {
      await house.org.events.publish({ type: 'a.b', payload: { count } });
      expect(await outcome(trusting.id, count)).toBe('accepted');
      expect(await outcome(unverified.id, count)).toBe('accepted');
      expect(await outcome(usual.id, count)).toMatch(/^unreachable: tls_error/);
      expect(await outcome(misled.id, count)).toMatch(/^unreachable: tls_error/);
    }
    expect(receiver.requests).toHaveLength(4);
    // Both times the same two: the connections are kept, and nobody else gets on them.
    expect(new Set(receiver.requests.map((request) => request.peerPort)).size).toBe(2);
    for (const id of [usual.id, misled.id, trusting.id, unverified.id]) await house.org.webhooks.delete(id);
  });

  it('take a certificate that has expired only unverified', async () => {
    await using receiver = await secureReceiver('expired');
    const trusting = await house.webhook(receiver, { ...ONCE, ca_bundle: AUTHORITY });
    const unverified = await house.webhook(receiver, { ...ONCE, verify_tls: false });
    await house.org.events.publish({ type: 'a.b', payload: {} });
    expect(await outcome(trusting.id, 1)).toMatch(/^unreachable: tls_error/);
    expect(await outcome(unverified.id, 1)).toBe('accepted');
    for (const id of [trusting.id, unverified.id]) await house.org.webhooks.delete(id);
  });
});

describe('a webhook with a client certificate', () => {
  it('shows it to a receiver that insists, and another one from the moment it is changed', async () => {
    await using receiver = await secureReceiver('server', {
      requestCert: true,
      rejectUnauthorized: true,
      ca: AUTHORITY,
    });
    const settings = { ...ONCE, ca_bundle: AUTHORITY };
    const bare = await house.webhook(receiver, { ...settings, events: ['bare'] });
    const webhook = await house.webhook(receiver, { ...settings, client_certificate: client('client-a') });
    const publish = (type: string) => house.org.events.publish({ type, payload: {} });

    await publish('a.b');
    expect(await outcome(webhook.id, 1)).toBe('accepted');
    await house.org.webhooks.update(webhook.id, { client_certificate: client('client-b') });
    await publish('a.b');
    expect(await outcome(webhook.id, 2)).toBe('accepted');
    await publish('bare');
    expect(await outcome(bare.id, 1)).toMatch(/^unreachable: (tls_error|connection_reset)/);
    expect(await outcome(webhook.id, 3)).toBe('accepted');
    expect(receiver.requests.map(({ peerName }) => peerName)).toEqual(['client-a', 'client-b', 'client-b']);

    const shown = await house.org.webhooks.get(webhook.id);
    expect(shown.client_certificate).toMatchObject({ subject: 'CN=client-b' });
    expect(JSON.stringify(shown)).not.toContain('PRIVATE KEY');
    const { data: trail } = await house.org.audit.list({ target: webhook.id });
    expect(trail.find(({ action }) => action === 'webhook.updated')).toMatchObject({ fields: ['client_certificate'] });
  });

  it('pings with it', async () => {
    await using receiver = await secureReceiver('server', {
      requestCert: true,
      rejectUnauthorized: true,
      ca: AUTHORITY,
    });
    const webhook = await house.webhook(receiver, { ca_bundle: AUTHORITY, client_certificate: client('client-a') });
    const attempt = await house.org.webhooks.ping(webhook.id, { wait: true });
    expect(attempt).toMatchObject({ outcome: 'accepted', origin: 'ping' });
    expect(receiver.requests.map(({ peerName }) => peerName)).toEqual(['client-a']);
  });
});
