import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Receiver } from '../test/receivers.ts';
import { answerEach, drip, httpReceiver, OK, rawReceiver, SELF_SIGNED, tlsReceiver } from '../test/receivers.ts';
import { inWords, requestTo, testSender } from '../test/sending.ts';
import type { HttpSender, SenderOptions } from './sender.ts';

const receivers: Receiver[] = [];
const senders: HttpSender[] = [];
afterEach(async () => {
  for (const receiver of receivers.splice(0)) receiver.close();
  await Promise.all(senders.splice(0).map((one) => one.close()));
});

function sender(options: Partial<SenderOptions> = {}): HttpSender {
  const made = testSender(options);
  senders.push(made);
  return made;
}

async function http(listener: RequestListener): Promise<Receiver> {
  const receiver = await httpReceiver(listener);
  receivers.push(receiver);
  return receiver;
}

async function raw(onConnection: (socket: Socket) => void): Promise<Receiver> {
  const receiver = await rawReceiver(onConnection);
  receivers.push(receiver);
  return receiver;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('what is sent', () => {
  it('is one POST with the bytes and headers of the request', async () => {
    const seen: { request: IncomingMessage; body: Buffer }[] = [];
    const receiver = await http(async (request, response) => {
      seen.push({ request, body: await readAll(request) });
      response.end();
    });
    const body = Buffer.from([0x7b, 0x00, 0xff, 0x7d]);
    const headers = { 'content-type': 'application/json', 'x-many': ['one', 'two'] };
    await sender().send(requestTo(`${receiver.url}/hooks/a%20b?c=d&c=e`, { body, headers }));

    expect(seen).toHaveLength(1);
    const { request, body: received } = seen[0] ?? expect.fail();
    expect(received).toEqual(body);
    expect({ method: request.method, url: request.url }).toEqual({ method: 'POST', url: '/hooks/a%20b?c=d&c=e' });
    expect(request.headers).toMatchObject({
      'accept-encoding': 'identity',
      'content-length': '4',
      'content-type': 'application/json',
      host: `127.0.0.1:${receiver.port}`,
      'user-agent': 'Hooklane-Test',
    });
    expect(request.headersDistinct['x-many']).toEqual(['one', 'two']);
  });

  it('keeps the user agent of the request, but asks for no encoding whatever the request says', async () => {
    const seen: IncomingMessage[] = [];
    const receiver = await http((request, response) => {
      seen.push(request);
      response.end();
    });
    await sender().send(requestTo(receiver.url, { headers: { 'user-agent': 'Mine', 'accept-encoding': 'gzip' } }));
    expect(seen[0]?.headers).toMatchObject({ 'user-agent': 'Mine', 'accept-encoding': 'identity' });
  });

  it.each([
    ['a URL that is none', { url: 'not a url' }],
    ['another scheme', { url: 'ftp://127.0.0.1/' }],
    ['a host header', { headers: { host: 'evil.test' } }],
    ['a header undici refuses', { headers: { 'x-bad': 'a\r\nb: c' } }],
  ])('rejects %s, which the door should have refused', async (_, wrong) => {
    const receiver = await http((_request, response) => response.end());
    const one = sender();
    await expect(one.send({ ...requestTo(receiver.url), ...wrong })).rejects.toThrow();
    expect(receiver.accepted()).toBe(0);
    expect(one.connections).toEqual({ origins: 0, open: 0, idle: 0 });
  });
});

describe('what the status says', () => {
  it.each([
    [200, 'accepted 200'],
    [204, 'accepted 204'],
    [299, 'accepted 299'],
    [300, 'rejected 300'],
    [304, 'rejected 304'],
    [400, 'rejected 400'],
    [410, 'rejected 410'],
    [500, 'rejected 500'],
    [599, 'rejected 599'],
  ])('%i is %s', async (status, words) => {
    const receiver = await http((_request, response) => response.writeHead(status).end());
    const report = await sender().send(requestTo(receiver.url));
    expect(inWords(report)).toBe(words);
    expect(report.response).toMatchObject({ status, truncated: false });
  });

  it('reports headers, body and the time it took', async () => {
    const receiver = await http((_request, response) => {
      response
        .writeHead(
          200,
          [
            ['X-Id', '7'],
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
            ['__proto__', 'x'],
          ].flat(),
        )
        .end('thanks');
    });
    const { response, durationMs } = await sender().send(requestTo(receiver.url));
    expect(response?.headers).toMatchObject({ 'x-id': '7', 'set-cookie': ['a=1', 'b=2'] });
    expect(response?.body.toString()).toBe('thanks');
    expect(durationMs).toBeGreaterThan(0);
    expect(durationMs).toBeLessThan(2_000);
  });

  it.each([301, 302, 303, 307, 308])('%i is never followed', async (status) => {
    const target = await http((_request, response) => response.end());
    const receiver = await http((_request, response) => response.writeHead(status, { location: target.url }).end());
    expect(inWords(await sender().send(requestTo(receiver.url)))).toBe(`rejected ${status}`);
    expect(target.accepted()).toBe(0);
  });

  it.each([
    ['120', 120_000],
    ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    ['soon', undefined],
  ])('a Retry-After of %s is parsed', async (value, retryAfterMs) => {
    const receiver = await http((_request, response) => response.writeHead(429, { 'retry-after': value }).end());
    const report = await sender({ clock: () => Date.UTC(2026, 9, 21, 7, 28, 0) }).send(requestTo(receiver.url));
    const wish = retryAfterMs === undefined ? {} : { retryAfterMs };
    expect(report.outcome).toEqual({ kind: 'rejected', status: 429, ...wish });
  });

  it('counts the final status, not the informational ones before it', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
    const receiver = await raw((socket) => answerEach(socket, early + early + OK));
    expect(inWords(await sender().send(requestTo(receiver.url)))).toBe('accepted 200');
  });
});

