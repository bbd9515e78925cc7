import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fixture } from '../../../test/support/certificates.ts';
import { startDnsServer } from '../../../test/support/dns-server.ts';
import type { Receiver } from '../test/receivers.ts';
import { answerEach, httpReceiver, OK, rawReceiver, tlsReceiver } from '../test/receivers.ts';
import { inWords, LOOPBACK, requestTo, testSender } from '../test/sending.ts';
import { createAddressPolicy } from './address-policy.ts';
import type { EgressProxy } from './egress-proxy.ts';
import { parseEgressProxy } from './egress-proxy.ts';
import { createResolver } from './resolver.ts';
import type { HttpSender, SenderOptions } from './sender.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function kept<T extends Receiver | HttpSender>(one: T): T {
  closers.push(() => one.close());
  return one;
}

interface Proxy extends Receiver {
  asked: string[];
  proxy: EgressProxy;
}

/** Tunnels to loopback, whatever address is asked for, and writes down what was asked. */
async function startProxy(answer = 'HTTP/1.1 200 OK\r\n\r\n'): Promise<Proxy> {
  const asked: string[] = [];
  const receiver = kept(await rawReceiver((socket) => void serve(socket)));
  async function serve(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy());
    const [head] = (await once(socket, 'data')) as [Buffer];
    asked.push(head.toString());
    const port = Number(/^CONNECT \S+:(\d+) /.exec(head.toString())?.[1]);
    socket.write(answer);
    const upstream = connect(port, '127.0.0.1').on('error', () => socket.destroy());
    socket
      .on('close', () => upstream.destroy())
      .pipe(upstream)
      .pipe(socket);
  }
  return { ...receiver, asked, proxy: { host: '127.0.0.1', port: receiver.port, secure: false, authorization: null } };
}

function through(proxy: EgressProxy, rest: Partial<SenderOptions> = {}): HttpSender {
  return kept(testSender({ proxy, ...rest }));
}

