import type { OrgId } from '@hooklane/domain';
import { isEventType } from '@hooklane/domain';
import type {
  CatalogueLimits,
  ChangedEventType,
  EventType,
  EventTypeFilter,
  EventTypeKey,
  EventTypeSettings,
  EventTypeStore,
  EventTypeSummary,
  JsonSchema,
  Page,
  PageRequest,
  SchemaVersion,
} from '@hooklane/engine';
import { eventTypeDeleted, eventTypePut, versionFor } from '@hooklane/engine';
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { noteChange } from './audit.ts';
import { readCursor, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { lockCatalogue, raiseConfigVersion } from './org-locks.ts';

type Sql = Pick<ClientBase, 'query'>;

/** The catalogues of all orgs. A change raises the org's `config_version`: what was checked before it is checked again. */
export function createEventTypeStore(database: Database): EventTypeStore {
  const { pool } = database;
  return {
    put: (eventType, settings, limits) =>
      database.transaction((client) => put(client, { eventType, settings }, limits)),
    get: (key) => read(pool, key),
    list: (orgId, filter, page) => list(pool, { orgId, filter }, page),
    delete: (eventType) => database.transaction((client) => remove(client, eventType)),
    versions: (key, page) => listVersions(pool, key, page),
    version: (key, version) => readVersion(pool, key, version),
    schema: ({ orgId, id }) => readSchema(pool, orgId, id),
  };
}

interface Wanted {
  eventType: ChangedEventType;
  settings: EventTypeSettings;
}

async function put(
  client: Sql,
  { eventType, settings }: Wanted,
  limits: CatalogueLimits,
): Promise<{ eventType: EventType; created: boolean } | 'limit_reached'> {
  await lockCatalogue(client, eventType.orgId);
  const before = await read(client, eventType);
  if (before === null && (await countTypes(client, eventType.orgId)) >= limits.types) return 'limit_reached';
  const version = await versionOf(client, { eventType, settings }, limits);
  if (version === 'limit_reached') return version;
  const entry = eventTypePut(eventType, before, settings);
  if (entry !== null) {
    await write(client, { eventType, settings }, version);
    await noteChange(client, entry);
    await raiseConfigVersion(client, eventType.orgId);
  }
  const after = await read(client, eventType);
  if (after === null) throw new TypeError('an event type that was written cannot be read');
  return { eventType: after, created: before === null };
}

async function countTypes(client: Sql, orgId: OrgId): Promise<number> {
  const sql = 'SELECT count(*)::int AS count FROM event_types WHERE org_id = $1';
  const { rows } = await client.query<{ count: number }>(sql, [orgId]);
  return rows[0]?.count ?? 0;
}

/** Of the schema wanted, which is stored when it is new; null where none is wanted. */
async function versionOf(
  client: Sql,
  { eventType: { orgId, type }, settings: { schema } }: Wanted,
  limits: CatalogueLimits,
): Promise<number | null | 'limit_reached'> {
  if (schema === null) return null;
  const { rows } = await client.query<{ version: number; schema: string }>(
    'SELECT version, schema FROM event_type_schemas WHERE org_id = $1 AND type = $2 ORDER BY version DESC LIMIT 1',
    [orgId, type],
  );
  const [newest] = rows;
  const known = newest === undefined ? null : { version: newest.version, schema: parsed<JsonSchema>(newest.schema) };
  const { version, isNew } = versionFor(schema, known);
  if (version > limits.versions) return 'limit_reached';
  if (isNew) {
    await client.query('INSERT INTO event_type_schemas (org_id, type, version, schema) VALUES ($1, $2, $3, $4)', [
      orgId,
      type,
      version,
      JSON.stringify(schema),
    ]);
  }
  return version;
}

async function write(
  client: Sql,
  { eventType: { orgId, type }, settings: { description, group, deprecated, examples } }: Wanted,
  version: number | null,
): Promise<void> {
  await client.query(
    `INSERT INTO event_types (org_id, type, description, group_name, deprecated, examples, schema_version)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (org_id, type) DO UPDATE SET description = $3, group_name = $4, deprecated = $5, examples = $6,
       schema_version = $7, updated_at = now()`,
    [orgId, type, description, group, deprecated, JSON.stringify(examples), version],
  );
}

interface SummaryRow {
  org_id: OrgId;
  type: string;
  description: string | null;
  group_name: string | null;
  deprecated: boolean;
  schema_version: number | null;
  created_at: Date;
  updated_at: Date;
}

const SUMMARY = `t.org_id, t.type, t.description, t.group_name, t.deprecated, t.schema_version, t.created_at, t.updated_at`;

async function read(client: Sql, { orgId, type }: EventTypeKey): Promise<EventType | null> {
  const { rows } = await client.query<SummaryRow & { examples: string; schema: string | null }>(
    `SELECT ${SUMMARY}, t.examples, s.schema
     FROM event_types t
     LEFT JOIN event_type_schemas s ON s.org_id = t.org_id AND s.type = t.type AND s.version = t.schema_version
     WHERE t.org_id = $1 AND t.type = $2`,
    [orgId, type],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const schema = row.schema === null ? null : parsed<JsonSchema>(row.schema);
  return { ...toSummary(row), examples: parsed<unknown[]>(row.examples), schema };
}

const typeKey = z.tuple([z.string().refine(isEventType)]);

async function list(
  client: Sql,
  { orgId, filter }: { orgId: OrgId; filter: EventTypeFilter },
  { limit, cursor }: PageRequest,
): Promise<Page<EventTypeSummary>> {
  const [after] = readCursor(typeKey, cursor) ?? [null];
  const { rows } = await client.query<SummaryRow>(
    `SELECT ${SUMMARY} FROM event_types t
     WHERE t.org_id = $1 AND ($2::text IS NULL OR t.type > $2)
       AND ($3::text IS NULL OR t.group_name = $3) AND ($4::boolean IS NULL OR t.deprecated = $4)
     ORDER BY t.type LIMIT $5`,
    [orgId, after, filter.group, filter.deprecated, limit + 1],
  );
  return toPage(rows, limit, { keyOf: (row) => [row.type], view: toSummary });
}

async function remove(client: Sql, eventType: ChangedEventType): Promise<boolean> {
  const { orgId, type } = eventType;
  await lockCatalogue(client, orgId);
  const { rowCount } = await client.query('DELETE FROM event_types WHERE org_id = $1 AND type = $2', [orgId, type]);
  if (rowCount === 0) return false;
  await client.query('DELETE FROM event_type_schemas WHERE org_id = $1 AND type = $2', [orgId, type]);
  await noteChange(client, eventTypeDeleted(eventType));
  await raiseConfigVersion(client, orgId);
  return true;
}

const versionKey = z.tuple([z.int32().positive()]);

async function listVersions(
  client: Sql,
  { orgId, type }: EventTypeKey,
  { limit, cursor }: PageRequest,
): Promise<Page<SchemaVersion> | null> {
  const [before] = readCursor(versionKey, cursor) ?? [null];
  const there = await client.query('SELECT FROM event_types WHERE org_id = $1 AND type = $2', [orgId, type]);
  if (there.rowCount === 0) return null;
  const { rows } = await client.query<{ version: number; created_at: Date }>(
    `SELECT version, created_at FROM event_type_schemas
     WHERE org_id = $1 AND type = $2 AND ($3::int IS NULL OR version < $3)
     ORDER BY version DESC LIMIT $4`,
    [orgId, type, before, limit + 1],
  );
  const view = (row: { version: number; created_at: Date }) => ({ version: row.version, createdAt: row.created_at });
  return toPage(rows, limit, { keyOf: (row) => [row.version], view });
}

async function readVersion(
  client: Sql,
  { orgId, type }: EventTypeKey,
  version: number,
): Promise<(SchemaVersion & { schema: JsonSchema }) | null> {
  const { rows } = await client.query<{ schema: string; created_at: Date }>(
    'SELECT schema, created_at FROM event_type_schemas WHERE org_id = $1 AND type = $2 AND version = $3',
    [orgId, type, version],
  );
  const [row] = rows;
  return row === undefined ? null : { version, createdAt: row.created_at, schema: parsed<JsonSchema>(row.schema) };
}

async function readSchema(client: Sql, orgId: OrgId, id: string): Promise<JsonSchema | null> {
  const { rows } = await client.query<{ schema: string }>(
    'SELECT schema FROM event_type_schemas WHERE org_id = $1 AND id = $2',
    [orgId, id],
  );
  const [row] = rows;
  return row === undefined ? null : parsed<JsonSchema>(row.schema);
}

/** What was written by this store, from what was parsed when it came in. */
function parsed<T>(text: string): T {
  return JSON.parse(text) as T;
}

function toSummary(row: SummaryRow): EventTypeSummary {
  return {
    orgId: row.org_id,
    type: row.type,
    description: row.description,
    group: row.group_name,
    deprecated: row.deprecated,
    schemaVersion: row.schema_version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
