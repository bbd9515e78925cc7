import type { OrgId, WebhookId } from '@hooklane/domain';
import { asId } from '@hooklane/domain';
import type { Author, ListedPause, PauseScope, PauseStore, PauseTarget } from '@hooklane/engine';
import { pauseEntry } from '@hooklane/engine';
import type { Pool, PoolClient } from 'pg';
import { noteChange } from './audit.ts';
import type { Database } from './database.ts';
import { named } from './database.ts';

/**
 * What claims and relays ask of a row `d` of undone work. Each of the three is worked out once for a statement, whatever
 * the number of rows; while nothing is paused the table is empty, and that costs a few microseconds.
 */
export const UNPAUSED = `NOT EXISTS (SELECT FROM pauses WHERE scope = 'all')
  AND d.org_id NOT IN (SELECT target FROM pauses WHERE scope = 'org')
  AND d.webhook_id NOT IN (SELECT target FROM pauses WHERE scope = 'webhook')`;

/** The widest pause that holds up the org (and webhook) given as SQL; for a column of its own. */
export function pauseOf(...ids: readonly string[]): string {
  return `(SELECT json_build_object('scope', p.scope, 'at', p.since) FROM pauses p
    WHERE p.scope = 'all' OR p.target IN (${ids.join(', ')}) ORDER BY p.scope LIMIT 1)`;
}

/** A pause goes with what it was for. In the transaction that deletes an org or a webhook. */
export async function forgetPauses(client: Pick<PoolClient, 'query'>, id: OrgId | WebhookId): Promise<void> {
  await client.query('DELETE FROM pauses WHERE target = $1 OR org_id = $1', [id]);
}

export function createPauseStore(database: Database): PauseStore {
  return {
    pause: (target, by) => database.transaction((client) => pause(client, target, by)),
    async resume(target, by) {
      const isKnown = await database.transaction((client) => resume(client, target, by));
      // After the commit: a job that finds its work paused is gone, and what is stored until then is found here.
      if (isKnown) await database.pool.query(UNQUEUE, [target.scope, idOf(target)]);
      return isKnown;
    },
    list: (limit) => list(database.pool, limit),
  };
}

/** Whether anything is paused; for the relay, which has to look around what is. */
export async function pausesNow(pool: Pool): Promise<'none' | 'some' | 'all'> {
  const { rows } = await pool.query<{ scope: PauseScope }>(widestStatement([]));
  const [widest] = rows;
  if (widest === undefined) return 'none';
  return widest.scope === 'all' ? 'all' : 'some';
}

const widestStatement = named('widest_pause', 'SELECT scope FROM pauses ORDER BY scope LIMIT 1');

/** Where all are paused there is no id to name. */
const EVERYBODY = '00000000-0000-0000-0000-000000000000';

function idOf(target: PauseTarget): string {
  if (target.scope === 'all') return EVERYBODY;
  return target.scope === 'org' ? target.orgId : target.webhookId;
}

/** Locked in the order of {@link lockWebhookSet}: what is paused is not deleted before its pause is written. */
const LOCK: Record<PauseScope, string> = {
  all: 'SELECT WHERE $1::uuid IS NULL',
  org: 'SELECT FROM orgs WHERE id = $1 AND deleted_at IS NULL FOR SHARE',
  webhook: 'SELECT FROM webhooks WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL FOR SHARE',
};

async function isThere(client: PoolClient, target: PauseTarget): Promise<boolean> {
  const orgId = target.scope === 'all' ? null : target.orgId;
  const values = target.scope === 'webhook' ? [orgId, target.webhookId] : [orgId];
  const { rowCount } = await client.query(LOCK[target.scope], values);
  return rowCount === 1;
}

async function pause(client: PoolClient, target: PauseTarget, by: Author): Promise<boolean> {
  if (!(await isThere(client, target))) return false;
  const { rowCount } = await client.query(
    'INSERT INTO pauses (target, scope, org_id) VALUES ($1, $2, $3) ON CONFLICT (target) DO NOTHING',
    [idOf(target), target.scope, target.scope === 'all' ? null : target.orgId],
  );
  if (rowCount === 1) await noteChange(client, pauseEntry(target, 'paused', by));
  return true;
}

async function resume(client: PoolClient, target: PauseTarget, by: Author): Promise<boolean> {
  if (!(await isThere(client, target))) return false;
  const { rowCount } = await client.query('DELETE FROM pauses WHERE target = $1', [idOf(target)]);
  if (rowCount === 1) await noteChange(client, pauseEntry(target, 'resumed', by));
  return true;
}

/** Rows in the order of their ids, as everyone else locks them. */
const UNQUEUE = `
  WITH dropped AS (
    SELECT delivery_id FROM delivery_due
    WHERE enqueued_until > now() AND due_at <= now()
      AND CASE $1::text WHEN 'org' THEN org_id = $2::uuid WHEN 'webhook' THEN webhook_id = $2::uuid ELSE true END
    ORDER BY delivery_id FOR UPDATE
  )
  UPDATE delivery_due d SET enqueued_until = NULL FROM dropped x WHERE d.delivery_id = x.delivery_id`;

interface PauseRow {
  target: string;
  scope: PauseScope;
  org_id: string | null;
  since: Date;
}

async function list(pool: Pool, limit: number): ReturnType<PauseStore['list']> {
  const { rows } = await pool.query<PauseRow>(
    'SELECT target, scope, org_id, since FROM pauses ORDER BY scope, since, target LIMIT $1',
    [limit],
  );
  return { counts: await countPauses(pool), pauses: rows.map(toPause) };
}

/** How many there are of each kind. */
export async function countPauses(pool: Pool): Promise<Record<PauseScope, number>> {
  const { rows } = await pool.query<{ scope: PauseScope; count: number }>(
    'SELECT scope, count(*)::int AS count FROM pauses GROUP BY scope',
  );
  const counts = { all: 0, org: 0, webhook: 0 };
  for (const { scope, count } of rows) counts[scope] = count;
  return counts;
}

function toPause({ scope, target, org_id, since: at }: PauseRow): ListedPause {
  if (scope === 'all' || org_id === null) return { scope: 'all', at };
  const orgId = asId('org', org_id);
  return scope === 'org' ? { scope, orgId, at } : { scope, orgId, webhookId: asId('wh', target), at };
}
