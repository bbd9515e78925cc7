import type { Webhook } from '@hooklane/engine';
import { changeWebhook, createWebhook, found, pingWebhook } from '@hooklane/engine';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { orgOf } from '../authenticate.ts';
import { pageQuery, pageRequestOf, presentPage } from '../paging.ts';
import { parseBody, parseQuery } from '../parse.ts';
import { presentWebhook } from '../present-webhook.ts';
import { eventPattern, flag, nameText, repeatable } from '../schemas.ts';
import { createWebhookBody, patchWebhookBody, settingsOf } from '../webhook-body.ts';
import { patchSettings } from '../webhook-patch.ts';
import type { RouteContext } from './context.ts';
import { namedWebhook } from './webhook-of.ts';

export function webhookRoutes(app: FastifyInstance, { ports, gates }: RouteContext): void {
  app.post('/v1/orgs/:org/webhooks', gates.org('webhooks:create'), async (request, reply) => {
    const body = parseBody(request, createWebhookBody);
    const { webhook, secret } = await createWebhook(ports, {
      orgId: orgOf(request).id,
      settings: settingsOf(body),
      secret: body.secret ?? null,
    });
    if (body.ping && webhook.enabled) await greet(webhook, request.id);
    return reply.code(201).send({ ...presentWebhook(webhook), secret });
  });

  app.get('/v1/orgs/:org/webhooks', gates.org('webhooks:list'), async (request) => {
    const { limit, cursor, event_type: eventTypes, ...filter } = parseQuery(request, listQuery);
    const page = pageRequestOf({ limit, cursor });
    return presentPage(await ports.webhooks.list(orgOf(request).id, { ...filter, eventTypes }, page), presentWebhook);
  });

  app.get('/v1/orgs/:org/webhooks/:id', gates.org('webhooks:read'), async (request) => {
    const { orgId, id } = namedWebhook(request);
    return presentWebhook(found(await ports.webhooks.get(orgId, id)));
  });

  app.patch('/v1/orgs/:org/webhooks/:id', gates.org('webhooks:update'), async (request) => {
    const patch = parseBody(request, patchWebhookBody);
    return presentWebhook(await changeWebhook(ports, namedWebhook(request), (now) => patchSettings(now, patch)));
  });

  app.delete('/v1/orgs/:org/webhooks/:id', gates.org('webhooks:delete'), async (request, reply) => {
    const { orgId, id } = namedWebhook(request);
    found((await ports.webhooks.delete(orgId, id)) || null);
    return reply.code(204).send();
  });

  /** The webhook exists already: whatever becomes of its first ping, its creation has not failed. */
  async function greet(webhook: Webhook, requestId: string): Promise<void> {
    await pingWebhook(ports, webhook, requestId).catch(ports.onFault);
  }
}

const listQuery = z.strictObject({
  ...pageQuery,
  sort: z.enum(['created_at', 'name']).default('created_at'),
  direction: z.enum(['asc', 'desc']).default('desc'),
  name: nameText(128).optional(),
  enabled: flag.optional(),
  suspended: flag.optional(),
  active: flag.optional(),
  event_type: repeatable(z.array(eventPattern).min(1).max(32)),
});