describe('the body of the answer', () => {
  it('is kept up to the limit, and the connection with it', async () => {
    const receiver = await http((_request, response) => response.end(Buffer.alloc(60_000, 'a')));
    const one = sender();
    const report = await one.send(requestTo(receiver.url));
    expect(report.response).toMatchObject({ status: 200, truncated: true });
    expect(report.response?.body).toEqual(Buffer.alloc(4_096, 'a'));
    await one.send(requestTo(receiver.url));
    expect(receiver.accepted()).toBe(1);
  });

  it('is not truncated when it just fits', async () => {
    const receiver = await http((_request, response) => response.end(Buffer.alloc(4_096, 'a')));
    const { response } = await sender().send(requestTo(receiver.url));
    expect({ truncated: response?.truncated, bytes: response?.body.length }).toEqual({
      truncated: false,
      bytes: 4_096,
    });
  });

  it.each([10_485_760, Number.MAX_SAFE_INTEGER])('is cut off at the read limit, even of %i bytes', async (bytes) => {
    const receiver = await raw((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('drain', () => socket.write(Buffer.alloc(1_000_000, 'a')));
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes}\r\n\r\n`);
      socket.write(Buffer.alloc(1_000_000, 'a'));
    });
    const report = await sender().send(requestTo(receiver.url));
    expect(inWords(report)).toBe('accepted 200');
    expect(report.response).toMatchObject({ truncated: true, body: Buffer.alloc(4_096, 'a') });
    expect(report.durationMs).toBeLessThan(1_000);
    await expect.poll(() => receiver.open()).toBe(0);
  });

  it('is not decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const receiver = await http((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    const { response } = await sender().send(requestTo(receiver.url));
    expect(response?.body).toEqual(bomb.subarray(0, 4_096));
  });

  it.each([
    [200, 'accepted 200'],
    [503, 'rejected 503'],
  ])('may drip: after a status of %i the deadline makes it %s', async (status, words) => {
    const receiver = await raw((socket) => {
      drip(socket, { start: `HTTP/1.1 ${status} X\r\ncontent-length: 1000\r\n\r\n`, piece: '.', everyMs: 20 });
    });
    const report = await sender().send(requestTo(receiver.url, { timeoutMs: 300 }));
    expect(inWords(report)).toBe(words);
    expect(report.response?.truncated).toBe(true);
    expect(report.response?.body.toString()).toMatch(/^\.+$/);
    expect(report.durationMs).toBeLessThan(800);
    await expect.poll(() => receiver.open()).toBe(0);
  });

  it.each([
    ['is too short', (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort')],
    [
      'is no chunk',
      (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n'),
    ],
  ])('may fail: what %s is accepted all the same', async (_, answer) => {
    const receiver = await raw((socket) => socket.on('data', () => answer(socket)));
    const report = await sender().send(requestTo(receiver.url));
    expect(inWords(report)).toBe('accepted 200');
    expect(report.response?.truncated).toBe(true);
  });

  it('may be reset after the head, which has decided', async () => {
    const receiver = await raw((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n');
        setImmediate(() => socket.resetAndDestroy());
      });
    });
    expect(inWords(await sender().send(requestTo(receiver.url)))).toBe('accepted 200');
  });

  it('may end with the connection', async () => {
    const receiver = await raw((socket) => socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end')));
    const { response } = await sender().send(requestTo(receiver.url));
    expect({ body: response?.body.toString(), truncated: response?.truncated }).toEqual({
      body: 'until the end',
      truncated: false,
    });
  });
});

describe('no answer', () => {
  const early = 'HTTP/1.1 103 Early Hints\r\n\r\n';
  const answers: [string, string, (socket: Socket) => void][] = [
    [
      'bytes that are not HTTP',
      'unreachable protocol_error',
      (socket) => answerEach(socket, 'SSH-2.0-OpenSSH_9.2\r\n'),
    ],
    ['HTTP/0.9', 'unreachable protocol_error', (socket) => answerEach(socket, '<html>hello</html>')],
    [
      'both lengths',
      'unreachable protocol_error',
      (socket) => answerEach(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n'),
    ],
    [
      '40 KB of headers',
      'unreachable protocol_error',
      (socket) => answerEach(socket, `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`),
    ],
    ['a status of 050', 'unreachable protocol_error', (socket) => answerEach(socket, 'HTTP/1.1 050 Odd\r\n\r\n')],
    [
      'an upgrade',
      'unreachable protocol_error',
      (socket) => answerEach(socket, 'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    ],
    ['a flood of 103', 'unreachable protocol_error', (socket) => answerEach(socket, early.repeat(1_000))],
    [
      'a reset before the status',
      'unreachable connection_reset',
      (socket) => socket.on('data', () => socket.resetAndDestroy()),
    ],
    ['a hang-up before the status', 'unreachable connection_reset', (socket) => socket.on('data', () => socket.end())],
    ['a hang-up on accept', 'unreachable connection_reset', (socket) => socket.destroy()],
    [
      'a hang-up within the head',
      'unreachable connection_reset',
      (socket) => socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-')),
    ],
  ];

  it.each(answers)('%s is %s', async (_, words, onConnection) => {
    const receiver = await raw(onConnection);
    const one = sender();
    const report = await one.send(requestTo(receiver.url));
    expect(inWords(report)).toBe(words);
    expect(report.response).toBeNull();
    expect(one.connections).toEqual({ origins: 0, open: 0, idle: 0 });
  });

  it('a closed port is connection_refused', async () => {
    const receiver = await raw(() => undefined);
    receiver.close();
    expect(inWords(await sender().send(requestTo(receiver.url)))).toBe('unreachable connection_refused');
  });
});

describe('a flood that is no body', () => {
  it.each([
    { what: 'a reason phrase', start: 'HTTP/1.1 200 ', words: 'unreachable protocol_error' },
    {
      what: 'a chunk extension',
      start: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;',
      words: 'accepted 200',
    },
  ])('($what) is cut off long before the deadline', async ({ start, words }) => {
    const receiver = await raw((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => {
        socket.write(start);
        const flood = () => {
          while (!socket.destroyed && socket.write('x'.repeat(16_384)));
        };
        socket.on('drain', flood);
        flood();
      });
    });
    const one = sender();
    const report = await one.send(requestTo(receiver.url, { timeoutMs: 20_000 }));
    expect(inWords(report)).toBe(words);
    expect(report.durationMs).toBeLessThan(5_000);
    await expect.poll(() => receiver.open()).toBe(0);
    expect(one.connections.open).toBe(0);
  });
});

describe('the deadline', () => {
  const hangs: [string, (socket: Socket) => void][] = [
    ['that never answers', (socket) => answerEach(socket, '')],
    [
      'that drips its headers',
      (socket) => drip(socket, { start: 'HTTP/1.1 200 OK\r\n', piece: 'x-a: 1\r\n', everyMs: 20 }),
    ],
    [
      'that sends 103 without end',
      (socket) => drip(socket, { piece: 'HTTP/1.1 103 Early Hints\r\n\r\n', everyMs: 25 }),
    ],
    [
      'that never ends its reason phrase',
      (socket) => drip(socket, { start: 'HTTP/1.1 200 ', piece: 'O'.repeat(1_000), everyMs: 10 }),
    ],
  ];

  it.each(hangs)('ends a receiver %s', async (_, onConnection) => {
    const receiver = await raw((socket) => {
      socket.on('error', () => socket.destroy());
      onConnection(socket);
    });
    const one = sender();
    const report = await one.send(requestTo(receiver.url, { timeoutMs: 400 }));
    expect(inWords(report)).toBe('timed-out headers');
    expect(report.response).toBeNull();
    expect(report.durationMs).toBeGreaterThanOrEqual(395);
    expect(report.durationMs).toBeLessThan(900);
    await expect.poll(() => receiver.open()).toBe(0);
    expect(one.connections.open).toBe(0);
  });

  it('ends a receiver that does not read a large request', async () => {
    const receiver = await raw((socket) => void socket.pause());
    const report = await sender().send(requestTo(receiver.url, { timeoutMs: 300, body: Buffer.alloc(20_000_000) }));
    expect(inWords(report)).toBe('timed-out headers');
  });

  it('ends a TLS handshake that does not come, and the socket with it', async () => {
    const receiver = await raw((socket) => void socket.resume());
    const report = await sender().send(requestTo(`https://127.0.0.1:${receiver.port}`, { timeoutMs: 300 }));
    expect(inWords(report)).toBe('timed-out connect');
    expect(report.durationMs).toBeLessThan(800);
    await expect.poll(() => receiver.accepted()).toBe(1);
    await expect.poll(() => receiver.open()).toBe(0);
  });

  it('holds for a hundred hanging receivers at once', async () => {
    const receiver = await raw((socket) => answerEach(socket, ''));
    const one = sender({ maxConnectionsPerOrigin: 40 });
    const reports = await Promise.all(
      Array.from({ length: 100 }, () => one.send(requestTo(receiver.url, { timeoutMs: 500 }))),
    );
    expect(Math.max(...reports.map(({ durationMs }) => durationMs))).toBeLessThan(1_000);
    expect(new Set(reports.map(inWords))).toEqual(new Set(['timed-out headers', 'timed-out connect']));
  });
});

describe('TLS', () => {
  it('is refused when nobody vouches for the certificate', async () => {
    const receiver = await tlsReceiver();
    receivers.push(receiver);
    expect(inWords(await sender().send(requestTo(`https://localhost:${receiver.port}`)))).toBe('unreachable tls_error');
  });

  it('is accepted when the certificate is trusted and names the host', async () => {
    const receiver = await tlsReceiver();
    receivers.push(receiver);
    const one = sender({ trustedCertificates: [SELF_SIGNED] });
    expect(inWords(await one.send(requestTo(`https://localhost:${receiver.port}`)))).toBe('accepted 200');
    expect(inWords(await one.send(requestTo(`https://localhost.:${receiver.port}`)))).toBe('accepted 200');
    expect(inWords(await one.send(requestTo(`https://127.0.0.1:${receiver.port}`)))).toBe('accepted 200');
    expect(inWords(await one.send(requestTo(`https://other.localhost:${receiver.port}`)))).toBe(
      'unreachable tls_error',
    );
  });

  it('is not spoken by a plain receiver', async () => {
    const receiver = await http((_request, response) => response.end());
    expect(inWords(await sender().send(requestTo(`https://127.0.0.1:${receiver.port}`)))).toBe('unreachable tls_error');
  });
});

describe('close', () => {
  it('lets the attempt under way end, and refuses new ones', async () => {
    const answers: (() => void)[] = [];
    const receiver = await http((_request, response) => void answers.push(() => response.end()));
    const one = testSender();
    const report = one.send(requestTo(receiver.url));
    await expect.poll(() => answers.length).toBe(1);
    const closing = one.close();
    await expect(one.send(requestTo(receiver.url))).rejects.toThrow('the sender is closed');
    answers[0]?.();
    expect(inWords(await report)).toBe('accepted 200');
    await closing;
    expect(one.connections).toEqual({ origins: 0, open: 0, idle: 0 });
  });
});
