import { isDeepStrictEqual } from 'node:util';
import type { SuspendReason } from '@hooklane/domain';
import type { ChangedWebhook, Webhook, WebhookSettings } from '@hooklane/engine';
import { webhookChanged, webhookEntry } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { noteChange, noteChanges } from './audit.ts';
import { raiseConfigVersion } from './org-locks.ts';
import type { WebhookContext, WebhookKey } from './webhook-rows.ts';
import { readWebhook, settingsOf, settingsValues } from './webhook-rows.ts';

/** Reads, decides and writes under the lock of the webhook's row. */
export function changeSettings(
  { database, box }: WebhookContext,
  key: ChangedWebhook,
  decide: (now: WebhookSettings) => WebhookSettings,
): Promise<Webhook | null> {
  return database.transaction(async (client) => {
    if (!(await lockWebhook(client, key))) return null;
    const webhook = await readWebhook(client, box, key);
    if (webhook === null) return null;
    const before = settingsOf(webhook);
    const after = decide(before);
    await client.query(UPDATE_SETTINGS, [
      key.orgId,
      key.id,
      ...settingsValues(box, key, after),
      concernsAttempts(before, after) ? 1 : 0,
    ]);
    await noteChanges(client, webhookChanged(key, before, after));
    await raiseConfigVersion(client, key.orgId);
    return readWebhook(client, box, key);
  });
}

/** The lock that makes changes of one webhook take turns. False when there is no such webhook. */
export async function lockWebhook(client: PoolClient, { orgId, id }: WebhookKey): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM webhooks WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE',
    [orgId, id],
  );
  return rowCount === 1;
}

/** Due work is set aside (`draining`) when the webhook stops being active, and no longer when it is active again. */
const UPDATE_SETTINGS = `
  UPDATE webhooks SET name = $3, description = $4, url = $5, events = $6, filters = $7, sealed_headers = $8,
    failure_policy = $9, timeout_ms = $10, enabled = $11,
    draining = CASE WHEN $11 AND suspended_at IS NULL THEN false WHEN enabled THEN true ELSE draining END,
    version = version + $12::int, updated_at = now()
  WHERE org_id = $1 AND id = $2`;

/** Whether workers must forget what they know of the webhook: names and subscriptions are nothing to them. */
function concernsAttempts(before: WebhookSettings, after: WebhookSettings): boolean {
  const known = ({ url, headers, failurePolicy, timeoutMs, enabled }: WebhookSettings) => ({
    url,
    headers,
    failurePolicy,
    timeoutMs,
    enabled,
  });
  return !isDeepStrictEqual(known(before), known(after));
}

export function deleteWebhook({ database }: WebhookContext, webhook: ChangedWebhook): Promise<boolean> {
  return database.transaction(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `UPDATE webhooks SET deleted_at = now(), draining = true, version = version + 1, updated_at = now()
       WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING name`,
      [webhook.orgId, webhook.id],
    );
    const [row] = rows;
    if (row === undefined) return false;
    await noteChange(client, webhookEntry(webhook, 'webhook.deleted', { name: row.name }));
    await raiseConfigVersion(client, webhook.orgId);
    return true;
  });
}

export function suspend(
  { database, box }: WebhookContext,
  key: ChangedWebhook,
  reason: SuspendReason,
): Promise<Webhook | null> {
  return database.transaction(async (client) => {
    const { rowCount } = await client.query(
      `UPDATE webhooks SET suspended_at = now(), suspended_reason = $3, draining = true,
         version = version + 1, updated_at = now()
       WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL AND suspended_at IS NULL`,
      [key.orgId, key.id, reason],
    );
    if (rowCount === 1) {
      await noteChange(client, webhookEntry(key, 'webhook.suspended', { reason }));
      await raiseConfigVersion(client, key.orgId);
    }
    return readWebhook(client, box, key);
  });
}

/** The counters are cleared even where nothing was suspended: a person vouches for the receiver. */
export function unsuspend({ database, box }: WebhookContext, key: ChangedWebhook): Promise<Webhook | null> {
  return database.transaction(async (client) => {
    await client.query(
      'UPDATE webhook_health SET failures = 0, first_failure_at = NULL WHERE org_id = $1 AND webhook_id = $2',
      [key.orgId, key.id],
    );
    const { rowCount } = await client.query(
      `UPDATE webhooks SET suspended_at = NULL, suspended_reason = NULL, draining = draining AND NOT enabled,
         version = version + 1, updated_at = now()
       WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL AND suspended_at IS NOT NULL`,
      [key.orgId, key.id],
    );
    if (rowCount === 1) {
      await noteChange(client, webhookEntry(key, 'webhook.unsuspended'));
      await raiseConfigVersion(client, key.orgId);
    }
    return readWebhook(client, box, key);
  });
}
