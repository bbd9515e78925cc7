import type { FastifyInstance } from 'fastify';
import type { RouteContext } from './context.ts';

/** For supervisors and load balancers. Open to all: they tell nothing but that we are here and whether we work. */
export function healthRoutes(app: FastifyInstance, { ports }: RouteContext): void {
  app.get('/healthz', () => ({ live: true }));

  app.get('/readyz', async (_request, reply) => {
    const readiness = await ports.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}
