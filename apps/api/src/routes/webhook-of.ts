import type { OrgId, WebhookId } from '@hooklane/domain';
import type { Webhook, WebhookStore } from '@hooklane/engine';
import { found } from '@hooklane/engine';
import type { FastifyRequest } from 'fastify';
import { orgOf } from '../authenticate.ts';
import { paramId } from '../parse.ts';

/** The webhook that a path `/v1/orgs/:org/webhooks/:id…` names, by its ids only. */
export function namedWebhook(request: FastifyRequest): { orgId: OrgId; id: WebhookId } {
  return { orgId: orgOf(request).id, id: paramId(request, 'id', 'wh') };
}

/** The same, read: what lies below an unknown webhook is not an empty list but nothing. */
export async function webhookOf(request: FastifyRequest, webhooks: Pick<WebhookStore, 'get'>): Promise<Webhook> {
  const { orgId, id } = namedWebhook(request);
  return found(await webhooks.get(orgId, id));
}
