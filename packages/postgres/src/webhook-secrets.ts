import type { ChangedWebhook, NewSecret, Webhook } from '@hooklane/engine';
import { MAX_SECRETS, webhookEntry } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { noteChange } from './audit.ts';
import { raiseConfigVersion } from './org-locks.ts';
import type { SecretBox } from './secret-box.ts';
import { lockWebhook } from './webhook-changes.ts';
import type { WebhookContext, WebhookKey } from './webhook-rows.ts';
import { readWebhook } from './webhook-rows.ts';

/** Stores a secret, sealed, as the newest: without an end. */
export async function insertSecret(
  client: PoolClient,
  { box, key }: { box: SecretBox; key: WebhookKey },
  secret: NewSecret,
): Promise<void> {
  const { orgId, id: webhookId } = key;
  const sealed = box.seal(Buffer.from(secret.text), { orgId, webhookId, field: 'secret' });
  await client.query(
    `INSERT INTO webhook_secrets (id, webhook_id, org_id, kind, sealed, hint, tag, public_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [secret.id, webhookId, orgId, secret.kind, sealed, secret.hint, secret.tag, secret.publicKey],
  );
}

/** Secrets before the new one end `overlapMs` from now, or when they would have ended anyway. */
export function rotateSecret(
  { database, box }: WebhookContext,
  webhook: ChangedWebhook,
  { secret, overlapMs }: { secret: NewSecret; overlapMs: number },
): Promise<Webhook | null | 'too_many'> {
  const key = { orgId: webhook.orgId, id: webhook.id };
  return database.transaction(async (client) => {
    if (!(await lockWebhook(client, key))) return null;
    const of = [key.orgId, key.id, overlapMs];
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM webhook_secrets WHERE ${OF_WEBHOOK} AND ${NEW_END} > now()`,
      of,
    );
    if ((rows[0]?.count ?? 0) >= MAX_SECRETS) return 'too_many';
    await client.query(`DELETE FROM webhook_secrets WHERE ${OF_WEBHOOK} AND ${NEW_END} <= now()`, of);
    await client.query(`UPDATE webhook_secrets SET expires_at = ${NEW_END} WHERE ${OF_WEBHOOK}`, of);
    await insertSecret(client, { box, key }, secret);
    await client.query('UPDATE webhooks SET version = version + 1, updated_at = now() WHERE org_id = $1 AND id = $2', [
      key.orgId,
      key.id,
    ]);
    const details = { hint: secret.hint, overlap_seconds: String(overlapMs / 1000) };
    await noteChange(client, webhookEntry(webhook, 'secret.rotated', details));
    await raiseConfigVersion(client, key.orgId);
    return readWebhook(client, box, key);
  });
}

const OF_WEBHOOK = 'org_id = $1 AND webhook_id = $2';

/** LEAST passes over nulls: the newest so far gets an end, the others keep theirs if it is sooner. */
const NEW_END = `least(expires_at, now() + $3 * interval '1 ms')`;
