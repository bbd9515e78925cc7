import type { OrgId, WebhookId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import { found } from './manage-webhooks.ts';
import type { Webhook, WebhookStore } from './webhooks.ts';

/** The webhook, if anything may be sent to it now. Throws `not_found` or `webhook_not_active`. */
export async function mustBeActive(
  { webhooks }: { webhooks: Pick<WebhookStore, 'get'> },
  { orgId, id }: { orgId: OrgId; id: WebhookId },
): Promise<Webhook> {
  const webhook = found(await webhooks.get(orgId, id));
  if (!webhook.enabled || webhook.suspended !== null) throw new DomainError('webhook_not_active');
  return webhook;
}