describe('an egress proxy', () => {
  it('tunnels plain requests to the address that was judged, and keeps the connection', async () => {
    const receiver = kept(await httpReceiver((_, response) => response.end('ok')));
    const { proxy, asked } = await startProxy();
    const sender = through({ ...proxy, authorization: 'Basic dTpw' });
    expect(inWords(await sender.send(requestTo(receiver.url)))).toBe('accepted 200');
    expect(inWords(await sender.send(requestTo(receiver.url)))).toBe('accepted 200');
    const target = `127.0.0.1:${receiver.port}`;
    expect(asked).toEqual([`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\nproxy-authorization: Basic dTpw\r\n\r\n`]);
  });

  it('is given an address, never the name, and the receiver proves the name', async () => {
    const dns = await startDnsServer(({ type }) => (type === 'A' ? ['93.184.215.14'] : []));
    closers.push(() => dns.close());
    const receiver = kept(await tlsReceiver({ certificate: 'server' }));
    const { proxy, asked } = await startProxy();
    const sender = through(proxy, {
      policy: createAddressPolicy({ allowNetworks: [] }),
      resolver: createResolver({ servers: [dns.address] }),
      trustedCertificates: [fixture('authority-cert')],
    });
    expect(inWords(await sender.send(requestTo(`https://receiver.test:${receiver.port}`)))).toBe('accepted 200');
    expect(inWords(await sender.send(requestTo(`https://other.test:${receiver.port}`)))).toBe('unreachable tls_error');
    expect(asked.map((head) => head.split(' ')[1])).toEqual(new Array(2).fill(`93.184.215.14:${receiver.port}`));
  });

  it('is not asked for what the address policy forbids', async () => {
    const dns = await startDnsServer(({ type }) => (type === 'A' ? ['93.184.215.14', '10.0.0.1'] : []));
    closers.push(() => dns.close());
    const { proxy, asked } = await startProxy();
    const policy = createAddressPolicy({ allowNetworks: [] });
    const sender = through(proxy, { policy, resolver: createResolver({ servers: [dns.address] }) });
    expect(inWords(await sender.send(requestTo('https://receiver.test')))).toBe('blocked');
    expect(inWords(await sender.send(requestTo('https://169.254.169.254')))).toBe('blocked');
    expect(inWords(await sender.send(requestTo('https://[::1]')))).toBe('blocked');
    expect(asked).toEqual([]);
  });

  it('may be spoken to over TLS', async () => {
    const receiver = kept(await httpReceiver((_, response) => response.end('ok')));
    const secured = kept(
      await tlsReceiver({
        certificate: 'server',
        onConnection(socket) {
          socket.once('data', () => {
            socket.write('HTTP/1.1 200 OK\r\n\r\n');
            const upstream = connect(receiver.port, '127.0.0.1');
            socket
              .on('error', () => upstream.destroy())
              .pipe(upstream)
              .pipe(socket);
          });
        },
      }),
    );
    const proxy = { host: '127.0.0.1', port: secured.port, secure: true, authorization: null };
    // Nobody vouches for this one.
    expect(inWords(await through(proxy).send(requestTo(receiver.url)))).toBe('unreachable proxy_error');
    const trusting = through(proxy, { trustedCertificates: [fixture('authority-cert')] });
    expect(inWords(await trusting.send(requestTo(receiver.url)))).toBe('accepted 200');
  });

  it.each([
    ['refuses', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'],
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['talks before the receiver was asked', `HTTP/1.1 200 OK\r\n\r\n${OK}`],
    ['answers without an end', 'x'.repeat(9_000)],
  ])('that %s is a proxy_error', async (_, answer) => {
    const receiver = kept(await httpReceiver((_request, response) => response.end('ok')));
    const { proxy } = await startProxy(answer);
    expect(inWords(await through(proxy).send(requestTo(receiver.url)))).toBe('unreachable proxy_error');
  });

  it('that cannot be reached, or hangs up, is a proxy_error', async () => {
    const gone = await rawReceiver(() => {});
    gone.close();
    const proxy = { host: '127.0.0.1', port: gone.port, secure: false, authorization: null };
    expect(inWords(await through(proxy).send(requestTo('http://127.0.0.1:1')))).toBe('unreachable proxy_error');
    const hangsUp = kept(await rawReceiver((socket) => socket.once('data', () => socket.end())));
    const rude = { ...proxy, port: hangsUp.port };
    expect(inWords(await through(rude).send(requestTo('http://127.0.0.1:1')))).toBe('unreachable proxy_error');
  });

  it('that never answers is ended by the deadline, and so is its socket', async () => {
    const silent = kept(await rawReceiver((socket) => answerEach(socket, '')));
    const proxy = { host: '127.0.0.1', port: silent.port, secure: false, authorization: null };
    const report = await through(proxy).send(requestTo('http://127.0.0.1:1', { timeoutMs: 200 }));
    expect(inWords(report)).toBe('timed-out connect');
    await expect.poll(() => silent.open()).toBe(0);
  });

  it('is not dialled after the deadline, when DNS was what took so long', async () => {
    const dns = await startDnsServer(() => 'silence');
    closers.push(() => dns.close());
    const { proxy, accepted } = await startProxy();
    const sender = through(proxy, { resolver: createResolver({ servers: [dns.address], timeoutMs: 300 }) });
    const late = await sender.send(requestTo('http://receiver.test', { timeoutMs: 100 }));
    expect(inWords(late)).toBe('timed-out connect');
    const sentinel = await sender.send(requestTo('http://receiver.test', { timeoutMs: 5_000 }));
    expect(inWords(sentinel)).toBe('unreachable dns_error');
    expect(accepted()).toBe(0);
  });

  it('is not taken from the environment', async () => {
    const { asked, port } = await startProxy();
    const receiver = kept(await httpReceiver((_, response) => response.end('ok')));
    process.env['HTTP_PROXY'] = process.env['http_proxy'] = `http://127.0.0.1:${port}`;
    closers.push(() => {
      delete process.env['HTTP_PROXY'];
      delete process.env['http_proxy'];
    });
    expect(inWords(await kept(testSender()).send(requestTo(receiver.url)))).toBe('accepted 200');
    expect(asked).toEqual([]);
  });
});

describe('parseEgressProxy', () => {
  it('reads a proxy from its URL', () => {
    expect(parseEgressProxy('http://proxy.internal:3128')).toEqual({
      host: 'proxy.internal',
      port: 3128,
      secure: false,
      authorization: null,
    });
    expect(parseEgressProxy('https://us%3Aer:p%40ss@[fd00::1]')).toEqual({
      host: 'fd00::1',
      port: 443,
      secure: true,
      authorization: `Basic ${Buffer.from('us:er:p@ss').toString('base64')}`,
    });
  });

  it.each([
    '',
    'proxy:3128',
    'socks5://proxy',
    'http://proxy/path',
    'http://proxy/?q',
    'http://proxy/#f',
    LOOPBACK[0] ?? '',
  ])('takes %j for none', (text) => {
    expect(parseEgressProxy(text)).toBeNull();
  });
});
