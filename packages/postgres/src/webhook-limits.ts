import type { OrgId, WebhookId } from '@hooklane/domain';
import { hostOfUrl } from '@hooklane/domain';
import { duplicateUrl, hostLimitReached, limitReached } from '@hooklane/engine';
import type { ClientBase } from 'pg';
import { orgSettingsColumn } from './json-columns.ts';
import type { WebhookKey } from './webhook-rows.ts';

type Sql = Pick<ClientBase, 'query'>;

/** Throws where the org has as many webhooks as it may have. Under the lock of its webhook set only. */
export async function refuseBeyondLimit(client: Sql, orgId: OrgId, installationLimit: number): Promise<void> {
  const { rows } = await client.query<{ count: number; settings: unknown }>(
    `SELECT settings, (SELECT count(*)::int FROM webhooks w WHERE w.org_id = o.id AND w.deleted_at IS NULL) AS count
     FROM orgs o WHERE id = $1`,
    [orgId],
  );
  const [row] = rows;
  if (row === undefined) return;
  const { maxWebhooks } = orgSettingsColumn.parse(row.settings);
  const limit = maxWebhooks ?? installationLimit;
  if (row.count >= limit) throw limitReached(limit);
}

/**
 * Throws where the org has as many webhooks to the host of a URL as it may have. Under the lock of its webhook set only.
 * `installationLimit` left out: only the org's own limit holds.
 */
export async function refuseCrowdedHost(
  client: Sql,
  { orgId, id, url }: WebhookKey & { url: string },
  installationLimit = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { rows } = await client.query<{ count: number; settings: unknown }>(
    `SELECT settings, (
       SELECT count(*)::int FROM webhooks w
       WHERE w.org_id = o.id AND w.deleted_at IS NULL AND w.id <> $2 AND ${HOST_OF_URL} = $3
     ) AS count
     FROM orgs o WHERE id = $1`,
    [orgId, id, hostOfUrl(url)],
  );
  const [row] = rows;
  if (row === undefined) return;
  const limit = orgSettingsColumn.parse(row.settings).maxWebhooksPerHost ?? installationLimit;
  if (row.count >= limit) throw hostLimitReached(limit);
}

/** What {@link hostOfUrl} says of the URLs that are stored: in their plain form, without a user name. */
const HOST_OF_URL = String.raw`substring(w.url from '^[a-z]+://(\[[^]]*\]|[^/:?]+)')`;

/** Throws where the org has every URL once and another of its webhooks has this one. Under the lock of its webhook set only. */
export async function refuseDuplicate(client: Sql, { orgId, id }: WebhookKey, url: string): Promise<void> {
  const { rows } = await client.query<{ id: WebhookId }>(
    `SELECT w.id FROM orgs o JOIN webhooks w ON w.org_id = o.id AND w.deleted_at IS NULL
     WHERE o.id = $1 AND o.settings ->> 'duplicateUrls' = 'refuse' AND w.id <> $2 AND w.url = $3
     ORDER BY w.id LIMIT 1`,
    [orgId, id, url],
  );
  const [other] = rows;
  if (other !== undefined) throw duplicateUrl(other.id);
}
