import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Receiver } from '../test/receivers.ts';
import { answerEach, OK, rawReceiver } from '../test/receivers.ts';
import { inWords, requestTo, testSender } from '../test/sending.ts';
import type { HttpSender, SenderOptions } from './sender.ts';

const running: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

async function raw(onConnection: (socket: Socket) => void): Promise<Receiver> {
  const receiver = await rawReceiver(onConnection);
  running.push(receiver);
  return receiver;
}

function sender(options: Partial<SenderOptions> = {}): HttpSender {
  const made = testSender(options);
  running.push(made);
  return made;
}

describe('connections', () => {
  it('are kept alive: many requests go over one socket', async () => {
    const receiver = await raw((socket) => answerEach(socket, OK));
    const one = sender();
    for (let round = 0; round < 20; round += 1) {
      expect(inWords(await one.send(requestTo(receiver.url)))).toBe('accepted 200');
    }
    expect(receiver.accepted()).toBe(1);
    expect(one.connections).toEqual({ origins: 1, open: 1, idle: 1 });
  });

  it('are as many as requests at a time, up to the limit of the origin', async () => {
    const receiver = await raw((socket) => socket.on('data', () => setImmediate(() => socket.write(OK))));
    const one = sender({ maxConnectionsPerOrigin: 4 });
    const reports = await Promise.all(Array.from({ length: 40 }, () => one.send(requestTo(receiver.url))));
    expect(new Set(reports.map(inWords))).toEqual(new Set(['accepted 200']));
    expect(receiver.accepted()).toBe(4);
    expect(one.connections).toEqual({ origins: 1, open: 4, idle: 4 });
  });

  it('are left to others by a request whose deadline passed while it waited for one', async () => {
    const sockets: Socket[] = [];
    const receiver = await raw((socket) => socket.on('data', () => sockets.push(socket)));
    const one = sender({ maxConnectionsPerOrigin: 1 });
    const slow = one.send(requestTo(receiver.url));
    await expect.poll(() => sockets.length).toBe(1);
    expect(inWords(await one.send(requestTo(receiver.url, { timeoutMs: 100 })))).toBe('timed-out connect');
    const patient = one.send(requestTo(receiver.url));

    sockets[0]?.write(OK);
    expect(inWords(await slow)).toBe('accepted 200');
    await expect.poll(() => sockets.length).toBe(2);
    sockets[1]?.write(OK);
    expect(inWords(await patient)).toBe('accepted 200');
    expect(receiver.accepted()).toBe(1);
  });

  it('make room for the next in line when they break', async () => {
    const receiver = await raw((socket) => socket.on('data', () => socket.resetAndDestroy()));
    const one = sender({ maxConnectionsPerOrigin: 2 });
    const reports = await Promise.all(Array.from({ length: 10 }, () => one.send(requestTo(receiver.url))));
    expect(new Set(reports.map(inWords))).toEqual(new Set(['unreachable connection_reset']));
    expect(receiver.accepted()).toBe(10);
    expect(one.connections).toEqual({ origins: 0, open: 0, idle: 0 });
  });

  it('are closed when they have been idle too long', async () => {
    const receiver = await raw((socket) => answerEach(socket, OK));
    const one = sender({ keepAliveTimeoutMs: 100 });
    await one.send(requestTo(receiver.url));
    await expect.poll(() => one.connections).toEqual({ origins: 0, open: 0, idle: 0 });
    await expect.poll(() => receiver.open()).toBe(0);
  });

  it('are not kept longer than the receiver keeps them', async () => {
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=1\r\n\r\n';
    const receiver = await raw((socket) => answerEach(socket, answer));
    const one = sender();
    await one.send(requestTo(receiver.url));
    await expect.poll(() => one.connections.open).toBe(0);
  });

  it('are not kept longer because the receiver would', async () => {
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=600\r\n\r\n';
    const receiver = await raw((socket) => answerEach(socket, answer));
    const one = sender({ keepAliveTimeoutMs: 100 });
    await one.send(requestTo(receiver.url));
    await expect.poll(() => one.connections.open).toBe(0);
  });

  it.each([
    'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n',
  ])('are not reused when the receiver closes them: %j', async (answer) => {
    const receiver = await raw((socket) => answerEach(socket, answer));
    const one = sender();
    expect(inWords(await one.send(requestTo(receiver.url)))).toBe('accepted 200');
    expect(inWords(await one.send(requestTo(receiver.url)))).toBe('accepted 200');
    expect(receiver.accepted()).toBe(2);
    await expect.poll(() => one.connections.open).toBe(0);
  });

  it('that the receiver closed while idle are replaced, and nothing is sent twice', async () => {
    const sockets: Socket[] = [];
    const receiver = await raw((socket) => {
      sockets.push(socket);
      answerEach(socket, OK);
    });
    const one = sender();
    await one.send(requestTo(receiver.url));
    sockets[0]?.end();
    await expect.poll(() => one.connections.open).toBe(0);
    expect(inWords(await one.send(requestTo(receiver.url)))).toBe('accepted 200');
    expect(receiver.accepted()).toBe(2);
  });

  it('that break under a request are reported: a POST is never silently sent again', async () => {
    let requests = 0;
    const receiver = await raw((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => (++requests === 2 ? socket.resetAndDestroy() : socket.write(OK)));
    });
    const one = sender();
    expect(inWords(await one.send(requestTo(receiver.url)))).toBe('accepted 200');
    expect(inWords(await one.send(requestTo(receiver.url)))).toBe('unreachable connection_reset');
    expect(requests).toBe(2);
  });

  it('do not pile up over many origins: the longest idle is closed', async () => {
    const receivers = await Promise.all(Array.from({ length: 8 }, () => raw((socket) => answerEach(socket, OK))));
    const one = sender({ maxIdleConnections: 3 });
    for (const receiver of receivers) expect(inWords(await one.send(requestTo(receiver.url)))).toBe('accepted 200');
    expect(one.connections).toEqual({ origins: 3, open: 3, idle: 3 });
    await expect.poll(() => receivers.map((receiver) => receiver.open())).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
  });
});
