import type { OrgId, WebhookId } from '@hooklane/domain';
import { firstUuidAt, matches, matchesType } from '@hooklane/domain';
import type { DivertedFilter, NewOperation, ReplayRange } from '@hooklane/engine';
import type { Pool } from 'pg';
import { filterValues, IS_ACTIVE, MATCHES_FILTER } from './diverted-rows.ts';
import { erasableRows } from './erase-step.ts';
import { listsColumn } from './json-columns.ts';
import { KEYS_OF_SEALED } from './reseal-step.ts';

/** To look at more would take seconds, and nobody would act otherwise for the number. */
const COUNTED = 100_000;

/** What an operation would come to if it began now; null: there is more to look at than is counted. */
export function previewOperation(
  pool: Pool,
  { orgId, webhookId, task }: Pick<NewOperation, 'orgId' | 'webhookId' | 'task'>,
): Promise<number | null> {
  if (task.kind === 'resend') return countResend(pool, task.filter);
  if (task.kind === 'erase') return count(pool, erasableRows(), [task.orgId]);
  if (task.kind === 'reseal') return count(pool, `${KEYS_OF_SEALED} WHERE key_id <> $1`, [task.keyId]);
  if (task.kind !== 'replay' || orgId === null || webhookId === null) {
    throw new TypeError(`an operation ${task.kind} has no preview`);
  }
  return countReplay(pool, { orgId, webhookId }, task.range);
}

function countResend(pool: Pool, filter: DivertedFilter): Promise<number | null> {
  const diverted = `SELECT FROM diverted_events d JOIN webhooks w ON w.id = d.webhook_id AND ${IS_ACTIVE} WHERE ${MATCHES_FILTER}`;
  return count(pool, diverted, filterValues(filter));
}

async function count(pool: Pool, rowsSql: string, values: unknown[]): Promise<number | null> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (${rowsSql} LIMIT ${COUNTED + 1}) c`,
    values,
  );
  return bounded(rows[0]?.count ?? 0);
}

interface Candidate {
  type: string;
  attributes: Record<string, string> | null;
  has_delivery: boolean;
}

/** As a replay chooses: what is pending for the webhook already, and what was made for one webhook alone, is left alone. */
async function countReplay(
  pool: Pool,
  { orgId, webhookId }: { orgId: OrgId; webhookId: WebhookId },
  { since, until, eventTypes, onlyMissing }: ReplayRange,
): Promise<number | null> {
  const webhook = await pool.query<{ events: string[]; filters: unknown }>(
    'SELECT events, filters FROM webhooks WHERE id = $1 AND org_id = $2 AND deleted_at IS NULL',
    [webhookId, orgId],
  );
  const [row] = webhook.rows;
  if (row === undefined) return 0;
  const subscription = { events: row.events, filters: row.filters === null ? null : listsColumn.parse(row.filters) };
  const { rows } = await pool.query<Candidate>(CANDIDATES, [
    orgId,
    firstUuidAt(since.getTime()),
    firstUuidAt(until.getTime()),
    webhookId,
    onlyMissing ? ['pending', 'delivered'] : ['pending'],
    COUNTED + 1,
  ]);
  if (bounded(rows.length) === null) return null;
  const isOfType = (type: string) => eventTypes === undefined || eventTypes.some((one) => matchesType(one, type));
  return rows.filter(
    ({ type, attributes, has_delivery }) =>
      !has_delivery && isOfType(type) && matches(subscription, { type, attributes: attributes ?? {} }),
  ).length;
}

const CANDIDATES = `
  SELECT e.type, e.attributes, EXISTS (
    SELECT FROM deliveries v WHERE v.event_id = e.id
      AND ((v.webhook_id = $4 AND v.state = ANY($5::text[])) OR v.origin NOT IN ('event', 'replay'))
  ) AS has_delivery
  FROM (SELECT id, type, attributes FROM events WHERE org_id = $1 AND id >= $2 AND id < $3 ORDER BY id LIMIT $6) e`;

function bounded(count: number): number | null {
  return count > COUNTED ? null : count;
}
