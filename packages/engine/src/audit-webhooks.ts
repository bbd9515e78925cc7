import type { EventId } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { AuditAction, AuditEntry, ChangedWebhook } from './audit.ts';
import { auditedUrl, changedFields } from './audit.ts';
import type { WebhookSettings } from './webhooks.ts';

/** The entry of something done to a webhook. */
export function webhookEntry(
  { orgId, id, by }: ChangedWebhook,
  action: AuditAction,
  details: AuditEntry['details'] = {},
): AuditEntry {
  return { orgId, by, action, target: formatId('wh', id), details };
}

export function webhookCreated(webhook: ChangedWebhook, { name, url }: WebhookSettings): AuditEntry {
  return webhookEntry(webhook, 'webhook.created', { name, url: auditedUrl(url) });
}

/** Turning a webhook on or off is told by itself: it is what one looks for when events are missing. */
export function webhookChanged(webhook: ChangedWebhook, before: WebhookSettings, after: WebhookSettings): AuditEntry[] {
  const entries: AuditEntry[] = [];
  const fields = changedFields(before, after).filter((field) => field !== 'enabled');
  if (fields.length > 0) {
    const details = before.url === after.url ? {} : { url: auditedUrl(after.url), url_before: auditedUrl(before.url) };
    entries.push({ ...webhookEntry(webhook, 'webhook.updated', details), fields });
  }
  if (before.enabled !== after.enabled) {
    entries.push(webhookEntry(webhook, after.enabled ? 'webhook.enabled' : 'webhook.disabled'));
  }
  return entries;
}

export function divertedDeleted(webhook: ChangedWebhook, eventId: EventId): AuditEntry {
  return { ...webhookEntry(webhook, 'diverted.deleted'), details: { event: formatId('evt', eventId) } };
}
