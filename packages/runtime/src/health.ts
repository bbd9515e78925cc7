import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { invariant, TimeoutError } from './errors.ts';
import type { Service } from './service.ts';
import { withTimeout } from './wait.ts';

export interface Readiness {
  /** May this process get work? A degraded check need not make it false (without Redis Hooklane is only slower). */
  ready: boolean;
  checks: Record<string, 'ok' | 'degraded' | 'failed'>;
}

export interface HealthOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  /** False asks the supervisor to restart the process; must not depend on Postgres or Redis. */
  live: () => boolean;
  /** One that takes more than 2 s, or rejects, counts as not ready. */
  ready: () => Promise<Readiness>;
}

export interface HealthServer extends Service {
  /** The port actually bound. Only after `start`; before it an InvariantError. */
  readonly port: number;
}

/** Answers `GET /healthz` and `GET /readyz` with 200 or 503 and JSON, all else with 404. For processes with no API. */
export function createHealthServer(options: HealthOptions): HealthServer {
  const server = createServer({ headersTimeout: 5000, requestTimeout: 5000 }, (request, response) => {
    void answer(request, options).then((given) => send(response, given));
  });
  return {
    name: 'health',
    start: () => listen(server, options),
    stop: () => close(server),
    get port() {
      return portOf(server);
    },
  };
}

interface Answer {
  status: number;
  body: unknown;
}

const READY_TIMEOUT_MS = 2000;

async function answer(request: IncomingMessage, options: HealthOptions): Promise<Answer> {
  const path = request.method === 'GET' ? request.url?.split('?')[0] : undefined;
  if (path === '/healthz') return answerLive(options.live());
  if (path === '/readyz') return answerReady(await readinessOf(options));
  return { status: 404, body: { error: 'not found' } };
}

function answerLive(live: boolean): Answer {
  return { status: live ? 200 : 503, body: { live } };
}

function answerReady(readiness: Readiness): Answer {
  return { status: readiness.ready ? 200 : 503, body: readiness };
}

/** The reason of a failed check is not told: whoever can reach the port may be a stranger. */
async function readinessOf({ ready }: HealthOptions): Promise<Readiness> {
  try {
    return await withTimeout(ready(), READY_TIMEOUT_MS, () => new TimeoutError('readiness took too long'));
  } catch {
    return { ready: false, checks: { readiness: 'failed' } };
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    // A probe comes once in seconds: a connection kept open would only be in the way of the stop.
    connection: 'close',
  });
  response.end(JSON.stringify(body));
}

async function listen(server: Server, { host, port }: HealthOptions): Promise<void> {
  server.listen({ host, port });
  // Rejects with the 'error' event, which a port in use emits.
  await once(server, 'listening');
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A probe cut off here reads as "down", which is what the process is about to be.
  server.closeAllConnections();
  await closed;
}

function portOf(server: Server): number {
  const address = server.address();
  invariant(typeof address === 'object' && address !== null, 'the health server does not listen yet');
  return address.port;
}
