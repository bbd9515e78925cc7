import type { OrgId } from '@hooklane/domain';
import { boolean, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/** What orgs say about the types of their events. */

export const eventTypes = pgTable(
  'event_types',
  {
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    type: text('type').notNull(),
    description: text('description'),
    groupName: text('group_name'),
    deprecated: boolean('deprecated').notNull(),
    /** A list as JSON. Text: jsonb refuses some of what JSON may hold. */
    examples: text('examples').notNull(),
    /** The schema that holds now; null: none. */
    schemaVersion: integer('schema_version'),
    createdAt: at('created_at').notNull().defaultNow(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.type] })],
);

/** Never changed: the id stands for the text, and keys the validators that are made of it. */
export const eventTypeSchemas = pgTable(
  'event_type_schemas',
  {
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    type: text('type').notNull(),
    version: integer('version').notNull(),
    id: uuid('id').notNull().defaultRandom(),
    schema: text('schema').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.type, t.version] }), uniqueIndex('event_type_schemas_id').on(t.id)],
);
