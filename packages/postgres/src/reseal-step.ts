import type { OrgId, SecretId, WebhookId } from '@hooklane/domain';
import type { PoolClient } from 'pg';
import type { Step, StepContext } from './advance-operation.ts';
import type { SealContext, SecretBox } from './secret-box.ts';
import { sealedWith, UnsealError } from './secret-box.ts';

/** Of everything that is sealed, the id of the key, as `key_id`: it stands before what it sealed, after its length. */
export const KEYS_OF_SEALED = `SELECT key_id FROM (
    SELECT convert_from(substring(sealed FROM 2 FOR get_byte(sealed, 0)), 'UTF8') AS key_id
    FROM (SELECT sealed FROM webhook_secrets UNION ALL SELECT sealed_headers FROM webhooks
          UNION ALL SELECT sealed_auth FROM webhooks UNION ALL SELECT sealed_client_certificate FROM webhooks) s
    WHERE sealed IS NOT NULL
  ) keys`;

const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Seals anew, with the key that seals now, what the next webhooks hold under older ones: secrets, headers, credentials. In
 * the order of their ids, deleted ones too. What no configured key opens stays as it is. Nothing that anybody sees changes:
 * versions stay, so caches do. A worker that does not have the key yet leaves the step to one that has it: it would seal
 * with the old one.
 */
export async function resealStep({ client, box, operation, rows: limit }: StepContext, keyId: string): Promise<Step> {
  if (box.keyId !== keyId) return { refs: [], examined: 0, moved: 0, left: 'blocked' };
  const webhooks = await lockWebhooks(client, [operation.position ?? FIRST, limit]);
  const ids = webhooks.map(({ id }) => id);
  const moved = (await resealWebhooks(client, box, webhooks)) + (await resealSecrets(client, box, ids));
  const position = ids.at(-1) ?? null;
  return { refs: [], examined: ids.length, moved, position, left: ids.length < limit ? 'nothing' : 'more' };
}

interface SealedWebhook {
  id: WebhookId;
  org_id: OrgId;
  headers: Buffer | null;
  auth: Buffer | null;
  client_certificate: Buffer | null;
}

/** Whoever changes what a webhook has sealed holds its row, or waits for it here. */
async function lockWebhooks(client: PoolClient, values: [after: string, limit: number]): Promise<SealedWebhook[]> {
  const { rows } = await client.query<SealedWebhook>(
    `SELECT id, org_id, sealed_headers AS headers, sealed_auth AS auth, sealed_client_certificate AS client_certificate
     FROM webhooks WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE`,
    values,
  );
  return rows;
}

const FIELDS = ['headers', 'auth', 'client_certificate'] as const;

async function resealWebhooks(client: PoolClient, box: SecretBox, webhooks: SealedWebhook[]): Promise<number> {
  const resealed = webhooks.map((webhook) =>
    FIELDS.map((field) => reseal(box, webhook[field], { orgId: webhook.org_id, webhookId: webhook.id, field })),
  );
  const count = resealed.flat().filter((value) => value !== null).length;
  if (count === 0) return 0;
  await client.query(
    `UPDATE webhooks w SET
       sealed_headers = coalesce(decode(v.headers, 'base64'), w.sealed_headers),
       sealed_auth = coalesce(decode(v.auth, 'base64'), w.sealed_auth),
       sealed_client_certificate = coalesce(decode(v.client_certificate, 'base64'), w.sealed_client_certificate)
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS v(id, headers, auth, client_certificate)
     WHERE w.id = v.id`,
    [webhooks.map(({ id }) => id), ...FIELDS.map((_, n) => resealed.map((values) => values[n] ?? null))],
  );
  return count;
}

async function resealSecrets(client: PoolClient, box: SecretBox, webhookIds: WebhookId[]): Promise<number> {
  const { rows } = await client.query<{ id: SecretId; webhook_id: WebhookId; org_id: OrgId; sealed: Buffer }>(
    'SELECT id, webhook_id, org_id, sealed FROM webhook_secrets WHERE webhook_id = ANY($1::uuid[])',
    [webhookIds],
  );
  const resealed = rows.flatMap(({ id, webhook_id: webhookId, org_id: orgId, sealed }) => {
    const text = reseal(box, sealed, { orgId, webhookId, field: 'secret' });
    return text === null ? [] : [{ id, text }];
  });
  if (resealed.length === 0) return 0;
  await client.query(
    `UPDATE webhook_secrets s SET sealed = decode(v.sealed, 'base64')
     FROM unnest($1::uuid[], $2::text[]) AS v(id, sealed) WHERE s.id = v.id`,
    [resealed.map(({ id }) => id), resealed.map(({ text }) => text)],
  );
  return resealed.length;
}

/** In base64: an array of bytea would be sent as text, too, and larger. Null: it stays as it is. */
function reseal(box: SecretBox, sealed: Buffer | null, context: SealContext): string | null {
  if (sealed === null || sealedWith(sealed) === box.keyId) return null;
  try {
    return box.seal(box.open(sealed, context), context).toString('base64');
  } catch (error) {
    if (error instanceof UnsealError) return null;
    throw error;
  }
}
