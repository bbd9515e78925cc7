import type { OrgId, Problem } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { AuditEntry, Author } from './audit.ts';
import { changedFields } from './audit.ts';
import type { Page, PageRequest } from './paging.ts';

/** A JSON Schema, parsed: draft 2020-12, or draft-07 where it says so. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

/** What an org says about one type of its events. */
export interface EventTypeSettings {
  description: string | null;
  /** A heading to list it under. */
  group: string | null;
  /** Still taken; who publishes it is told. */
  deprecated: boolean;
  /** Payloads as they may be. */
  examples: readonly unknown[];
  /** What payloads are checked by; null: by nothing. */
  schema: JsonSchema | null;
}

export interface EventType extends EventTypeSettings {
  orgId: OrgId;
  type: string;
  /** Of `schema`; null where there is none. */
  schemaVersion: number | null;
  createdAt: Date;
  updatedAt: Date;
}

/** As lists show it. */
export type EventTypeSummary = Omit<EventType, 'examples' | 'schema'>;

/** One schema that a type has or had. Versions count from 1, and none is ever changed. */
export interface SchemaVersion {
  version: number;
  createdAt: Date;
}

export interface EventTypeKey {
  orgId: OrgId;
  type: string;
}

export interface ChangedEventType extends EventTypeKey {
  by: Author;
}

export interface EventTypeFilter {
  group?: string | undefined;
  deprecated?: boolean | undefined;
}

/** The catalogue of an org. Changes hold for every event that is accepted after them, and leave an entry in the audit trail. */
export interface EventTypeStore {
  /**
   * Replaces what was said before. Another schema than the newest one makes a new version; the same one makes none.
   * Schemas are the same when their JSON is, but for the order of keys.
   */
  put(
    eventType: ChangedEventType,
    settings: EventTypeSettings,
    limits: CatalogueLimits,
  ): Promise<{ eventType: EventType; created: boolean } | 'limit_reached'>;
  get(key: EventTypeKey): Promise<EventType | null>;
  /** By type. */
  list(orgId: OrgId, filter: EventTypeFilter, page: PageRequest): Promise<Page<EventTypeSummary>>;
  /** With all its versions: those of a type of the same name that is made later count from 1 again. */
  delete(eventType: ChangedEventType): Promise<boolean>;
  /** Newest first; null when there is no such type. */
  versions(key: EventTypeKey, page: PageRequest): Promise<Page<SchemaVersion> | null>;
  version(key: EventTypeKey, version: number): Promise<(SchemaVersion & { schema: JsonSchema }) | null>;
  /** By the id that subscriptions know it by; null when it was deleted. */
  schema(schema: SchemaRef): Promise<JsonSchema | null>;
}

export interface SchemaRef {
  orgId: OrgId;
  id: string;
}

export interface CatalogueLimits {
  /** Types of one org. */
  types: number;
  /** Versions of one type. */
  versions: number;
}

export const CATALOGUE_LIMITS: CatalogueLimits = { types: 1_000, versions: 100 };

/** A schema that is to be used, and payloads that should fit it. */
export interface SchemaDraft {
  schema: JsonSchema;
  examples: readonly unknown[];
}

/** Judges JSON by JSON Schemas, which come from strangers: apart from everything else, and within bounds. */
export interface SchemaJudge {
  /** Why a schema cannot be used, or which examples do not fit it; empty: all is well. Throws `schema_timeout`. */
  examine(orgId: OrgId, draft: SchemaDraft): Promise<Problem[]>;
  /** Where a payload does not fit; empty: nowhere. Never repeats the payload. Throws `schema_timeout`. */
  check(schema: SchemaRef, payload: Buffer): Promise<Problem[]>;
}

export interface CataloguePorts {
  eventTypes: EventTypeStore;
  schemas: SchemaJudge;
}

/** Puts a type into the catalogue, if its schema can be used and its examples fit. */
export async function putEventType(
  { eventTypes, schemas }: CataloguePorts,
  eventType: ChangedEventType,
  settings: EventTypeSettings,
): Promise<{ eventType: EventType; created: boolean }> {
  const { schema, examples } = settings;
  if (schema !== null) {
    const problems = await schemas.examine(eventType.orgId, { schema, examples });
    if (problems.length > 0) throw new DomainError('schema_invalid', undefined, { problems });
  }
  const put = await eventTypes.put(eventType, settings, CATALOGUE_LIMITS);
  if (put === 'limit_reached') throw new DomainError('event_type_limit_reached');
  return put;
}

/** The version that a schema gets: that of the newest one if it is the same, else the next. */
export function versionFor(
  schema: JsonSchema,
  newest: { version: number; schema: JsonSchema } | null,
): { version: number; isNew: boolean } {
  if (newest === null) return { version: 1, isNew: true };
  const isNew = changedFields({ schema: newest.schema }, { schema }).length > 0;
  return { version: isNew ? newest.version + 1 : newest.version, isNew };
}

/** The entry of a type that is new (`before` null) or said otherwise; null where nothing is different. */
export function eventTypePut(
  eventType: ChangedEventType,
  before: EventTypeSettings | null,
  after: EventTypeSettings,
): AuditEntry | null {
  if (before === null) return eventTypeEntry(eventType, 'event_type.created');
  const fields = changedFields(settingsOf(before), settingsOf(after));
  return fields.length === 0 ? null : { ...eventTypeEntry(eventType, 'event_type.updated'), fields };
}

export function eventTypeDeleted(eventType: ChangedEventType): AuditEntry {
  return eventTypeEntry(eventType, 'event_type.deleted');
}

function eventTypeEntry({ orgId, type, by }: ChangedEventType, action: AuditEntry['action']): AuditEntry {
  return { orgId, by, action, target: type };
}

function settingsOf({ description, group, deprecated, examples, schema }: EventTypeSettings): EventTypeSettings {
  return { description, group, deprecated, examples, schema };
}
