import type { KeyId, OrgId } from '@hooklane/domain';
import type { OrgSettings } from '@hooklane/engine';
import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { at, bytea } from './columns.ts';

/** Tenants and the keys they call with. */

export const orgs = pgTable(
  'orgs',
  {
    id: uuid('id').$type<OrgId>().primaryKey(),
    /** Its alias for receivers that want an integer. */
    number: bigint('number', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    /** What the operator decided; what is missing is as in DEFAULT_ORG_SETTINGS. */
    settings: jsonb('settings').$type<Partial<OrgSettings>>().notNull().default({}),
    /** Raised by every change of a webhook: what was matched against an older version is matched again. */
    configVersion: bigint('config_version', { mode: 'bigint' }).notNull().default(sql`1`),
    createdAt: at('created_at').notNull().defaultNow(),
    deletedAt: at('deleted_at'),
  },
  (t) => [uniqueIndex('orgs_slug').on(t.slug).where(sql`deleted_at is null`)],
);

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').$type<KeyId>().primaryKey(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    name: text('name').notNull(),
    /** SHA-256 of the key. */
    hash: bytea('hash').notNull(),
    hint: text('hint').notNull(),
    scopes: text('scopes').array().notNull(),
    /** Null: no limit of its own. */
    requestsPerSecond: integer('requests_per_second'),
    eventsPerSecond: integer('events_per_second'),
    expiresAt: at('expires_at'),
    lastUsedAt: at('last_used_at'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [uniqueIndex('api_keys_hash').on(t.hash), index('api_keys_org').on(t.orgId, t.id)],
);
