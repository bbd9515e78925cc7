import type { OrgId, WebhookId } from '@hooklane/domain';
import type { Webhook, WebhookStore } from '@hooklane/engine';
import { found } from '@hooklane/engine';
import { idOf } from '../../contract/fields.ts';

/** The parameter of a path `/v1/orgs/:org/webhooks/:id…`. */
export const webhookParam = { id: idOf('wh', 'a webhook') };

interface Naming {
  org: { id: OrgId };
  params: { id: WebhookId };
}

/** The webhook that a call names, by its ids only. */
export function namedWebhook({ org, params }: Naming): { orgId: OrgId; id: WebhookId } {
  return { orgId: org.id, id: params.id };
}

/** The same, read: what lies below an unknown webhook is not an empty list but nothing. */
export async function webhookOf({ org, params }: Naming, webhooks: Pick<WebhookStore, 'get'>): Promise<Webhook> {
  return found(await webhooks.get(org.id, params.id));
}
