import type { OrgId } from '@hooklane/domain';
import { index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/** What was counted, by minute and by hour. Statistics: written every few seconds by workers, read instead of history. */

export const stats = pgTable(
  'stats',
  {
    /** A webhook or an org: their ids never meet. */
    scopeId: uuid('scope_id').notNull(),
    span: text('span').$type<'minute' | 'hour'>().notNull(),
    start: at('start').notNull(),
    orgId: uuid('org_id').$type<OrgId>().notNull(),
    accepted: integer('accepted').notNull(),
    rejected: integer('rejected').notNull(),
    timedOut: integer('timed_out').notNull(),
    unreachable: integer('unreachable').notNull(),
    blocked: integer('blocked').notNull(),
    delivered: integer('delivered').notNull(),
    diverted: integer('diverted').notNull(),
    discarded: integer('discarded').notNull(),
    latency: integer('latency').array().notNull(),
  },
  (t) => [primaryKey({ columns: [t.scopeId, t.span, t.start] }), index('stats_age').on(t.span, t.start)],
);
