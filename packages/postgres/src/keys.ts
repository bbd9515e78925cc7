import type { KeyId, OrgId } from '@hooklane/domain';
import type { ApiKey, KeyStore, NewKey, Scope } from '@hooklane/engine';
import { keyCreated, keyRevoked, SCOPES } from '@hooklane/engine';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { noteChange } from './audit.ts';
import { readCursor, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { named } from './database.ts';
import { orgSettingsColumn } from './json-columns.ts';

interface KeyRow {
  id: KeyId;
  org_id: OrgId;
  name: string;
  hint: string;
  scopes: string[];
  requests_per_second: number | null;
  events_per_second: number | null;
  expires_at: Date | null;
  last_used_at: Date | null;
  created_at: Date;
}

const SHOWN = `id, org_id, name, hint, scopes, requests_per_second, events_per_second, expires_at, last_used_at, created_at`;
const cursorKey = z.tuple([z.guid()]);

export function createKeyStore(database: Database): KeyStore {
  const { pool } = database;
  return {
    create: (key) => database.transaction((client) => create(client, key)),
    async get(orgId, id) {
      const { rows } = await pool.query<KeyRow>(`SELECT ${SHOWN} FROM api_keys WHERE org_id = $1 AND id = $2`, [
        orgId,
        id,
      ]);
      const [row] = rows;
      return row === undefined ? null : toKey(row);
    },
    async list(orgId, { limit, cursor }) {
      const [after] = readCursor(cursorKey, cursor) ?? [null];
      const { rows } = await pool.query<KeyRow>(
        `SELECT ${SHOWN} FROM api_keys WHERE org_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
        [orgId, after, limit + 1],
      );
      return toPage(rows, limit, { keyOf: (row) => [row.id], view: toKey });
    },
    revoke: (key) => database.transaction((client) => revoke(client, key)),
    async authenticate(hash) {
      const { rows } = await pool.query<CallerRow>(authenticateStatement([hash]));
      const [row] = rows;
      if (row === undefined) return null;
      const { rateLimits } = orgSettingsColumn.parse(row.settings);
      return {
        keyId: row.id,
        keyName: row.name,
        org: { id: row.org_id, slug: row.slug },
        scopes: new Set(row.scopes.filter(isScope)),
        rateLimits: { key: limitsOf(row), org: rateLimits },
      };
    },
  };
}

async function create(client: PoolClient, key: NewKey): Promise<ApiKey> {
  const { rows } = await client.query<KeyRow>(
    `INSERT INTO api_keys (id, org_id, name, hash, hint, scopes, requests_per_second, events_per_second, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${SHOWN}`,
    [
      key.id,
      key.orgId,
      key.name,
      key.hash,
      key.hint,
      key.scopes,
      key.rateLimits.requestsPerSecond,
      key.rateLimits.eventsPerSecond,
      key.expiresAt,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError('an insert returned no row');
  await noteChange(client, keyCreated(key));
  return toKey(row);
}

async function revoke(client: PoolClient, { orgId, id, by }: Parameters<KeyStore['revoke']>[0]): Promise<boolean> {
  const { rows } = await client.query<{ name: string }>(
    'DELETE FROM api_keys WHERE org_id = $1 AND id = $2 RETURNING name',
    [orgId, id],
  );
  const [row] = rows;
  if (row === undefined) return false;
  await noteChange(client, keyRevoked({ id, orgId, name: row.name }, by));
  return true;
}

interface CallerRow
  extends Pick<KeyRow, 'id' | 'org_id' | 'name' | 'scopes' | 'requests_per_second' | 'events_per_second'> {
  slug: string;
  settings: unknown;
}

/**
 * One statement, which writes only when the last use noted is a minute old, and waits for nobody: of many requests
 * at that moment one notes it and the others skip the locked row.
 */
const authenticateStatement = named(
  'authenticate',
  `WITH caller AS MATERIALIZED (
     SELECT k.id, k.org_id, k.name, k.scopes, k.requests_per_second, k.events_per_second, o.slug, o.settings
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

function limitsOf(row: Pick<KeyRow, 'requests_per_second' | 'events_per_second'>): ApiKey['rateLimits'] {
  return { requestsPerSecond: row.requests_per_second, eventsPerSecond: row.events_per_second };
}

function toKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    orgId: row.org_id,
    name: row.name,
    hint: row.hint,
    scopes: row.scopes.filter(isScope),
    rateLimits: limitsOf(row),
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
  };
}
