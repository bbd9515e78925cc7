import type { AuditId, KeyId, OrgId } from '@hooklane/domain';
import { parseId } from '@hooklane/domain';
import type {
  Actor,
  AuditAction,
  AuditEntry,
  AuditFilter,
  AuditLog,
  AuditRecord,
  Page,
  PageRequest,
} from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { microsOf, readCursor, timestampOf, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { named } from './database.ts';
import { auditDetailsColumn } from './json-columns.ts';

type Sql = Pick<ClientBase, 'query'>;

/** Writes an entry of the audit trail. Give it the client of the transaction that makes the change, never the pool. */
export function noteChange(client: Sql, entry: AuditEntry): Promise<void> {
  return noteChanges(client, [entry]);
}

/** Several at once. Takes no lock that anybody waits for; without entries it does nothing. */
export async function noteChanges(client: Sql, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await client.query(
    noteStatement([
      JSON.stringify(
        entries.map(({ orgId, by, action, target, fields = [], details = {} }) => ({
          id: ids.next('aud'),
          org_id: orgId,
          actor: by.actor.kind,
          key_id: by.actor.kind === 'key' ? by.actor.id : null,
          key_name: by.actor.kind === 'key' ? by.actor.name : null,
          request_id: by.requestId,
          ...{ action, target, fields, details },
          alert_of: TOLD.has(action) ? parseId('wh', target) : null,
        })),
      ),
    ]),
  );
}

/** Changes of a webhook that somebody may want to hear of; see alerts.ts. */
const TOLD: ReadonlySet<AuditAction> = new Set(['webhook.suspended', 'secret.rotated']);

const ids = createIdFactory();

const noteStatement = named(
  'note_changes',
  `INSERT INTO audit_log (id, org_id, actor, key_id, key_name, request_id, action, target, fields, details,
     alert_of)
   SELECT e.* FROM jsonb_to_recordset($1::jsonb) AS e(id uuid, org_id uuid, actor text, key_id uuid, key_name text,
     request_id text, action text, target text, fields text[], details jsonb, alert_of uuid)`,
);

export function createAuditLog(database: Database): AuditLog {
  return { list: (filter, page) => list(database, filter, page) };
}

interface AuditRow {
  id: AuditId;
  at: Date;
  at_micros: number;
  org_id: OrgId | null;
  slug: string | null;
  actor: Actor['kind'];
  key_id: KeyId | null;
  key_name: string | null;
  request_id: string | null;
  action: string;
  target: string;
  fields: string[];
  details: unknown;
}

const cursorKey = z.tuple([z.int(), z.guid()]);

/** Orgs are marked as deleted, never removed: their slugs can still be told. */
async function list(
  { pool }: Database,
  filter: AuditFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<AuditRecord>> {
  const { rows } = await pool.query<AuditRow>(
    `SELECT a.*, o.slug, ${microsOf('a.at')} AS at_micros
     FROM audit_log a LEFT JOIN orgs o ON o.id = a.org_id
     WHERE ($1::uuid IS NULL OR a.org_id = $1)
       AND ($2::text IS NULL OR a.org_id IN (SELECT id FROM orgs WHERE slug = $2))
       AND ($3::text IS NULL OR a.actor = $3)
       AND ($4::uuid IS NULL OR a.key_id = $4)
       AND ($5::text IS NULL OR a.action = $5)
       AND ($6::text IS NULL OR a.target = $6)
       AND ($7::timestamptz IS NULL OR a.at >= $7)
       AND ($8::timestamptz IS NULL OR a.at < $8)
       AND ($10::uuid IS NULL OR (a.at, a.id) < (${timestampOf('$9')}, $10))
     ORDER BY a.at DESC, a.id DESC LIMIT $11`,
    [...filterValues(filter), ...(readCursor(cursorKey, cursor) ?? [null, null]), limit + 1],
  );
  return toPage(rows, limit, { keyOf: (row) => [row.at_micros, row.id], view: toRecord });
}

function filterValues({ orgId, orgSlug, actor, action, target, since, until }: AuditFilter): unknown[] {
  const isKind = actor === 'operator' || actor === 'system';
  return [orgId, orgSlug, isKind ? actor : null, isKind ? null : actor, action, target, since, until];
}

function toRecord(row: AuditRow): AuditRecord {
  return {
    id: row.id,
    at: row.at,
    org: row.org_id === null || row.slug === null ? null : { id: row.org_id, slug: row.slug },
    actor: actorOf(row),
    requestId: row.request_id,
    action: row.action,
    target: row.target,
    fields: row.fields,
    details: auditDetailsColumn.parse(row.details),
  };
}

function actorOf({ actor, key_id: id, key_name: name }: AuditRow): Actor {
  if (actor !== 'key') return { kind: actor };
  if (id === null || name === null) throw new TypeError('an entry by a key does not name it');
  return { kind: 'key', id, name };
}
