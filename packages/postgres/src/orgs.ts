import { isDeepStrictEqual } from 'node:util';
import type { OrgId } from '@hooklane/domain';
import { isOrgSlug } from '@hooklane/domain';
import type { Author, NewOrg, Org, OrgChange, OrgStore } from '@hooklane/engine';
import { orgChanged, orgCreated, orgEntry } from '@hooklane/engine';
import type { ClientBase, PoolClient } from 'pg';
import { z } from 'zod';
import { noteChange } from './audit.ts';
import { readCursor, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { orgSettingsColumn, pauseColumn } from './json-columns.ts';
import { lockWebhookSet } from './org-locks.ts';
import { forgetPauses, pauseOf } from './pauses.ts';

interface OrgRow {
  id: OrgId;
  slug: string;
  name: string;
  settings: unknown;
  paused: unknown;
  created_at: Date;
}

const SHOWN = `id, slug, name, settings, created_at, ${pauseOf('orgs.id')} AS paused`;
const cursorKey = z.tuple([z.string().refine(isOrgSlug)]);

/** Orgs, listed by slug. */
export function createOrgStore(database: Database): OrgStore {
  const { pool } = database;
  return {
    create: (org) => database.transaction((client) => create(client, org)),
    async list({ limit, cursor }) {
      const [after] = readCursor(cursorKey, cursor) ?? [null];
      const { rows } = await pool.query<OrgRow>(
        `SELECT ${SHOWN} FROM orgs WHERE deleted_at IS NULL AND ($1::text IS NULL OR slug > $1) ORDER BY slug LIMIT $2`,
        [after, limit + 1],
      );
      return toPage(rows, limit, { keyOf: (org) => [org.slug], view: toOrg });
    },
    bySlug: (slug) => readOrg(pool, slug),
    async find(id) {
      const { rows } = await pool.query<{ slug: string; isDeleted: boolean }>(
        'SELECT slug, deleted_at IS NOT NULL AS "isDeleted" FROM orgs WHERE id = $1',
        [id],
      );
      return rows[0] ?? null;
    },
    change: (slug, decide, by) => database.transaction((client) => change(client, slug, { decide, by })),
    async delete(slug, by) {
      const org = await readOrg(pool, slug);
      return org !== null && database.transaction((client) => deleteOrg(client, org, by));
    },
  };
}

async function create(client: PoolClient, org: NewOrg): Promise<Org | 'slug_taken'> {
  const { rows } = await client.query<OrgRow>(
    `INSERT INTO orgs (id, slug, name) VALUES ($1, $2, $3)
     ON CONFLICT (slug) WHERE deleted_at IS NULL DO NOTHING RETURNING ${SHOWN}`,
    [org.id, org.slug, org.name],
  );
  const [row] = rows;
  if (row === undefined) return 'slug_taken';
  await noteChange(client, orgCreated(org));
  return toOrg(row);
}

async function readOrg(client: Pick<ClientBase, 'query'>, slug: string): Promise<Org | null> {
  const { rows } = await client.query<OrgRow>(`SELECT ${SHOWN} FROM orgs WHERE slug = $1 AND deleted_at IS NULL`, [
    slug,
  ]);
  const [row] = rows;
  return row === undefined ? null : toOrg(row);
}

async function change(
  client: PoolClient,
  slug: string,
  { decide, by }: { decide: (now: OrgChange) => OrgChange; by: Author },
): Promise<Org | null> {
  const named = await readOrg(client, slug);
  if (named === null) return null;
  // Changes of one org take turns by this lock, not by that of its row, which comes after its webhooks'.
  await lockWebhookSet(client, named.id);
  const org = await readOrg(client, slug);
  if (org?.id !== named.id) return null;
  const { name, settings } = decide({ name: org.name, settings: org.settings });
  const entry = orgChanged(org, { name, settings }, by);
  if (entry === null) return org;
  if (!isDeepStrictEqual(org.settings.brand, settings.brand)) await outdateWebhooks(client, org.id);
  // What events are held against is part of the configuration: see raiseConfigVersion.
  const raise = settings.unknownEventTypes === org.settings.unknownEventTypes ? 0 : 1;
  await client.query('UPDATE orgs SET name = $2, settings = $3, config_version = config_version + $4 WHERE id = $1', [
    org.id,
    name,
    JSON.stringify(settings),
    raise,
  ]);
  await noteChange(client, entry);
  return { ...org, name, settings };
}

/** Makes workers forget what they know of the org's webhooks: they know its brand with each of them. */
async function outdateWebhooks(client: PoolClient, id: OrgId): Promise<void> {
  await client.query(
    `WITH living AS (
       SELECT id FROM webhooks WHERE org_id = $1 AND deleted_at IS NULL ORDER BY id FOR UPDATE
     )
     UPDATE webhooks w SET version = version + 1 FROM living l WHERE w.id = l.id`,
    [id],
  );
}

async function deleteOrg(client: PoolClient, org: Org, by: Author): Promise<boolean> {
  const { id } = org;
  await lockWebhookSet(client, id);
  await client.query(
    `WITH living AS (
       SELECT id FROM webhooks WHERE org_id = $1 AND deleted_at IS NULL ORDER BY id FOR UPDATE
     )
     UPDATE webhooks w SET deleted_at = now(), draining = true, version = version + 1, updated_at = now()
     FROM living l WHERE w.id = l.id`,
    [id],
  );
  const { rowCount } = await client.query(
    'UPDATE orgs SET deleted_at = now(), config_version = config_version + 1 WHERE id = $1 AND deleted_at IS NULL',
    [id],
  );
  if (rowCount !== 1) return false;
  await client.query('DELETE FROM api_keys WHERE org_id = $1', [id]);
  await forgetPauses(client, id);
  await noteChange(client, orgEntry(org, 'org.deleted', by));
  return true;
}

function toOrg(row: OrgRow): Org {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    settings: orgSettingsColumn.parse(row.settings),
    paused: pauseColumn.parse(row.paused),
    createdAt: row.created_at,
  };
}
