import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface Received {
  /** The event's id: the same on every attempt. */
  id: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Somebody's endpoint: a real HTTP server on loopback. */
export interface DemoReceiver {
  readonly url: string;
  readonly requests: readonly Received[];
  /** Different events that were answered 2xx. */
  readonly accepted: ReadonlySet<string>;
  /** From the next request on; `index` counts from 0. */
  behave(answer: (index: number) => Answer): void;
  close(): void;
}

export interface Answer {
  status: number;
  delayMs?: number;
}

export async function openReceiver(): Promise<DemoReceiver> {
  const requests: Received[] = [];
  const accepted = new Set<string>();
  let answer: (index: number) => Answer = () => ({ status: 204 });

  const server = createServer(async (incoming, outgoing) => {
    const received = await read(incoming);
    const { status, delayMs = 0 } = answer(requests.push(received) - 1);
    if (delayMs > 0) await wait(delayMs);
    outgoing.writeHead(status).end();
    if (status < 300) accepted.add(received.id);
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    requests,
    accepted,
    behave(next) {
      answer = next;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function read(incoming: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const id = String(incoming.headers['webhook-id']);
  return { id, headers: incoming.headers, body: Buffer.concat(chunks).toString() };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}
