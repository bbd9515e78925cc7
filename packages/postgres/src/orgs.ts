import type { OrgId } from '@hooklane/domain';
import { isOrgSlug } from '@hooklane/domain';
import type { Org, OrgStore } from '@hooklane/engine';
import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { readCursor, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { lockWebhookSet } from './org-locks.ts';
import { orgs } from './schema/index.ts';

const SHOWN = { id: orgs.id, slug: orgs.slug, name: orgs.name, createdAt: orgs.createdAt };
const LIVING = isNull(orgs.deletedAt);
const cursorKey = z.tuple([z.string().refine(isOrgSlug)]);

/** Orgs, listed by slug. */
export function createOrgStore(database: Database): OrgStore {
  const { orm } = database;
  return {
    async create(org) {
      const [created] = await orm
        .insert(orgs)
        .values(org)
        .onConflictDoNothing({ target: orgs.slug, where: sql`deleted_at is null` })
        .returning(SHOWN);
      return created ?? 'slug_taken';
    },
    async list({ limit, cursor }) {
      const after = readCursor(cursorKey, cursor);
      const rows = await orm
        .select(SHOWN)
        .from(orgs)
        .where(and(LIVING, after === null ? undefined : gt(orgs.slug, after[0])))
        .orderBy(asc(orgs.slug))
        .limit(limit + 1);
      return toPage(rows, limit, { keyOf: (org) => [org.slug], view: (org) => org });
    },
    bySlug: (slug) => readOrg(database, slug),
    async delete(slug) {
      const org = await readOrg(database, slug);
      return org !== null && database.transaction((client) => deleteOrg(client, org.id));
    },
  };
}

async function readOrg({ orm }: Database, slug: string): Promise<Org | null> {
  const [org] = await orm
    .select(SHOWN)
    .from(orgs)
    .where(and(LIVING, eq(orgs.slug, slug)));
  return org ?? null;
}

async function deleteOrg(client: PoolClient, id: OrgId): Promise<boolean> {
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
  await client.query('DELETE FROM api_keys WHERE org_id = $1', [id]);
  return rowCount === 1;
}
