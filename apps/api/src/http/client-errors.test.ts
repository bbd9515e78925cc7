import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../test/api.ts';
import { startApi } from '../../test/api.ts';

const GARBAGE = '\u0000garbage\r\n\r\n';
let api: TestApi;
let socket: Socket;

beforeEach(async () => {
  api = await startApi();
  // The server looks for slow senders this often, and calls them slow after so long.
  Object.assign(api.app.server, { connectionsCheckingInterval: 20 });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  socket = connect((api.app.server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
});

afterEach(async () => {
  socket.destroy();
  await api.app.close();
});

describe('what is not HTTP', () => {
  it.each([
    ['400 Bad Request', 'malformed_request', 'nonsense\r\n\r\n'],
    ['400 Bad Request', 'malformed_request', 'CONNECT internal:443 HTTP/1.1\r\nhost: internal:443\r\n\r\n'],
    ['431 Request Header Fields Too Large', 'headers_too_large', `GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['431 Request Header Fields Too Large', 'headers_too_large', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`],
  ])('is answered %s with %s, and the connection closed', async (status, code, sent) => {
    socket.write(sent);
    const [answer, more] = answersIn(await text(socket));
    expect(answer?.head).toContain(`HTTP/1.1 ${status}\r\ncontent-type: application/problem+json`);
    expect(answer?.head).toContain('\r\nconnection: close');
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code, status: Number.parseInt(status, 10) });
    expect(more).toBeUndefined();
  });

  it.each([
    ['the headers', 'GET / HTTP/1.1\r\nhost:'],
    [
      'the body',
      'POST /v1/orgs/acme/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    ],
  ])('is answered 408 where %s came too slowly', async (_, sent) => {
    Object.assign(api.app.server, { requestTimeout: 50, headersTimeout: 50 });
    socket.write(sent.replace('host: x', `host: x\r\nauthorization: Bearer ${api.key}`));
    const [answer] = answersIn(await text(socket));
    expect(answer?.head).toContain('HTTP/1.1 408 Request Timeout\r\ncontent-type: application/problem+json');
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'request_timeout', status: 408 });
  });

  it('is refused where a body was compressed on its way, which nobody here would undo', async () => {
    socket.write(publish('transfer-encoding: gzip, chunked', '18\r\n{"type":"t","payload":1}\r\n0\r\n\r\n'));
    socket.end();
    const answers = answersIn(await text(socket));
    expect(answers.map(statusLine)).toEqual(['HTTP/1.1 415 Unsupported Media Type']);
    expect(api.ports.events.drafts).toHaveLength(0);
  });

  it('is answered in the middle of a body too: that request was not carried out', async () => {
    socket.write(publish('transfer-encoding: chunked', 'no length\r\n'));
    const answers = answersIn(await text(socket));
    expect(answers.map(statusLine)).toEqual(['HTTP/1.1 400 Bad Request']);
  });
});

describe('garbage behind a request', () => {
  const PUBLISH = ['content-length: 24', '{"type":"t","payload":1}'] as const;

  it('leaves the answer to the request the only one, and the last of its connection', async () => {
    await sendWhileHeld(publish(...PUBLISH) + GARBAGE);
    const answers = answersIn(await text(socket));
    expect(answers.map(statusLine)).toEqual(['HTTP/1.1 202 Accepted']);
    expect(answers.map(saysClose)).toEqual([true]);
    expect(api.ports.events.drafts).toHaveLength(1);
  });

  it('waits for the answers to all requests before it, however much of it comes', async () => {
    await sendWhileHeld(publish(...PUBLISH) + publish(...PUBLISH) + GARBAGE, GARBAGE);
    const answers = answersIn(await text(socket));
    expect(answers.map(statusLine)).toEqual(['HTTP/1.1 202 Accepted', 'HTTP/1.1 202 Accepted']);
    expect(answers.map(saysClose)).toEqual([false, true]);
  });

  it('ends the connection behind an answer that was made already and waits for its turn', async () => {
    await sendWhileHeld(`${publish(...PUBLISH)}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n${GARBAGE}`);
    const answers = answersIn(await text(socket));
    expect(answers.map(statusLine)).toEqual(['HTTP/1.1 202 Accepted', 'HTTP/1.1 200 OK']);
  });

  it('within the body of the next one lets the answer to the first out alone', async () => {
    await sendWhileHeld(publish(...PUBLISH) + publish('transfer-encoding: chunked', 'no length\r\n'));
    const answers = answersIn(await text(socket));
    expect(answers.map(statusLine)).toEqual(['HTTP/1.1 202 Accepted']);
    expect(api.ports.events.drafts).toHaveLength(1);
  });
});

describe('HTTP that asks for what there is not', () => {
  it('is refused as problem+json where it names no host', async () => {
    socket.end('GET /healthz HTTP/1.1\r\n\r\n');
    const [answer] = answersIn(await text(socket));
    expect(answer?.head).toContain('HTTP/1.1 400 Bad Request');
    expect(answer?.head).toContain('content-type: application/problem+json');
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'malformed_request', status: 400 });
  });

  it('is taken without a host as HTTP/1.0, which had none', async () => {
    socket.end('GET /healthz HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toContain('200 OK');
  });

  it('is refused as problem+json where it expects the unknown', async () => {
    socket.end('GET /healthz HTTP/1.1\r\nhost: x\r\nexpect: foo\r\n\r\n');
    const [answer] = answersIn(await text(socket));
    expect(answer?.head).toContain('HTTP/1.1 417 Expectation Failed');
    expect(answer?.head).toContain('content-type: application/problem+json');
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'expectation_failed', status: 417 });
  });

  it('is told to go on where it expects that', async () => {
    socket.end('GET /healthz HTTP/1.1\r\nhost: x\r\nexpect: 100-Continue\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });
});

/** Each part is known to be garbage before the next is sent; only then are the requests among them carried out. */
async function sendWhileHeld(...parts: string[]): Promise<void> {
  const { keys } = api.ports;
  const { authenticate } = keys;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  keys.authenticate = (hash) => held.then(() => authenticate(hash));
  for (const part of parts) {
    const noticed = once(api.app.server, 'clientError');
    socket.write(part);
    await noticed;
  }
  release();
}

function statusLine({ head }: { head: string }): string | undefined {
  return head.split('\r\n')[0];
}

function saysClose({ head }: { head: string }): boolean {
  return /\r\nconnection: close/i.test(head);
}

function publish(header: string, body: string): string {
  const lines = ['POST /v1/orgs/acme/events HTTP/1.1', 'host: x', `authorization: Bearer ${api.key}`];
  return [...lines, 'content-type: application/json', header, '', body].join('\r\n');
}

/** The answers on a connection, told apart by their `content-length`. */
function answersIn(received: string): Array<{ head: string; body: string }> {
  const answers: Array<{ head: string; body: string }> = [];
  for (let rest = received; rest !== ''; ) {
    const start = rest.indexOf('\r\n\r\n') + 4;
    const head = rest.slice(0, start);
    const end = start + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? rest.length);
    answers.push({ head, body: rest.slice(start, end) });
    rest = rest.slice(end);
  }
  return answers;
}
