import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import { PROBLEM_TYPE, problemBody, refusalFor } from './problem.ts';

/** Answers what comes over a connection and is not even a request. */
export interface ClientErrors {
  /** From now on it is known which requests are under way on a connection. */
  follow(server: Server): void;
  /** The `clientError` of a server. Comes again for everything that arrives behind the first garbage. */
  answer(error: ClientError, socket: Socket): void;
}

interface ClientError extends Error {
  code?: string;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** What came behind it cannot be read: after its answer the connection is of no more use. */
  isLast: boolean;
}

/** `newRequestId`: for answers to what has none, as it never became a request. */
export function createClientErrors(newRequestId: () => string): ClientErrors {
  const underWay = new WeakMap<Socket, Set<Exchange>>();

  function begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const exchanges = underWay.get(socket) ?? new Set();
    const exchange: Exchange = { request, response, isLast: false };
    underWay.set(socket, exchanges.add(exchange));
    response.once('close', () => {
      exchanges.delete(exchange);
      if (exchange.isLast) socket.end();
    });
  }

  function answer(error: ClientError, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const last = [...(underWay.get(socket) ?? [])].filter(isComplete).at(-1);
    // Written now, our answer would be taken for the one to the request, which may well be carried out.
    if (last) closeAfter(last);
    else socket.end(answerTo(error, newRequestId()));
  }

  return {
    follow(server) {
      server.prependListener('request', begin);
      // Node would close the connection without a word. It no longer looks after the socket either.
      server.on('connect', (_, socket) => {
        socket.on('error', () => socket.destroy());
        answer(new Error('this is no proxy'), socket as Socket);
      });
    },
    answer,
  };
}

/** The rest of a body will not come any more, so that its request cannot be carried out. */
function isComplete({ request }: Exchange): boolean {
  return request.complete;
}

function closeAfter(exchange: Exchange): void {
  exchange.isLast = true;
  if (!exchange.response.headersSent) exchange.response.setHeader('connection', 'close');
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

function answerTo({ code = '' }: ClientError, requestId: string): string {
  const refusal = refusalFor(new DomainError(CODES[code] ?? 'malformed_request'));
  const body = problemBody(refusal, requestId);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
