import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger, Service } from '@hooklane/runtime';
import { listenFailure } from '@hooklane/runtime';
import { z } from 'zod';
import { receive } from '../receive.ts';
import type { CanaryMetrics } from './canary-metrics.ts';
import type { Receipts } from './receipts.ts';

export interface ReceiverOptions {
  host: string;
  port: number;
  secret: string;
  receipts: Receipts;
  metrics: CanaryMetrics;
  logger: Logger;
}

export interface CanaryReceiver extends Service {
  /** The port actually bound, after `start`. */
  readonly port: number;
}

/** A beat is some hundred bytes. Strangers reach this port too. */
const MOST_BYTES = 16 * 1024;

/** Where workers bring the beats: what is signed counts, everything else is refused and counted. */
export function createCanaryReceiver(options: ReceiverOptions): CanaryReceiver {
  const judge = judgeOf(options);
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 10_000 }, (request, response) => {
    void judge(request, response);
  });
  return {
    name: 'receiver',
    async start() {
      server.listen({ host: options.host, port: options.port });
      await once(server, 'listening').catch((error: unknown) => {
        throw listenFailure(error, { port: options.port, variable: 'HOOKLANE_CANARY_PORT' });
      });
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    get port() {
      return (server.address() as AddressInfo).port;
    },
  };
}

const Beat = z.object({ beat: z.string() });

function judgeOf({ secret, receipts, metrics, logger }: ReceiverOptions) {
  let wasRefused = false;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Probes of a load balancer, and what people type into a browser.
    if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
    const received = await receive(request, response, { secret, status: 204, mostBytes: MOST_BYTES });
    if (received?.verified !== true) {
      metrics.received({ result: 'refused' });
      // Once until a good one comes: whoever knows the URL could fill the log.
      if (!wasRefused) logger.warn({ problem: received?.problem ?? 'cut off, or too large' }, 'canary.refused');
      wasRefused = true;
      return;
    }
    wasRefused = false;
    metrics.received(receipts.came(beatOf(received.body), performance.now()));
  };
}

/** What is signed and is no beat (a ping, say) is nobody's beat. */
function beatOf(body: string): string {
  try {
    return Beat.safeParse(JSON.parse(body)).data?.beat ?? '';
  } catch {
    return '';
  }
}
