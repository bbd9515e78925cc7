import type { OrgId, SuspendReason, WebhookId } from '@hooklane/domain';
import { suspensionDue } from '@hooklane/domain';
import type { AttemptRecord, AuditEntry } from '@hooklane/engine';
import { SYSTEM, webhookEntry } from '@hooklane/engine';
import type { ClientBase } from 'pg';
import { noteChanges } from './audit.ts';
import { named } from './database.ts';

type Sql = Pick<ClientBase, 'query'>;

/** The run of failures that a webhook is in, after a batch with a failure in it. */
export interface FailureCount {
  webhookId: WebhookId;
  /** In a row. */
  failures: number;
  /** Since the first of them. */
  lastedMs: number;
}

export interface Suspension {
  webhookId: WebhookId;
  orgId: OrgId;
  reason: SuspendReason;
}

/**
 * Follows a CTE `held (n, webhook_id, org_id, sign, …)` of the attempts that are being recorded, in the order of `n`:
 * counts the failures in a row of each webhook, and ends the run of those that succeeded. Gives `counted`, with a row
 * for each webhook that failed. All health rows are locked first, in the order of their ids; an array of ids keeps the
 * planner on the index. Who began first need not get the row first: a run must not end before it begins, or it would
 * seem too short for any rule.
 */
export const COUNT_HEALTH = `, signs AS MATERIALIZED (
     SELECT webhook_id, org_id, bool_or(sign = 'success') AS recovered,
            count(*) FILTER (WHERE sign = 'failure' AND n > last_success)::int AS failures
     FROM (
       SELECT h.webhook_id, h.org_id, h.n, h.sign,
              coalesce(max(h.n) FILTER (WHERE h.sign = 'success') OVER (PARTITION BY h.webhook_id), -1) AS last_success
       FROM held h WHERE h.sign <> 'none'
     ) s
     GROUP BY webhook_id, org_id
   ), locked AS MATERIALIZED (
     SELECT webhook_id, failures FROM webhook_health
     WHERE webhook_id = ANY (ARRAY(SELECT webhook_id FROM signs))
     ORDER BY webhook_id FOR UPDATE
   ), recovered AS (
     UPDATE webhook_health x SET failures = 0, first_failure_at = NULL, last_success_at = now()
     FROM signs s JOIN locked l ON l.webhook_id = s.webhook_id AND l.failures > 0
     WHERE x.webhook_id = s.webhook_id AND s.recovered AND s.failures = 0
   ), counted AS (
     INSERT INTO webhook_health AS x (webhook_id, org_id, failures, first_failure_at, last_failure_at, last_success_at)
     SELECT webhook_id, org_id, failures, now(), now(), CASE WHEN recovered THEN now() END
     FROM signs WHERE failures > 0 AND (SELECT count(*) FROM locked) >= 0
     ORDER BY webhook_id
     ON CONFLICT (webhook_id) DO UPDATE
       SET failures = excluded.failures + CASE WHEN excluded.last_success_at IS NULL THEN x.failures ELSE 0 END,
           first_failure_at = CASE WHEN excluded.last_success_at IS NULL THEN coalesce(x.first_failure_at, now()) ELSE now() END,
           last_failure_at = greatest(x.last_failure_at, now()), last_success_at = coalesce(excluded.last_success_at, x.last_success_at)
     RETURNING webhook_id, failures, (extract(epoch FROM last_failure_at - first_failure_at) * 1000)::float8 AS lasted_ms
   )`;

/** The webhooks that are to be suspended after these records: their receiver said that it is gone, or their rule says so. */
export function suspensionsAfter(
  records: readonly AttemptRecord[],
  failures: readonly FailureCount[],
): DueSuspension[] {
  const due = new Map<WebhookId, DueSuspension>();
  const counts = new Map(failures.map((count) => [count.webhookId, count]));
  for (const { claim, step } of records) {
    const { webhookId, orgId } = claim;
    const count = counts.get(webhookId);
    if ('suspend' in step && step.suspend) due.set(webhookId, { webhookId, orgId, reason: 'gone', failures: 0 });
    else if (count !== undefined && !due.has(webhookId) && suspensionDue(count, claim.destination.policy.suspend)) {
      due.set(webhookId, { webhookId, orgId, reason: 'failures', failures: count.failures });
    }
  }
  return [...due.values()];
}

export interface DueSuspension extends Suspension {
  /** There must still be so many in a row: a success may have come since they were counted. */
  failures: number;
}

const suspendStatement = named(
  'suspend_webhooks',
  `WITH wanted AS (
     SELECT w.id, s.reason
     FROM webhooks w JOIN unnest($1::uuid[], $2::text[], $3::int[]) AS s(id, reason, failures) ON s.id = w.id
     WHERE w.id = ANY ($1::uuid[]) AND w.suspended_at IS NULL AND w.deleted_at IS NULL
       AND (s.failures = 0 OR EXISTS (SELECT FROM webhook_health h WHERE h.webhook_id = w.id AND h.failures >= s.failures))
     ORDER BY w.id FOR UPDATE OF w
   )
   UPDATE webhooks w
   SET suspended_at = now(), suspended_reason = s.reason, draining = true, version = version + 1, updated_at = now()
   FROM wanted s WHERE w.id = s.id AND w.id = ANY (ARRAY(SELECT id FROM wanted))
   RETURNING w.id, w.org_id, w.suspended_reason`,
);

const raiseStatement = named(
  'raise_config_versions',
  `WITH locked AS (SELECT id FROM orgs WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)
   UPDATE orgs o SET config_version = config_version + 1 FROM locked l WHERE o.id = l.id`,
);

/**
 * Suspends webhooks, in a transaction of its own: counting must not wait for the locks that this takes. Were we to die in
 * between, the next failure of the webhook would suspend it. Returns those that were not suspended before.
 */
export async function suspend(client: Sql, due: readonly DueSuspension[]): Promise<Suspension[]> {
  const { rows } = await client.query<{ id: WebhookId; org_id: OrgId; suspended_reason: SuspendReason }>(
    suspendStatement([due.map((one) => one.webhookId), due.map((one) => one.reason), due.map((one) => one.failures)]),
  );
  const suspended = rows.map((row) => ({ webhookId: row.id, orgId: row.org_id, reason: row.suspended_reason }));
  if (suspended.length > 0) {
    await noteChanges(client, suspended.map(entryOf));
    await client.query(raiseStatement([suspended.map((one) => one.orgId)]));
  }
  return suspended;
}

function entryOf({ orgId, webhookId, reason }: Suspension): AuditEntry {
  return webhookEntry({ orgId, id: webhookId, by: SYSTEM }, 'webhook.suspended', { reason });
}
