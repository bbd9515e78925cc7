import { randomBytes } from 'node:crypto';
import type { OrgId, WebhookId } from '@hooklane/domain';
import { DEFAULT_FAILURE_POLICY, formatId, secretFromKey } from '@hooklane/domain';
import type { SecretBox } from '@hooklane/postgres';
import type { Pool } from 'pg';
import { seedDue } from './seed-due.ts';

export interface SeededWebhook {
  readonly id: WebhookId;
  readonly orgId: OrgId;
  /** UUID of its one secret. */
  readonly secretId: string;
  /** Deliveries that are due to it now. */
  readonly due: number;
}

/** An active webhook with a secret that `box` opens, past the API. */
export async function seedWebhook(pool: Pool, box: SecretBox, webhook: SeededWebhook): Promise<void> {
  const { id, orgId, secretId, due } = webhook;
  await pool.query(
    `INSERT INTO webhooks (id, org_id, name, url, events, failure_policy, timeout_ms, enabled)
     VALUES ($1, $2, 'w', 'https://example.com/', '{*}', $3, 1000, true)`,
    [id, orgId, DEFAULT_FAILURE_POLICY],
  );
  const sealed = box.seal(Buffer.from(secretFromKey(randomBytes(32))), { orgId, webhookId: id, field: 'secret' });
  await pool.query(
    `INSERT INTO webhook_secrets (id, webhook_id, org_id, kind, sealed, hint) VALUES ($1, $2, $3, 'whsec', $4, 'hint')`,
    [secretId, id, orgId, sealed],
  );
  await seedDue(pool, { webhookId: formatId('wh', id), count: due });
}
