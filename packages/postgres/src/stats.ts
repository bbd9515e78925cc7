import type { OrgId, WebhookId } from '@hooklane/domain';
import type { RowCount, Stats, StatsStore, StatsWindow, Tally, WebhookTally } from '@hooklane/engine';
import { addTo, COUNTED_ROWS, emptyTally } from '@hooklane/engine';
import type { Pool } from 'pg';
import { named } from './database.ts';

export function createStatsStore(pool: Pool): StatsStore {
  return {
    async add(tallies) {
      const scopes = [...tallies.map((tally) => rowOf(tally.webhookId, tally)), ...orgRows(tallies)];
      await pool.query(addStatement([JSON.stringify(scopes)]));
    },
    ofWebhook: (orgId, webhookId) => statsOfWebhook(pool, orgId, webhookId),
    ofOrg: (orgId) => statsOfOrg(pool, orgId),
  };
}

/** What windows no longer reach. Two reapers may be at it: each takes what the other is not at. */
export async function forgetStats(pool: Pool, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM stats WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM stats
       WHERE (span = 'minute' AND start < now() - interval '2 hours') OR (span = 'hour' AND start < now() - interval '26 hours')
       LIMIT $1 FOR UPDATE SKIP LOCKED))`,
    [limit],
  );
  return rowCount ?? 0;
}

interface TallyRow {
  accepted: number;
  rejected: number;
  timed_out: number;
  unreachable: number;
  blocked: number;
  delivered: number;
  diverted: number;
  discarded: number;
  latency: number[];
}

function rowOf(scopeId: string, { orgId, ...tally }: Tally & { orgId: OrgId }): TallyRow & Record<string, unknown> {
  const { 'timed-out': timedOut, ...outcomes } = tally.outcomes;
  const { delivered, diverted, discarded, latency } = tally;
  const scope = { scope_id: scopeId, org_id: orgId };
  return { ...scope, ...outcomes, timed_out: timedOut, delivered, diverted, discarded, latency };
}

function orgRows(tallies: readonly WebhookTally[]) {
  const sums = new Map<OrgId, Tally>();
  for (const tally of tallies) {
    const sum = sums.get(tally.orgId) ?? emptyTally();
    sums.set(tally.orgId, sum);
    addTo(sum, tally);
  }
  return [...sums].map(([orgId, sum]) => rowOf(orgId, { orgId, ...sum }));
}

/** In one order: two workers that write the same rows in another would wait for each other. */
const addStatement = named(
  'add_stats',
  `INSERT INTO stats AS x (scope_id, span, start, org_id, accepted, rejected, timed_out, unreachable, blocked, delivered,
                           diverted, discarded, latency)
   SELECT t.scope_id, s.span, date_trunc(s.span, now(), 'UTC'), t.org_id, t.accepted, t.rejected, t.timed_out,
          t.unreachable, t.blocked, t.delivered, t.diverted, t.discarded, t.latency
   FROM jsonb_to_recordset($1::jsonb) AS t(scope_id uuid, org_id uuid, accepted int, rejected int, timed_out int,
          unreachable int, blocked int, delivered int, diverted int, discarded int, latency int[])
   CROSS JOIN (VALUES ('hour'), ('minute')) AS s(span)
   -- Of an org that was erased meanwhile nothing comes back.
   WHERE EXISTS (SELECT FROM orgs o WHERE o.id = t.org_id)
   ORDER BY t.scope_id, s.span
   ON CONFLICT (scope_id, span, start) DO UPDATE SET
     accepted = x.accepted + excluded.accepted,
     rejected = x.rejected + excluded.rejected,
     timed_out = x.timed_out + excluded.timed_out,
     unreachable = x.unreachable + excluded.unreachable,
     blocked = x.blocked + excluded.blocked,
     delivered = x.delivered + excluded.delivered,
     diverted = x.diverted + excluded.diverted,
     discarded = x.discarded + excluded.discarded,
     latency = (SELECT array_agg(u.a + u.b ORDER BY u.n)
                FROM unnest(x.latency, excluded.latency) WITH ORDINALITY AS u(a, b, n))`,
);

async function statsOfWebhook(pool: Pool, orgId: OrgId, webhookId: WebhookId): Promise<Stats> {
  const [windows, counts] = await Promise.all([
    readWindows(pool, orgId, webhookId),
    pool.query<CountRow>(webhookCountStatement([orgId, webhookId, COUNTED_ROWS + 1])),
  ]);
  return { ...countsOf(counts.rows[0]), ...windows };
}

async function statsOfOrg(pool: Pool, orgId: OrgId): Promise<Stats> {
  const [windows, counts] = await Promise.all([
    readWindows(pool, orgId, orgId),
    pool.query<CountRow>(orgCountStatement([orgId, COUNTED_ROWS + 1])),
  ]);
  return { ...countsOf(counts.rows[0]), ...windows };
}

interface CountRow {
  pending: number;
  diverted: number;
  last_success_at: Date | null;
  last_failure_at: Date | null;
}

/** The log holds about a hundred attempts of a webhook: its end is near. */
const webhookCountStatement = named(
  'count_webhook',
  `SELECT (SELECT count(*) FROM (SELECT FROM delivery_due WHERE webhook_id = $2 AND org_id = $1 LIMIT $3) d)::int AS pending,
          (SELECT count(*) FROM (SELECT FROM diverted_events WHERE webhook_id = $2 AND org_id = $1 LIMIT $3) x)::int AS diverted,
          (SELECT started_at FROM attempts WHERE webhook_id = $2 AND org_id = $1 AND outcome = 'accepted'
           ORDER BY id DESC LIMIT 1) AS last_success_at,
          (SELECT started_at FROM attempts WHERE webhook_id = $2 AND org_id = $1 AND outcome <> 'accepted'
           ORDER BY id DESC LIMIT 1) AS last_failure_at`,
);

/** Of what is due: it is read through in a millisecond or two. */
const SMALL_BYTES = 2 * 1024 * 1024;

/**
 * The hot table has no index by org, and shall have none. As long as it is small it is read as it is; then by webhook, of
 * which there may be thousands.
 */
const orgCountStatement = named(
  'count_org',
  `SELECT CASE WHEN pg_relation_size('delivery_due') < ${SMALL_BYTES} THEN (
             SELECT count(*) FROM (SELECT FROM delivery_due WHERE org_id = $1 LIMIT $2) d
           ) ELSE (
             SELECT count(*) FROM (
               SELECT FROM webhooks w
               CROSS JOIN LATERAL (SELECT FROM delivery_due d WHERE d.webhook_id = w.id AND d.org_id = $1 LIMIT $2) d
               WHERE w.org_id = $1 AND w.deleted_at IS NULL LIMIT $2
             ) p
           ) END::int AS pending,
          (SELECT count(*) FROM (SELECT FROM diverted_events WHERE org_id = $1 LIMIT $2) x)::int AS diverted,
          NULL::timestamptz AS last_success_at, NULL::timestamptz AS last_failure_at`,
);

function countsOf(row: CountRow | undefined): Pick<Stats, 'pending' | 'diverted' | 'lastSuccessAt' | 'lastFailureAt'> {
  return {
    pending: capped(row?.pending ?? 0),
    diverted: capped(row?.diverted ?? 0),
    lastSuccessAt: row?.last_success_at ?? null,
    lastFailureAt: row?.last_failure_at ?? null,
  };
}

function capped(count: number): RowCount {
  return { count: Math.min(count, COUNTED_ROWS), capped: count > COUNTED_ROWS };
}

interface WindowRow extends TallyRow {
  span: 'minute' | 'hour';
}

const windowStatement = named(
  'read_stats',
  `SELECT span, accepted, rejected, timed_out, unreachable, blocked, delivered, diverted, discarded, latency
   FROM stats
   WHERE scope_id = $2 AND org_id = $1
     AND ((span = 'minute' AND start >= date_trunc('minute', now(), 'UTC') - interval '60 minutes')
       OR (span = 'hour' AND start >= date_trunc('hour', now(), 'UTC') - interval '24 hours'))`,
);

const sinceStatement = named(
  'stats_since',
  `SELECT date_trunc('minute', now(), 'UTC') - interval '60 minutes' AS hour,
          date_trunc('hour', now(), 'UTC') - interval '24 hours' AS day`,
);

async function readWindows(
  pool: Pool,
  orgId: OrgId,
  scopeId: string,
): Promise<{ hour: StatsWindow; day: StatsWindow }> {
  const [{ rows }, since] = await Promise.all([
    pool.query<WindowRow>(windowStatement([orgId, scopeId])),
    pool.query<{ hour: Date; day: Date }>(sinceStatement([])),
  ]);
  const begun = since.rows[0] ?? { hour: new Date(0), day: new Date(0) };
  return {
    hour: { since: begun.hour, ...sumOf(rows.filter((row) => row.span === 'minute')) },
    day: { since: begun.day, ...sumOf(rows.filter((row) => row.span === 'hour')) },
  };
}

function sumOf(rows: readonly WindowRow[]): Tally {
  const sum = emptyTally();
  for (const { accepted, rejected, timed_out: timedOut, unreachable, blocked, ...rest } of rows) {
    addTo(sum, { ...rest, outcomes: { accepted, rejected, 'timed-out': timedOut, unreachable, blocked } });
  }
  return sum;
}
