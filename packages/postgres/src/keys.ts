import type { KeyId, OrgId } from '@hooklane/domain';
import type { ApiKey, KeyStore, Scope } from '@hooklane/engine';
import { SCOPES } from '@hooklane/engine';
import { and, asc, eq, getTableColumns } from 'drizzle-orm';
import type { Database } from './database.ts';
import { named } from './database.ts';
import { apiKeys } from './schema/index.ts';

const { hash: _hash, ...SHOWN } = getTableColumns(apiKeys);

export function createKeyStore({ orm, pool }: Database): KeyStore {
  return {
    async create(key) {
      const [row] = await orm
        .insert(apiKeys)
        .values({ ...key, scopes: [...key.scopes] })
        .returning(SHOWN);
      if (row === undefined) throw new TypeError('an insert returned no row');
      return toKey(row);
    },
    async list(orgId) {
      const rows = await orm.select(SHOWN).from(apiKeys).where(eq(apiKeys.orgId, orgId)).orderBy(asc(apiKeys.id));
      return rows.map(toKey);
    },
    async revoke(orgId, id) {
      const { rowCount } = await orm.delete(apiKeys).where(and(eq(apiKeys.orgId, orgId), eq(apiKeys.id, id)));
      return rowCount === 1;
    },
    async authenticate(hash) {
      const { rows } = await pool.query<CallerRow>(authenticateStatement([hash]));
      const [row] = rows;
      if (row === undefined) return null;
      return { keyId: row.id, org: { id: row.org_id, slug: row.slug }, scopes: new Set(row.scopes.filter(isScope)) };
    },
  };
}

interface CallerRow {
  id: KeyId;
  org_id: OrgId;
  slug: string;
  scopes: string[];
}

/**
 * One statement, which writes only when the last use noted is a minute old, and waits for nobody: of many requests
 * at that moment one notes it and the others skip the locked row.
 */
const authenticateStatement = named(
  'authenticate',
  `WITH caller AS MATERIALIZED (
     SELECT k.id, k.org_id, o.slug, k.scopes
     FROM api_keys k JOIN orgs o ON o.id = k.org_id
     WHERE k.hash = $1 AND (k.expires_at IS NULL OR k.expires_at > now()) AND o.deleted_at IS NULL
   ), stale AS (
     SELECT k.id FROM api_keys k
     WHERE k.id IN (SELECT id FROM caller) AND (k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute')
     FOR UPDATE SKIP LOCKED
   ), noted AS (
     UPDATE api_keys k SET last_used_at = now() FROM stale s WHERE k.id = s.id
   )
   SELECT * FROM caller`,
);

/** A scope that this version does not know grants nothing. */
function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

function toKey(row: Omit<ApiKey, 'scopes'> & { scopes: string[] }): ApiKey {
  return { ...row, scopes: row.scopes.filter(isScope) };
}
