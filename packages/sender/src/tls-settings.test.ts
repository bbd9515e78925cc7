import type { TLSSocket } from 'node:tls';
import type { TlsSettings } from '@hooklane/domain';
import { afterEach, describe, expect, it } from 'vitest';
import { fixture } from '../../../test/support/certificates.ts';
import type { Receiver, TlsOptions } from '../test/receivers.ts';
import { answerEach, OK, tlsReceiver } from '../test/receivers.ts';
import { inWords, requestTo, testSender } from '../test/sending.ts';
import type { HttpSender } from './sender.ts';

const receivers: Receiver[] = [];
const senders: HttpSender[] = [];
afterEach(async () => {
  for (const receiver of receivers.splice(0)) receiver.close();
  await Promise.all(senders.splice(0).map((one) => one.close()));
});

async function tls(options: Partial<TlsOptions> = {}): Promise<Receiver> {
  const receiver = await tlsReceiver(options);
  receivers.push(receiver);
  return receiver;
}

function sender(): HttpSender {
  const made = testSender();
  senders.push(made);
  return made;
}

const AUTHORITY = fixture('authority-cert');
/** OpenSSL would not even serve it otherwise. */
const WEAK: Partial<TlsOptions> = { certificate: 'sha1', ciphers: 'DEFAULT:@SECLEVEL=0' };
const STRICT: TlsSettings = { id: 'strict', verify: true, authorities: null, clientCertificate: null };
const UNVERIFIED: TlsSettings = { ...STRICT, id: 'unverified', verify: false };
const TRUSTING: TlsSettings = { ...STRICT, id: 'trusting', authorities: AUTHORITY };

function clientCertificate(name: string): TlsSettings {
  const identity = { certificate: fixture(`${name}-cert`), key: fixture(`${name}-key`) };
  return { ...TRUSTING, id: name, clientCertificate: identity };
}

async function outcome(one: HttpSender, receiver: Receiver, settings: TlsSettings | null) {
  return inWords(await one.send(requestTo(`https://localhost:${receiver.port}`, { tls: settings })));
}

