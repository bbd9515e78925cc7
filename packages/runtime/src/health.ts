import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { invariant, TimeoutError } from './errors.ts';
import { listenFailure } from './listen-failure.ts';
import { watchLiveness } from './liveness.ts';
import type { Metrics } from './metrics.ts';
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
  /** False asks the supervisor to restart the process; must not depend on Postgres or Redis. Default: the event loop turns. */
  live?: () => boolean;
  /** One that takes more than 2 s, or rejects, counts as not ready. */
  ready: () => Promise<Readiness>;
  metrics: Pick<Metrics, 'render'>;
}

export interface HealthServer extends Service {
  /** The port actually bound. Only after `start`; before it an InvariantError. */
  readonly port: number;
}

/**
 * Answers `GET /healthz` and `GET /readyz` with 200 or 503 and JSON, `GET /metrics` with what Prometheus reads, all else
 * with 404. Asks nobody who they are: its port is for the machines that watch, not for the public.
 */
export function createHealthServer(given: HealthOptions): HealthServer {
  const liveness = watchLiveness();
  const options = { live: liveness.live, ...given };
  const server = createServer({ headersTimeout: 5000, requestTimeout: 5000 }, (request, response) => {
    void answer(request, options).then((made) => send(response, made));
  });
  return {
    name: 'health',
    start: () => listen(server, options),
    stop: () => {
      liveness.stop();
      return close(server);
    },
    get port() {
      return portOf(server);
    },
  };
}

const CHECK_MS = 1_000;

/** How a check went that has a second: below the time of a probe, so that the answer still says which one hangs. Never rejects. */
export function checkSoon(check: Promise<unknown>): Promise<'ok' | 'failed'> {
  const bounded = withTimeout(check, CHECK_MS, () => new TimeoutError('a check took too long'));
  return bounded.then(
    () => 'ok',
    () => 'failed',
  );
}

interface Answer {
  status: number;
  type: string;
  text: string;
}

const READY_TIMEOUT_MS = 2000;

async function answer(request: IncomingMessage, options: Required<HealthOptions>): Promise<Answer> {
  switch (request.method === 'GET' ? request.url?.split('?')[0] : undefined) {
    case '/healthz':
      return answerLive(options.live());
    case '/readyz':
      return answerReady(await readinessOf(options));
    case '/metrics':
      return answerMetrics(options.metrics);
    default:
      return json(404, { error: 'not found' });
  }
}

function answerLive(live: boolean): Answer {
  return json(live ? 200 : 503, { live });
}

function answerReady(readiness: Readiness): Answer {
  return json(readiness.ready ? 200 : 503, readiness);
}

async function answerMetrics(metrics: Pick<Metrics, 'render'>): Promise<Answer> {
  try {
    const { contentType, text } = await metrics.render();
    return { status: 200, type: contentType, text };
  } catch {
    return json(500, { error: 'metrics could not be read' });
  }
}

function json(status: number, body: unknown): Answer {
  return { status, type: 'application/json', text: JSON.stringify(body) };
}

/** The reason of a failed check is not told: whoever can reach the port may be a stranger. */
async function readinessOf({ ready }: Pick<HealthOptions, 'ready'>): Promise<Readiness> {
  try {
    return await withTimeout(ready(), READY_TIMEOUT_MS, () => new TimeoutError('readiness took too long'));
  } catch {
    return { ready: false, checks: { readiness: 'failed' } };
  }
}

function send(response: ServerResponse, { status, type, text }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    // A probe comes once in seconds: a connection kept open would only be in the way of the stop.
    connection: 'close',
  });
  response.end(text);
}

async function listen(server: Server, { host, port }: HealthOptions): Promise<void> {
  server.listen({ host, port });
  // Rejects with the 'error' event, which a port in use emits.
  await once(server, 'listening').catch((error: unknown) => {
    throw listenFailure(error, { port, variable: 'HOOKLANE_HEALTH_PORT' });
  });
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
