import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ClientOptions } from '../src/client.ts';
import { createClient } from '../src/client.ts';

/** What the played API does with one request. */
export type Act =
  | { status: number; headers?: Record<string, string>; json?: unknown; text?: string }
  /** Takes the request and breaks the connection: nobody knows whether it was done. */
  | 'reset'
  /** Takes the request and never answers. */
  | 'hang'
  /** Sends the head of an answer and half of its body, and no more. */
  | 'stall';

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Which connection it came on. */
  port: number | undefined;
}

export interface ScriptedApi {
  url: string;
  requests: SeenRequest[];
  /** Resolves when this many requests have come. */
  received(count: number): Promise<void>;
}

/** A real server that plays the API: one act for each request, the last one for all that follow. Ends with the test. */
export async function startApi(...acts: Act[]): Promise<ScriptedApi> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void seen(request).then((request_) => {
      requests.push(request_);
      server.emit('seen');
      perform(acts[Math.min(requests.length, acts.length) - 1] ?? 'reset', response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async received(count) {
      while (requests.length < count) await once(server, 'seen');
    },
  };
}

/** A client of the played API, bound to the org `acme`. */
export function clientOf(api: { url: string }, options: Partial<ClientOptions> = {}) {
  const client = createClient({ url: api.url, apiKey: 'key_live_1', org: 'acme', ...options });
  onTestFinished(() => client.close());
  return client;
}

async function seen(request: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: request.headers,
    body: Buffer.concat(chunks),
    port: request.socket.remotePort,
  };
}

function perform(act: Act, response: ServerResponse): void {
  if (act === 'hang') return;
  if (act === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  if (act === 'stall') {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"id":');
    return;
  }
  response.writeHead(act.status, { 'content-type': 'application/json', ...act.headers });
  response.end(act.text ?? (act.json === undefined ? '' : JSON.stringify(act.json)));
}
