import type { OrgId, WebhookId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { ClientBase } from 'pg';

/**
 * The order in which everything that changes configuration takes its locks. Nobody waits for a lock that comes earlier
 * while holding a later one, so no two can wait for each other:
 *
 * 1. the org's lock here (creating a webhook or changing its URL, changing or deleting the org), or that of its
 *    catalogue; nobody needs both
 * 2. webhook_health rows, by id
 * 3. webhooks rows, by id
 * 4. orgs rows, by id
 *
 * The lock here is not the org's row: that one comes last, and whoever deletes an org holds its webhooks by then. It
 * keeps the set of webhooks as it is: they can be counted against the limit, and an org is deleted with all of them.
 */
export async function lockWebhookSet(client: Sql, orgId: OrgId): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`webhooks of ${orgId}`]);
}

/** Keeps the event types of an org as they are: they can be counted, and get one version after the other. */
export async function lockCatalogue(client: Sql, orgId: OrgId): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`event types of ${orgId}`]);
}

/**
 * Makes events that were matched before this transaction commits be matched again. Its last statement but reads: the
 * row is the one that all changes within an org wait for. Throws `not_found` when the org is gone.
 */
export async function raiseConfigVersion(client: Sql, orgId: OrgId): Promise<void> {
  const { rowCount } = await client.query(
    'UPDATE orgs SET config_version = config_version + 1 WHERE id = $1 AND deleted_at IS NULL',
    [orgId],
  );
  if (rowCount === 0) throw new DomainError('not_found');
}

/**
 * Replays to one webhook take turns: two that meet an event without a delivery would both make one. What comes after it is
 * one statement, so nobody who holds it waits for any of the locks above.
 */
export async function lockReplays(client: Sql, webhookId: WebhookId): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`replays to ${webhookId}`]);
}

type Sql = Pick<ClientBase, 'query'>;
