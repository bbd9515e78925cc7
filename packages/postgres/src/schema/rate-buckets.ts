import { doublePrecision, pgTable, text } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/** How full the buckets of rate limits are. Unlogged, which is written by hand into the migration. */
export const rateBuckets = pgTable('rate_buckets', {
  /** Whose it is and what it counts: `<id>/events`. */
  bucket: text('bucket').primaryKey(),
  /** Negative: a debt. */
  tokens: doublePrecision('tokens').notNull(),
  at: at('at').notNull(),
});
