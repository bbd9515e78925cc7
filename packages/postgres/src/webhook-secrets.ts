import type { SecretId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { AuditEntry, ChangedWebhook, Check, NewSecret, Rotation, Webhook } from '@hooklane/engine';
import { MAX_SECRETS, webhookEntry } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { noteChange } from './audit.ts';
import { raiseConfigVersion } from './org-locks.ts';
import type { SecretBox } from './secret-box.ts';
import { lockedWebhook } from './webhook-changes.ts';
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
  key: ChangedWebhook,
  { secret, overlapMs, check = () => {} }: Rotation,
): Promise<Webhook | null> {
  return database.transaction(async (client) => {
    const now = await lockedWebhook(client, box, key);
    if (now === null) return null;
    check(now);
    const of = [key.orgId, key.id, overlapMs];
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM webhook_secrets WHERE ${OF_WEBHOOK} AND ${NEW_END} > now()`,
      of,
    );
    if ((rows[0]?.count ?? 0) >= MAX_SECRETS) throw new DomainError('too_many_secrets');
    await client.query(`DELETE FROM webhook_secrets WHERE ${OF_WEBHOOK} AND ${NEW_END} <= now()`, of);
    await client.query(`UPDATE webhook_secrets SET expires_at = ${NEW_END} WHERE ${OF_WEBHOOK}`, of);
    await insertSecret(client, { box, key }, secret);
    const details = { ...named(secret), overlap_seconds: String(overlapMs / 1000) };
    return outdate(client, { box, key }, webhookEntry(key, 'secret.rotated', details));
  });
}

/** Removed with all there is of it: what has expired is of no use to anyone but a thief. */
export function expireSecret(
  { database, box }: WebhookContext,
  key: ChangedWebhook,
  { id, check }: { id: SecretId; check: Check | undefined },
): Promise<Webhook | null> {
  return database.transaction(async (client) => {
    const now = await lockedWebhook(client, box, key);
    const secret = now?.secrets.find((one) => one.id === id);
    if (!now || secret === undefined) return null;
    check?.(now);
    await client.query('DELETE FROM webhook_secrets WHERE org_id = $1 AND webhook_id = $2 AND id = $3', [
      key.orgId,
      key.id,
      id,
    ]);
    return outdate(client, { box, key }, webhookEntry(key, 'secret.removed', named(secret)));
  });
}

/** Makes workers forget the secrets they know, and notes the change. */
async function outdate(
  client: PoolClient,
  { box, key }: { box: SecretBox; key: WebhookKey },
  entry: AuditEntry,
): Promise<Webhook | null> {
  await client.query('UPDATE webhooks SET version = version + 1, updated_at = now() WHERE org_id = $1 AND id = $2', [
    key.orgId,
    key.id,
  ]);
  await noteChange(client, entry);
  await raiseConfigVersion(client, key.orgId);
  return readWebhook(client, box, key);
}

function named({ hint, tag }: Pick<NewSecret, 'hint' | 'tag'>): Record<string, string> {
  return tag === null ? { hint } : { hint, tag };
}

const OF_WEBHOOK = 'org_id = $1 AND webhook_id = $2';

/** LEAST passes over nulls: the newest so far gets an end, the others keep theirs if it is sooner. */
const NEW_END = `least(expires_at, now() + $3 * interval '1 ms')`;
