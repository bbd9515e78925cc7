import type { OperationalType, OrgId, WebhookId } from '@hooklane/domain';
import { OPERATIONAL_PATTERNS } from '@hooklane/domain';
import type { AlertFact, AlertStore } from '@hooklane/engine';
import type { Pool } from 'pg';
import { microsOf, timestampOf } from './cursor.ts';
import { named } from './database.ts';

export interface AlertOptions {
  /** Failures in a row after which a webhook is called failing. Default 5. */
  failingAfter?: number;
  /** Events set aside of one webhook are told at most this often, together. Default 60,000 ms. */
  divertedEveryMs?: number;
}

/**
 * What there is to tell. Suspensions and rotated secrets are taken from the audit trail, which is written in the
 * transaction of the change; failing webhooks from their health; events set aside from where they are kept. What was told is
 * marked: in the trail, or in `alert_marks`.
 */
export function createAlertStore(pool: Pool, options: AlertOptions = {}): AlertStore {
  const { failingAfter = 5, divertedEveryMs = 60_000 } = options;
  const limits = [failingAfter, divertedEveryMs, Math.min(SETTLE_MS, divertedEveryMs)];
  return {
    async untold(limit) {
      await pool.query(dismissStatement([OPERATIONAL_PATTERNS]));
      const { rows } = await pool.query<FactRow>(untoldStatement([OPERATIONAL_PATTERNS, limit, ...limits]));
      return rows.map(toFact);
    },
    async told(facts) {
      await pool.query(toldStatement([JSON.stringify(facts.map(markOf))]));
    },
  };
}

/**
 * Rows younger than this are left for the next time: they may be joined by others whose transaction began before theirs, and a
 * transaction lasts no longer than a statement may.
 */
const SETTLE_MS = 10_000;

/** Of the webhooks of an org that is told, or that have an alert URL; never of one that is told itself. */
const LISTENED = `
  listening AS (
    SELECT DISTINCT org_id FROM webhooks WHERE deleted_at IS NULL AND enabled AND events && $1::text[]
  ), listened AS (
    SELECT w.id, w.org_id, w.name, w.suspended_at, w.failure_policy->>'alertUrl' IS NOT NULL AS has_alert_url
    FROM webhooks w
    WHERE w.deleted_at IS NULL AND NOT (w.events && $1::text[])
      AND (w.org_id IN (SELECT org_id FROM listening) OR w.failure_policy->>'alertUrl' IS NOT NULL)
  )`;

/** What nobody wants to hear is done with at once. */
const dismissStatement = named(
  'dismiss_alerts',
  `WITH ${LISTENED}
   UPDATE audit_log SET alert_of = NULL
   WHERE alert_of IS NOT NULL AND NOT EXISTS (SELECT FROM listened l WHERE l.id = audit_log.alert_of)`,
);

interface FactRow {
  kind: 'suspended' | 'rotated' | 'failing' | 'diverted';
  key: string;
  org_id: OrgId;
  webhook_id: WebhookId;
  name: string;
  has_alert_url: boolean;
  at: Date;
  reason: string | null;
  count: number | null;
}

const untoldStatement = named(
  'untold_alerts',
  `WITH ${LISTENED}, facts AS (
     SELECT CASE a.action WHEN 'webhook.suspended' THEN 'suspended' ELSE 'rotated' END AS kind, a.id::text AS key,
            l.id AS webhook_id, a.at, a.details->>'reason' AS reason, NULL::int AS count
     FROM audit_log a JOIN listened l ON l.id = a.alert_of
     UNION ALL
     SELECT 'failing', l.id || ':' || ${microsOf('h.first_failure_at')}::bigint, l.id, h.last_failure_at, NULL, h.failures
     FROM listened l JOIN webhook_health h ON h.webhook_id = l.id LEFT JOIN alert_marks m ON m.webhook_id = l.id
     WHERE h.failures >= $3 AND l.suspended_at IS NULL AND m.failing_since IS DISTINCT FROM h.first_failure_at
     UNION ALL
     SELECT 'diverted', l.id || ':' || ${microsOf('x.until')}::bigint, l.id, x.until, NULL, x.count
     FROM listened l LEFT JOIN alert_marks m ON m.webhook_id = l.id
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS count, max(diverted_at) AS until FROM (
         SELECT diverted_at FROM diverted_events
         WHERE webhook_id = l.id AND diverted_at > coalesce(m.diverted_until, '-infinity')
           AND diverted_at <= now() - $5 * interval '1 ms'
         ORDER BY diverted_at LIMIT 10000
       ) d
     ) x
     WHERE x.count > 0 AND coalesce(m.diverted_told_at, '-infinity') <= now() - $4 * interval '1 ms'
   )
   SELECT f.kind, f.key, l.org_id, f.webhook_id, l.name, l.has_alert_url, f.at, f.reason, f.count
   FROM facts f JOIN listened l ON l.id = f.webhook_id ORDER BY f.at LIMIT $2`,
);

const TYPES: Record<FactRow['kind'], OperationalType> = {
  suspended: 'hooklane.webhook.suspended',
  rotated: 'hooklane.secret.rotated',
  failing: 'hooklane.webhook.failing',
  diverted: 'hooklane.delivery.diverted',
};

function toFact({
  kind,
  key,
  org_id: orgId,
  webhook_id: id,
  name,
  has_alert_url: hasAlertUrl,
  ...row
}: FactRow): AlertFact {
  return {
    key: `${kind}:${key}`,
    type: TYPES[kind],
    orgId,
    webhook: { id, name, hasAlertUrl },
    at: row.at,
    details: detailsOf(kind, row),
  };
}

function detailsOf(kind: FactRow['kind'], { reason, count }: Pick<FactRow, 'reason' | 'count'>): AlertFact['details'] {
  if (kind === 'failing') return { failures_in_a_row: count ?? 0 };
  if (kind === 'diverted') return { diverted_since_last_told: count ?? 0 };
  return reason === null ? {} : { reason };
}

/** What a fact leaves behind: the entry of the trail, or how far the webhook's run of failures or set-aside events was told. */
function markOf({ key, orgId, webhook }: AlertFact): object {
  const [kind = '', ...rest] = key.split(':');
  const mark = rest.at(-1) ?? '';
  return { kind, mark, org_id: orgId, webhook_id: webhook.id };
}

const toldStatement = named(
  'told_alerts',
  `WITH told AS MATERIALIZED (
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS t(kind text, mark text, org_id uuid, webhook_id uuid)
   ), trail AS (
     UPDATE audit_log SET alert_of = NULL FROM told t WHERE t.kind IN ('suspended', 'rotated') AND audit_log.id = CASE WHEN t.kind IN ('suspended', 'rotated') THEN t.mark::uuid END
   )
   INSERT INTO alert_marks AS m (webhook_id, org_id, failing_since, diverted_until, diverted_told_at)
   SELECT webhook_id, (array_agg(org_id))[1],
          ${timestampOf("max(mark::float8) FILTER (WHERE kind = 'failing')")},
          ${timestampOf("max(mark::float8) FILTER (WHERE kind = 'diverted')")},
          max(now()) FILTER (WHERE kind = 'diverted')
   FROM told WHERE kind IN ('failing', 'diverted') GROUP BY webhook_id ORDER BY webhook_id
   ON CONFLICT (webhook_id) DO UPDATE SET
     failing_since = coalesce(excluded.failing_since, m.failing_since),
     diverted_until = greatest(excluded.diverted_until, m.diverted_until),
     diverted_told_at = greatest(excluded.diverted_told_at, m.diverted_told_at)`,
);
