import type { Service } from '@hooklane/runtime';
import { invariant, listenFailure } from '@hooklane/runtime';
import type { FastifyInstance } from 'fastify';

export interface Listener extends Service {
  /** Only after `start`. */
  readonly url: string;
}

/** The server as a service. Before it closes it says so: not ready any more, and nobody waits for attempts. */
export function createListener(
  app: FastifyInstance,
  { host, port, stopping }: { host: string; port: number; stopping: AbortController },
): Listener {
  let url: string | null = null;
  return {
    name: 'http',
    async start() {
      url = await app.listen({ host, port }).catch((error: unknown) => {
        throw listenFailure(error, { port, variable: 'PORT' });
      });
    },
    async stop() {
      stopping.abort();
      await app.close();
    },
    get url() {
      invariant(url, 'the server does not listen yet');
      return url;
    },
  };
}