describe('a webhook that does not verify', () => {
  it.each(['self-signed', 'server', 'expired'])(
    'takes the certificate %s, and nobody else does',
    async (certificate) => {
      const receiver = await tls({ certificate });
      const one = sender();
      expect(await outcome(one, receiver, null)).toBe('unreachable tls_error');
      expect(await outcome(one, receiver, UNVERIFIED)).toBe('accepted 200');
      // Not over the connection that the one before left open.
      expect(await outcome(one, receiver, null)).toBe('unreachable tls_error');
      expect(await outcome(one, receiver, STRICT)).toBe('unreachable tls_error');
    },
  );

  it('is verified all the same where the operator does not permit it', async () => {
    const receiver = await tls({ certificate: 'server' });
    const strict = testSender({ allowUnverified: false });
    senders.push(strict);
    expect(await outcome(strict, receiver, UNVERIFIED)).toBe('unreachable tls_error');
    expect(await outcome(strict, receiver, { ...TRUSTING, verify: false })).toBe('accepted 200');
  });

  it('takes one for another name', async () => {
    const receiver = await tls({ certificate: 'server' });
    const one = sender();
    const other = `https://other.localhost:${receiver.port}`;
    expect(inWords(await one.send(requestTo(other, { tls: TRUSTING })))).toBe('unreachable tls_error');
    expect(inWords(await one.send(requestTo(other, { tls: UNVERIFIED })))).toBe('accepted 200');
  });

  it('is still not spoken to in TLS 1.1', async () => {
    const receiver = await tls({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    expect(await outcome(sender(), receiver, UNVERIFIED)).toBe('unreachable tls_error');
  });
});

describe('a receiver of TLS 1.2', () => {
  it('cannot ask for handshake upon handshake', async () => {
    let handshakes = 0;
    const again = (socket: TLSSocket): void => {
      socket.renegotiate({}, (error) => {
        if (error) return;
        handshakes++;
        again(socket);
      });
    };
    const onConnection = (socket: TLSSocket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => again(socket));
    };
    const receiver = await tls({ certificate: 'server', maxVersion: 'TLSv1.2', onConnection });
    for (const settings of [TRUSTING, UNVERIFIED, clientCertificate('client-a')]) {
      const request = requestTo(`https://localhost:${receiver.port}`, { tls: settings, timeoutMs: 400 });
      expect((await sender().send(request)).outcome.kind).not.toBe('accepted');
    }
    expect(handshakes).toBe(0);
  });
});

describe('certificates that TLS does not take any more', () => {
  it('are a tls_error like any other, not a fault of ours', async () => {
    const receiver = await tls({ certificate: 'server' });
    const pair = { certificate: fixture('weak-cert'), key: fixture('weak-key') };
    for (const broken of [pair, { ...pair, key: 'none' }, { certificate: 'none', key: 'none' }]) {
      const settings = { ...TRUSTING, id: JSON.stringify(broken), clientCertificate: broken };
      expect(await outcome(sender(), receiver, settings)).toBe('unreachable tls_error');
    }
  });
});

describe('a webhook with its own authorities', () => {
  it('trusts what they signed, for the right name and within its time', async () => {
    const one = sender();
    expect(await outcome(one, await tls({ certificate: 'server' }), TRUSTING)).toBe('accepted 200');
    expect(await outcome(one, await tls({ certificate: 'expired' }), TRUSTING)).toBe('unreachable tls_error');
    expect(await outcome(one, await tls(WEAK), TRUSTING)).toBe('unreachable tls_error');
    expect(await outcome(one, await tls({ certificate: 'self-signed' }), TRUSTING)).toBe('unreachable tls_error');
  });

  it('does not trust the public ones any more', async () => {
    const one = testSender({ trustedCertificates: [fixture('self-signed-cert')] });
    senders.push(one);
    const receiver = await tls({ certificate: 'self-signed' });
    expect(await outcome(one, receiver, null)).toBe('accepted 200');
    expect(await outcome(one, receiver, TRUSTING)).toBe('unreachable tls_error');
  });
});

describe('mutual TLS', () => {
  it('shows each webhook’s own certificate, and never shares a socket between two', async () => {
    const seen: string[] = [];
    const receiver = await tls({
      certificate: 'server',
      requestCert: true,
      ca: AUTHORITY,
      onConnection(socket: TLSSocket) {
        socket.on('data', () => seen.push(String(socket.getPeerCertificate().subject?.CN)));
        answerEach(socket, OK);
      },
    });
    const one = sender();
    for (const name of ['client-a', 'client-b', 'client-a', 'client-b']) {
      expect(await outcome(one, receiver, clientCertificate(name))).toBe('accepted 200');
    }
    expect(seen).toEqual(['client-a', 'client-b', 'client-a', 'client-b']);
    expect(receiver.accepted()).toBe(2);
  });

  it('is refused by the receiver where no certificate is shown', async () => {
    const receiver = await tls({ certificate: 'server', requestCert: true, ca: AUTHORITY });
    const one = sender();
    expect(await outcome(one, receiver, clientCertificate('client-a'))).toBe('accepted 200');
    // In TLS 1.3 the refusal comes after the handshake, as an alert or a reset.
    expect(await outcome(one, receiver, TRUSTING)).toMatch(/^unreachable (tls_error|connection_reset)$/);
  });
});

describe('two webhooks of different orgs with equal settings', () => {
  it('do not share a socket', async () => {
    const receiver = await tls({ certificate: 'server' });
    const one = sender();
    await outcome(one, receiver, { ...TRUSTING, id: 'org-a' });
    await outcome(one, receiver, { ...TRUSTING, id: 'org-b' });
    await outcome(one, receiver, { ...TRUSTING, id: 'org-a' });
    expect(receiver.accepted()).toBe(2);
  });
});
