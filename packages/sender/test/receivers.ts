import type { RequestListener } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { TlsOptions as NodeTlsOptions, TLSSocket } from 'node:tls';
import { createServer as createTlsServer } from 'node:tls';
import { fixture } from '../../../test/support/certificates.ts';

export interface Receiver {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  url: string;
  port: number;
  /** Connections accepted so far. */
  accepted: () => number;
  /** Connections open now. */
  open: () => number;
  close(): void;
}

/** A receiver that does with each connection what the test wants. */
export function rawReceiver(onConnection: (socket: Socket) => void): Promise<Receiver> {
  return started(createServer(onConnection));
}

export function httpReceiver(listener: RequestListener): Promise<Receiver> {
  return started(createHttpServer(listener));
}

/** Answers 200 over TLS with a certificate of its own making, for localhost, receiver.test and 127.0.0.1. */
export function tlsReceiver(options: Partial<TlsOptions> = {}): Promise<Receiver> {
  const { onConnection = (socket) => answerEach(socket, OK), certificate = 'self-signed', ...rest } = options;
  const identity = { key: fixture(`${certificate}-key`), cert: fixture(`${certificate}-cert`) };
  return started(createTlsServer({ ...identity, ...rest }, onConnection));
}

export interface TlsOptions extends NodeTlsOptions {
  /** `self-signed`, or one that the test authority signed: `server`, `expired`, `sha1`. */
  certificate: string;
  onConnection: (socket: TLSSocket) => void;
}

export const SELF_SIGNED = fixture('self-signed-cert');

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** Writes `answer` whenever something came in: enough for requests that fit into one packet. */
export function answerEach(socket: Socket, answer: string | Buffer): void {
  socket.on('data', () => socket.write(answer));
  socket.on('error', () => socket.destroy());
}

/** Sends `start` and then one piece every few milliseconds, until the other side hangs up. */
export function drip(socket: Socket, { start = '', piece, everyMs }: Drip): void {
  if (start) socket.write(start);
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearInterval(timer));
}

export interface Drip {
  start?: string;
  piece: string;
  everyMs: number;
}

async function started(server: Server): Promise<Receiver> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    accepted: () => accepted,
    open: () => sockets.size,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
