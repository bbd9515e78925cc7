import type { OrgId } from '@hooklane/domain';
import type { PoolClient } from 'pg';
import type { Step, StepContext } from './advance-operation.ts';

/**
 * Deletes what an org that is deleted has left, table by table. Undone work goes first: an attempt that is under way finds
 * nothing any more that its outcome could be written to. Rows that somebody holds are left for the next step. The org's own
 * row goes last, when nothing can come any more that names it.
 */
export async function eraseStep({ client, rows: limit }: StepContext, orgId: OrgId): Promise<Step> {
  let erased = 0;
  for (const part of PARTS) {
    erased += await erase(client, part, [orgId, limit - erased]);
    if (erased === limit) return step(erased, 'more');
  }
  return erased > 0 ? step(erased, 'more') : finish(client, [orgId, limit]);
}

/** For the total of an operation: all that its steps delete before the webhooks and the org. */
export function erasableRows(): string {
  return `SELECT FROM (${PARTS.map(({ rows }) => `SELECT 1 FROM ${rows}`).join(' UNION ALL ')}) x`;
}

/** Rows of one table. `key` finds them again: `ctid` where there is one table, an id where there are partitions. */
interface Part {
  table: string;
  key: 'ctid' | 'id';
  /** What follows FROM, with the org as $1; the rows are called `x`. */
  rows: string;
}

const PARTS: readonly Part[] = [
  // First what makes more of the others.
  ofOrg('operations'),
  ofWebhooks('delivery_due'),
  ofOrg('diverted_events'),
  ofWebhooks('attempts'),
  { ...ofWebhooks('deliveries'), key: 'id' },
  { ...ofOrg('events'), key: 'id' },
  ofOrg('events_kept'),
  ofOrg('idempotency_keys'),
  {
    table: 'stats',
    key: 'ctid',
    rows: 'stats x WHERE x.scope_id IN (SELECT id FROM webhooks WHERE org_id = $1::uuid UNION ALL SELECT $1::uuid)',
  },
  ofWebhooks('webhook_health'),
  ofWebhooks('alert_marks'),
  ofWebhooks('webhook_secrets'),
  ofOrg('event_type_schemas'),
  ofOrg('event_types'),
  ofOrg('api_keys'),
  ofOrg('pauses'),
  { table: 'rate_buckets', key: 'ctid', rows: "rate_buckets x WHERE starts_with(x.bucket, $1::uuid::text || '/')" },
  ofOrg('audit_log'),
];

function ofOrg(table: string): Part {
  return { table, key: 'ctid', rows: `${table} x WHERE x.org_id = $1::uuid` };
}

/** By the index on the webhook, which tables have that are never read by org. */
function ofWebhooks(table: string): Part {
  return { table, key: 'ctid', rows: `webhooks w JOIN ${table} x ON x.webhook_id = w.id WHERE w.org_id = $1::uuid` };
}

async function erase(client: PoolClient, { table, key, rows }: Part, values: [OrgId, number]): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM ${table} WHERE ${key} = ANY(ARRAY(SELECT x.${key} FROM ${rows} LIMIT $2 FOR UPDATE OF x SKIP LOCKED))`,
    values,
  );
  return rowCount ?? 0;
}

/**
 * So long after an org was deleted nothing is written any more that began before: a publish that had not seen the deletion,
 * an attempt that was under way, the counts of it.
 */
const SETTLE_S = 60;

async function finish(client: PoolClient, [orgId, limit]: [OrgId, number]): Promise<Step> {
  const { rows } = await client.query<{ settled: boolean }>(
    `SELECT deleted_at < now() - ${SETTLE_S} * interval '1 s' AS settled FROM orgs WHERE id = $1 AND deleted_at IS NOT NULL`,
    [orgId],
  );
  const [org] = rows;
  if (org === undefined) return step(0, 'nothing');
  const held = await client.query(`${erasableRows()} LIMIT 1`, [orgId]);
  if (!org.settled || held.rowCount !== 0) return step(0, 'blocked');
  const webhooks: Part = { table: 'webhooks', key: 'ctid', rows: 'webhooks x WHERE x.org_id = $1::uuid' };
  const erased = await erase(client, webhooks, [orgId, limit]);
  if (erased > 0) return step(erased, 'more');
  await client.query('DELETE FROM orgs WHERE id = $1', [orgId]);
  return step(1, 'nothing');
}

function step(erased: number, left: Step['left']): Step {
  return { refs: [], examined: erased, moved: erased, left };
}
