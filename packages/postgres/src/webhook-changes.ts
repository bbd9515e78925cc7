import { isDeepStrictEqual } from 'node:util';
import type { SuspendReason } from '@hooklane/domain';
import { hostOfUrl } from '@hooklane/domain';
import type { ChangedWebhook, Check, Webhook, WebhookSettings } from '@hooklane/engine';
import { webhookChanged, webhookEntry } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { noteChange, noteChanges } from './audit.ts';
import { lockWebhookSet, raiseConfigVersion } from './org-locks.ts';
import { forgetPauses } from './pauses.ts';
import type { SecretBox } from './secret-box.ts';
import { refuseCrowdedHost, refuseDuplicate } from './webhook-limits.ts';
import type { WebhookContext, WebhookKey } from './webhook-rows.ts';
import { readWebhook, SETTINGS_COLUMNS, settingsOf, settingsValues } from './webhook-rows.ts';

/**
 * Reads, decides and writes under the lock of the webhook's row; what is no change leaves no trace. The set of webhooks is locked before it (see
 * {@link lockWebhookSet}), as a new URL may be that of another.
 */
export function changeSettings(
  { database, box }: WebhookContext,
  key: ChangedWebhook,
  { decide, webhooksPerHost }: { decide: (now: Webhook) => WebhookSettings; webhooksPerHost?: number },
): Promise<Webhook | null> {
  return database.transaction(async (client) => {
    await lockWebhookSet(client, key.orgId);
    const webhook = await lockedWebhook(client, box, key);
    if (webhook === null) return null;
    const before = settingsOf(webhook);
    const after = settingsOf(decide(webhook));
    if (isDeepStrictEqual(before, after)) return webhook;
    await refuseUrl(client, { ...key, before: before.url, url: after.url }, webhooksPerHost);
    await client.query(UPDATE_SETTINGS, [key.orgId, key.id, ...settingsValues(box, key, after)]);
    await noteChanges(client, webhookChanged(key, before, after));
    await raiseConfigVersion(client, key.orgId);
    return readWebhook(client, box, key);
  });
}

/** A host that is kept is no more crowded than it was, though its limit may have been lowered since. */
async function refuseUrl(
  client: PoolClient,
  { before, ...key }: WebhookKey & { before: string; url: string },
  webhooksPerHost?: number,
): Promise<void> {
  if (key.url === before) return;
  if (hostOfUrl(key.url) !== hostOfUrl(before)) await refuseCrowdedHost(client, key, webhooksPerHost);
  await refuseDuplicate(client, key, key.url);
}

/** The webhook, read under the lock that makes its changes take turns. Null when there is none. */
export async function lockedWebhook(client: PoolClient, box: SecretBox, key: WebhookKey): Promise<Webhook | null> {
  const { rowCount } = await client.query(
    'SELECT FROM webhooks WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE',
    [key.orgId, key.id],
  );
  return rowCount === 1 ? readWebhook(client, box, key) : null;
}

/** Due work is set aside (`draining`) when the webhook stops being active, and no longer when it is active again. */
const UPDATE_SETTINGS = `
  UPDATE webhooks w
  SET ${SETTINGS_COLUMNS.map((column, n) => `${column} = $${n + 3}`).join(', ')},
    draining = CASE WHEN n.enabled AND w.suspended_at IS NULL THEN false WHEN w.enabled THEN true ELSE w.draining END,
    version = w.version + 1, updated_at = now()
  FROM (SELECT $${SETTINGS_COLUMNS.indexOf('enabled') + 3}::boolean AS enabled) n
  WHERE w.org_id = $1 AND w.id = $2`;

export function deleteWebhook(
  { database, box }: WebhookContext,
  key: ChangedWebhook,
  check: Check = () => {},
): Promise<boolean> {
  return database.transaction(async (client) => {
    const webhook = await lockedWebhook(client, box, key);
    if (webhook === null) return false;
    check(webhook);
    await client.query(
      `UPDATE webhooks SET deleted_at = now(), draining = true, version = version + 1, updated_at = now()
       WHERE org_id = $1 AND id = $2`,
      [key.orgId, key.id],
    );
    await forgetPauses(client, key.id);
    await noteChange(client, webhookEntry(key, 'webhook.deleted', { name: webhook.name }));
    await raiseConfigVersion(client, key.orgId);
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
