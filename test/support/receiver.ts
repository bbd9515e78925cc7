import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { ServerOptions } from 'node:https';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { until } from './until.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** When the body was complete, in ms since 1970. */
  readonly receivedAt: number;
  /** Raised when the sender has gone before it had its answer. */
  readonly gone: AbortSignal;
  /** The port at the other end: requests that shared a connection have the same. */
  readonly peerPort: number;
  /** Common name of the certificate that the other side showed; null for none. */
  readonly peerName: string | null;
}

export interface ReceiverAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  readonly delayMs?: number;
  /** Keep the connection open and never answer. */
  readonly hang?: boolean;
  /** Break the connection instead of answering. */
  readonly reset?: boolean;
}

/** `index` counts the requests of this receiver from 0. */
export type Behaviour = (request: ReceivedRequest, index: number) => ReceiverAnswer | Promise<ReceiverAnswer>;

export interface Receiver extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** In the order in which their bodies were complete. */
  readonly requests: readonly ReceivedRequest[];
  /** Changes the behaviour from the next request on. */
  answer(behaviour: Behaviour): void;
  /**
   * A number waits for as many requests and returns the first so many; a predicate waits for a request that satisfies it and returns all that do.
   * Default 10 s.
   */
  waitFor(what: number | ((request: ReceivedRequest) => boolean), timeoutMs?: number): Promise<ReceivedRequest[]>;
}

/** A real receiver of webhooks on a port of its own. Default behaviour: 200, empty. With `tls` it speaks https. */
export async function startReceiver(
  initial: Behaviour = () => ({}),
  tls: ServerOptions | null = null,
): Promise<Receiver> {
  let behaviour = initial;
  const requests: ReceivedRequest[] = [];
  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await receive(incoming, signalOfLoss(response)).catch(() => undefined);
    if (request === undefined) return;
    requests.push(request);
    await respond(response, await behaviour(request, requests.length - 1));
  }
  const server = tls === null ? createServer(serve) : createTlsServer(tls, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http${tls === null ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (next) => {
      behaviour = next;
    },
    waitFor: (what, timeoutMs = 10_000) => waitForRequests(requests, what, timeoutMs),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function receive(incoming: IncomingMessage, gone: AbortSignal): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = '', url: path = '', headers, socket } = incoming;
  const peer = { peerPort: socket.remotePort ?? 0, peerName: peerName(socket) };
  return { method, path, headers, body: Buffer.concat(chunks), receivedAt: Date.now(), gone, ...peer };
}

function signalOfLoss(response: ServerResponse): AbortSignal {
  const loss = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) loss.abort();
  });
  return loss.signal;
}

function peerName(socket: Socket): string | null {
  const subject = socket instanceof TLSSocket ? socket.getPeerCertificate().subject : undefined;
  return subject === undefined ? null : String(subject.CN);
}

async function respond(response: ServerResponse, answer: ReceiverAnswer): Promise<void> {
  if (answer.delayMs !== undefined) await delayUnlessClosed(response, answer.delayMs);
  if (answer.hang === true) return;
  if (answer.reset === true) response.socket?.resetAndDestroy();
  else response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
}

async function delayUnlessClosed(response: ServerResponse, delayMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function waitForRequests(
  requests: readonly ReceivedRequest[],
  what: number | ((request: ReceivedRequest) => boolean),
  timeoutMs: number,
): Promise<ReceivedRequest[]> {
  if (typeof what === 'number') {
    await until(() => requests.length >= what, { timeoutMs, what: `${what} requests` });
    return requests.slice(0, what);
  }
  await until(() => requests.some(what), { timeoutMs, what: `a request that fits, among ${requests.length} so far` });
  return requests.filter(what);
}
