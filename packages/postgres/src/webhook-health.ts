import type { FailurePolicy, OrgId, SuspendReason, WebhookId } from '@hooklane/domain';
import { healthSign, suspensionDue } from '@hooklane/domain';
import type { AttemptRecord, AuditEntry } from '@hooklane/engine';
import { SYSTEM, webhookEntry } from '@hooklane/engine';
import type { ClientBase } from 'pg';
import { noteChanges } from './audit.ts';
import { named } from './database.ts';

type Sql = Pick<ClientBase, 'query'>;

/** What a batch says about one webhook: whether its run of failures was broken, and the failures since. */
interface Signs {
  webhookId: WebhookId;
  orgId: OrgId;
  recovered: boolean;
  failures: number;
  /** The receiver said 410. */
  gone: boolean;
  rule: FailurePolicy['suspend'];
}

export interface Suspension {
  webhookId: WebhookId;
  orgId: OrgId;
  reason: SuspendReason;
}

/**
 * Counts the failures in a row of each webhook in the batch and suspends those whose rule says so. Locks health rows,
 * then webhooks, then orgs, each in the order of their ids: everyone who takes several of these does.
 */
export async function noteHealth(client: Sql, records: readonly AttemptRecord[]): Promise<Suspension[]> {
  const signs = signsOf(records);
  await client.query(lockStatement([signs.map((sign) => sign.webhookId)]));
  await clearFailures(
    client,
    signs.filter((sign) => sign.recovered).map((sign) => sign.webhookId),
  );
  const runs = await countFailures(
    client,
    signs.filter((sign) => sign.failures > 0),
  );
  const due = suspensionsOf(signs, runs);
  return due.length > 0 ? suspend(client, due) : [];
}

/** True when the batch has nothing but successes: then there is nothing to count. */
export function allSucceeded(records: readonly AttemptRecord[]): boolean {
  return records.every(({ sent }) => sent?.report.outcome.kind === 'accepted');
}

/** Ends the run of failures of these webhooks; writes only where there is one. */
export async function clearFailures(client: Sql, webhookIds: readonly WebhookId[]): Promise<void> {
  if (webhookIds.length > 0) await client.query(clearStatement([webhookIds]));
}

function signsOf(records: readonly AttemptRecord[]): Signs[] {
  const signs = new Map<WebhookId, Signs>();
  for (const { claim, step, sent } of records) {
    if (sent === null) continue;
    const { webhookId, orgId } = claim;
    const rule = claim.destination.policy.suspend;
    const sign = signs.get(webhookId) ?? { webhookId, orgId, recovered: false, failures: 0, gone: false, rule };
    const health = healthSign(sent.report.outcome, claim.origin);
    if (health === 'success') Object.assign(sign, { recovered: true, failures: 0 });
    if (health === 'failure') sign.failures++;
    sign.gone ||= (step.kind === 'divert' || step.kind === 'discard') && step.suspend;
    signs.set(webhookId, sign);
  }
  return [...signs.values()].sort((a, b) => (a.webhookId < b.webhookId ? -1 : 1));
}

const lockStatement = named(
  'lock_health',
  'SELECT webhook_id FROM webhook_health WHERE webhook_id = ANY($1::uuid[]) ORDER BY webhook_id FOR UPDATE',
);

const clearStatement = named(
  'clear_failures',
  `WITH failing AS (
     SELECT webhook_id FROM webhook_health WHERE webhook_id = ANY($1::uuid[]) AND failures > 0
     ORDER BY webhook_id FOR UPDATE
   )
   UPDATE webhook_health h SET failures = 0, first_failure_at = NULL, last_success_at = now()
   FROM failing f WHERE h.webhook_id = f.webhook_id`,
);

const countStatement = named(
  'count_failures',
  `INSERT INTO webhook_health AS h (webhook_id, org_id, failures, first_failure_at, last_failure_at)
   SELECT webhook_id, org_id, failures, now(), now()
   FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS f(webhook_id, org_id, failures)
   ORDER BY webhook_id
   ON CONFLICT (webhook_id) DO UPDATE
     SET failures = h.failures + excluded.failures,
         first_failure_at = coalesce(h.first_failure_at, now()),
         last_failure_at = now()
   RETURNING webhook_id, failures, (extract(epoch FROM now() - first_failure_at) * 1000)::float8 AS lasted_ms`,
);

interface Run {
  webhook_id: WebhookId;
  failures: number;
  lasted_ms: number;
}

async function countFailures(client: Sql, signs: readonly Signs[]): Promise<Map<WebhookId, Run>> {
  if (signs.length === 0) return new Map();
  const { rows } = await client.query<Run>(
    countStatement([
      signs.map((sign) => sign.webhookId),
      signs.map((sign) => sign.orgId),
      signs.map((sign) => sign.failures),
    ]),
  );
  return new Map(rows.map((run) => [run.webhook_id, run]));
}

function suspensionsOf(signs: readonly Signs[], runs: ReadonlyMap<WebhookId, Run>): Suspension[] {
  return signs.flatMap(({ webhookId, orgId, gone, rule }): Suspension[] => {
    if (gone) return [{ webhookId, orgId, reason: 'gone' }];
    const run = runs.get(webhookId);
    const due = run !== undefined && suspensionDue({ failures: run.failures, lastedMs: run.lasted_ms }, rule);
    return due ? [{ webhookId, orgId, reason: 'failures' }] : [];
  });
}

const suspendStatement = named(
  'suspend_webhooks',
  `WITH wanted AS (
     SELECT w.id, s.reason
     FROM webhooks w JOIN unnest($1::uuid[], $2::text[]) AS s(id, reason) ON s.id = w.id
     WHERE w.suspended_at IS NULL AND w.deleted_at IS NULL
     ORDER BY w.id FOR UPDATE OF w
   )
   UPDATE webhooks w
   SET suspended_at = now(), suspended_reason = s.reason, draining = true, version = version + 1, updated_at = now()
   FROM wanted s WHERE w.id = s.id
   RETURNING w.id, w.org_id, w.suspended_reason`,
);

const raiseStatement = named(
  'raise_config_versions',
  `WITH locked AS (SELECT id FROM orgs WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)
   UPDATE orgs o SET config_version = config_version + 1 FROM locked l WHERE o.id = l.id`,
);

async function suspend(client: Sql, due: readonly Suspension[]): Promise<Suspension[]> {
  const { rows } = await client.query<{ id: WebhookId; org_id: OrgId; suspended_reason: SuspendReason }>(
    suspendStatement([due.map((one) => one.webhookId), due.map((one) => one.reason)]),
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
