import type { OrgId, WebhookId } from '@hooklane/domain';
import type { Author, ChangedWebhook, Webhook, WebhookStore } from '@hooklane/engine';
import { found } from '@hooklane/engine';
import { idOf } from '../../contract/fields.ts';

/** The parameter of a path `/v1/orgs/:org/webhooks/:id…`. */
export const webhookParam = { id: idOf('wh', 'a webhook') };

interface Naming {
  org: { id: OrgId };
  params: { id: WebhookId };
}

/** The webhook that a call names, by its ids only, and who calls. */
export function namedWebhook({ org, params, by }: Naming & { by: Author }): ChangedWebhook {
  return { orgId: org.id, id: params.id, by };
}

/** The same, read: what lies below an unknown webhook is not an empty list but nothing. */
export async function webhookOf({ org, params }: Naming, webhooks: Pick<WebhookStore, 'get'>): Promise<Webhook> {
  return found(await webhooks.get(org.id, params.id));
}
