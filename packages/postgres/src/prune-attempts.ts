import type { WebhookId } from '@hooklane/domain';
import type { Pool } from 'pg';

/** Webhooks looked at in one step. */
const WEBHOOKS = 200;
/** Rows deleted by one statement: a longer one would hold vacuum up. */
const ROWS = 10_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** How long a deleted webhook stays as it was: work that was under way when it was deleted still writes to it. */
const AFTERLIFE = `interval '1 day'`;

/**
 * One step of the walk over all webhooks that have attempts: those beyond the newest `keep` of each are deleted, and
 * all of a webhook that was deleted a day ago. The walk ends with the rows of such webhooks themselves.
 */
export async function pruneAttempts(
  pool: Pool,
  keep: number,
  after: string | null,
): Promise<{ deleted: number; next: string | null }> {
  const { rows } = await pool.query<WalkedRow>(WALK, [after ?? FIRST, keep, WEBHOOKS]);
  const excess = rows.filter((row) => row.cutoff !== null);
  const deleted = excess.length > 0 ? await deleteAttempts(pool, excess) : 0;
  const next = rows.length === WEBHOOKS ? (rows.at(-1)?.webhook_id ?? null) : null;
  if (next === null) await forgetWebhooks(pool);
  return { deleted, next };
}

interface WalkedRow {
  webhook_id: WebhookId;
  /** The newest attempt beyond those that are kept; null when there is none. */
  cutoff: string | null;
}

/**
 * A skip scan: one probe of the primary key per webhook, and one to look `keep` rows past its newest. Counting the rows
 * of each webhook, or a window function, would read the whole table.
 */
const WALK = `
  WITH RECURSIVE walked AS (
    (SELECT webhook_id, 1 AS n FROM attempts WHERE webhook_id > $1::uuid ORDER BY webhook_id LIMIT 1)
    UNION ALL
    SELECT following.webhook_id, walked.n + 1
    FROM walked CROSS JOIN LATERAL (
      SELECT webhook_id FROM attempts WHERE webhook_id > walked.webhook_id ORDER BY webhook_id LIMIT 1
    ) following
    WHERE walked.n < $3
  )
  SELECT k.webhook_id, cut.id AS cutoff
  FROM (
    SELECT v.webhook_id,
           CASE WHEN w.id IS NULL OR w.deleted_at < now() - ${AFTERLIFE} THEN 0 ELSE $2::int END AS keep
    FROM walked v LEFT JOIN webhooks w ON w.id = v.webhook_id
  ) k
  LEFT JOIN LATERAL (
    SELECT id FROM attempts WHERE webhook_id = k.webhook_id ORDER BY id DESC OFFSET k.keep LIMIT 1
  ) cut ON true
  ORDER BY k.webhook_id`;

/** Nothing updates attempts, so a row that is locked stays where its ctid says. Another reaper's rows are left to it. */
const DELETE = `
  DELETE FROM attempts WHERE ctid = ANY(ARRAY(
    SELECT a.ctid
    FROM unnest($1::uuid[], $2::uuid[]) AS c(webhook_id, cutoff)
    JOIN attempts a ON a.webhook_id = c.webhook_id AND a.id <= c.cutoff
    LIMIT $3 FOR UPDATE OF a SKIP LOCKED
  ))`;

async function deleteAttempts(pool: Pool, excess: readonly WalkedRow[]): Promise<number> {
  const webhooks = excess.map((row) => row.webhook_id);
  const cutoffs = excess.map((row) => row.cutoff);
  let deleted = 0;
  let step = ROWS;
  while (step === ROWS) {
    step = (await pool.query(DELETE, [webhooks, cutoffs, ROWS])).rowCount ?? 0;
    deleted += step;
  }
  return deleted;
}

/** What is due for a webhook without a row is discarded when it is claimed, so none has to be waited for. */
async function forgetWebhooks(pool: Pool): Promise<void> {
  await pool.query(
    `WITH forgotten AS (
       DELETE FROM webhooks w
       WHERE w.id = ANY(ARRAY(
         SELECT v.id FROM webhooks v
         WHERE v.deleted_at < now() - ${AFTERLIFE} AND NOT v.draining
           AND NOT EXISTS (SELECT FROM attempts a WHERE a.webhook_id = v.id)
         LIMIT $1 FOR UPDATE SKIP LOCKED
       ))
       RETURNING w.id
     ), secrets AS (
       DELETE FROM webhook_secrets s USING forgotten f WHERE s.webhook_id = f.id
     )
     DELETE FROM webhook_health h USING forgotten f WHERE h.webhook_id = f.id`,
    [ROWS],
  );
}
