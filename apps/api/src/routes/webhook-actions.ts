import type { SuspendReason } from '@hooklane/domain';
import { found, pingWebhook, rotateSecret } from '@hooklane/engine';
import type { FastifyInstance } from 'fastify';
import { parseOptionalBody, parseQuery } from '../parse.ts';
import { presentWebhook } from '../present-webhook.ts';
import { emptyBody, waitQuery } from '../schemas.ts';
import { rotateSecretBody } from '../webhook-body.ts';
import { answerStarted } from './answer-started.ts';
import type { RouteContext } from './context.ts';
import { namedWebhook, webhookOf } from './webhook-of.ts';

const BY_HAND: SuspendReason = 'manual';

export function webhookActionRoutes(app: FastifyInstance, { ports, gates, attemptWait }: RouteContext): void {
  const gate = gates.org('webhooks:update');

  app.post('/v1/orgs/:org/webhooks/:id/suspend', gate, async (request) => {
    parseOptionalBody(request, emptyBody);
    const { orgId, id } = namedWebhook(request);
    return presentWebhook(found(await ports.webhooks.suspend(orgId, id, BY_HAND)));
  });

  app.post('/v1/orgs/:org/webhooks/:id/unsuspend', gate, async (request) => {
    parseOptionalBody(request, emptyBody);
    const { orgId, id } = namedWebhook(request);
    return presentWebhook(found(await ports.webhooks.unsuspend(orgId, id)));
  });

  app.post('/v1/orgs/:org/webhooks/:id/ping', gate, async (request, reply) => {
    parseOptionalBody(request, emptyBody);
    const { wait } = parseQuery(request, waitQuery);
    const webhook = await webhookOf(request, ports.webhooks);
    const { deliveryId } = await pingWebhook(ports, webhook, request.id);
    return answerStarted({ request, reply }, { webhook, deliveryId, number: 1 }, wait ? attemptWait : null);
  });

  app.post('/v1/orgs/:org/webhooks/:id/secrets/rotate', gate, async (request) => {
    const body = parseOptionalBody(request, rotateSecretBody);
    const { webhook, secret } = await rotateSecret(ports, namedWebhook(request), {
      secret: body.secret ?? null,
      overlapMs: body.overlap_seconds * 1000,
    });
    return { ...presentWebhook(webhook), secret };
  });
}
