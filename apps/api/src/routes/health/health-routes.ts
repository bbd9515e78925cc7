import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { route } from '../../contract/route.ts';

// They tell nothing but that we are here and whether we work.

const liveness = z.strictObject({ live: z.literal(true) }).meta({ id: 'Liveness', examples: [{ live: true }] });

const readinessSchema = z
  .strictObject({
    ready: z.boolean().describe('May this process get work?'),
    checks: z.record(z.string(), z.enum(['ok', 'degraded', 'failed'])),
  })
  .meta({
    id: 'Readiness',
    examples: [{ ready: true, checks: { postgres: 'ok', migrations: 'ok', redis: 'degraded' } }],
  });

export const getLiveness = route(
  {
    method: 'GET',
    path: '/healthz',
    operationId: 'getLiveness',
    summary: 'Say that the process lives',
    tag: 'Health',
    access: 'open',
    answers: { 200: liveness },
  },
  () => answer(200, { live: true }),
);

export const getReadiness = route(
  {
    method: 'GET',
    path: '/readyz',
    operationId: 'getReadiness',
    summary: 'Say whether the process may get work',
    tag: 'Health',
    access: 'open',
    answers: {
      200: readinessSchema,
      503: { schema: readinessSchema, description: 'Not now: Postgres is away or not migrated, or the process stops.' },
    },
  },
  async (_call, { ports }) => {
    const readiness = await ports.readiness();
    return answer(readiness.ready ? 200 : 503, readiness);
  },
);
