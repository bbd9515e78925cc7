import { found } from '@hooklane/engine';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { orgOf } from '../authenticate.ts';
import { pageQuery, pageRequestOf, presentPage } from '../paging.ts';
import { paramId, parseQuery } from '../parse.ts';
import { presentAttempt, presentDelivery } from '../present-history.ts';
import type { RouteContext } from './context.ts';
import { webhookOf } from './webhook-of.ts';

export function attemptRoutes(app: FastifyInstance, { ports, gates }: RouteContext): void {
  const gate = gates.org('deliveries:read');

  app.get('/v1/orgs/:org/webhooks/:id/attempts', gate, async (request) => {
    const { status, ...page } = parseQuery(request, attemptsQuery);
    const webhook = await webhookOf(request, ports.webhooks);
    const attempts = await ports.history.attempts(webhook, { status }, pageRequestOf(page));
    return presentPage(attempts, (attempt) => presentAttempt(attempt));
  });

  app.get('/v1/orgs/:org/webhooks/:id/attempts/:attempt', gate, async (request) => {
    const webhook = await webhookOf(request, ports.webhooks);
    const attempt = found(await ports.history.attempt(webhook, paramId(request, 'attempt', 'att')));
    const event = await ports.history.event(orgOf(request).id, attempt.eventId);
    return presentAttempt(attempt, event?.payload.toString('utf8') ?? null);
  });

  app.get('/v1/orgs/:org/webhooks/:id/deliveries', gate, async (request) => {
    const { state, ...page } = parseQuery(request, deliveriesQuery);
    const webhook = await webhookOf(request, ports.webhooks);
    return presentPage(await ports.history.deliveries(webhook, { state }, pageRequestOf(page)), presentDelivery);
  });
}

const attemptsQuery = z.strictObject({ ...pageQuery, status: z.enum(['success', 'failed']).optional() });

const deliveriesQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(['pending', 'delivered', 'diverted', 'discarded']).optional(),
});
