import type { OrgId, SecretId, WebhookId } from '@hooklane/domain';
import type { BootReport } from '@hooklane/runtime';
import type { Pool } from 'pg';
import type { SealingKey } from './secret-box.ts';
import { createSecretBox, UnsealError } from './secret-box.ts';

/** How many connections this role may have to this database, ours and those of others. */
export async function capacityOf(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ allowed: number }>(
    `SELECT least(
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
       (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
       (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user)
     ) AS allowed`,
  );
  return rows[0]?.allowed ?? 0;
}

/** The clock of the database, ms since 1970. */
export async function clockOf(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
  );
  return rows[0]?.ms ?? Number.NaN;
}

interface SealedRow {
  id: SecretId;
  org_id: OrgId;
  webhook_id: WebhookId;
  sealed: Buffer;
  key_id: string;
}

/**
 * Tries each key that is configured on the newest secret that was sealed under its id: a key that was made anew under an
 * old id looks right, and opens nothing.
 */
export async function checkUnsealing(pool: Pool, keys: readonly SealingKey[]): Promise<BootReport> {
  const [first, ...others] = keys;
  const tables = await pool.query<{ there: boolean }>(`SELECT to_regclass('webhook_secrets') IS NOT NULL AS there`);
  if (first === undefined || !tables.rows[0]?.there) return { problems: [], warnings: [] };
  const box = createSecretBox([first, ...others]);
  const { rows } = await pool.query<SealedRow>(
    `SELECT DISTINCT ON (key_id) * FROM (
       SELECT id, org_id, webhook_id, sealed, convert_from(substring(sealed FROM 2 FOR get_byte(sealed, 0)), 'UTF8') AS key_id
       FROM webhook_secrets
     ) s WHERE key_id = ANY($1::text[]) ORDER BY key_id, id DESC`,
    [keys.map(({ id }) => id)],
  );
  const wrong = rows.filter(({ sealed, org_id, webhook_id }) => {
    return !opens(() => box.open(sealed, { orgId: org_id, webhookId: webhook_id, field: 'secret' }));
  });
  const problems = wrong.map(
    ({ key_id }) =>
      `key "${key_id}" in HOOKLANE_SEALING_KEYS is not the one that sealed: nothing is sent to its webhooks`,
  );
  return { problems, warnings: [] };
}

function opens(open: () => Buffer): boolean {
  try {
    open();
    return true;
  } catch (error) {
    if (error instanceof UnsealError) return false;
    throw error;
  }
}
