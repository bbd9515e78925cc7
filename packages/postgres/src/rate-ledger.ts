import type { RateLedger } from '@hooklane/engine';
import type { Pool } from 'pg';
import { named } from './database.ts';

/**
 * Levels of rate limits, in an unlogged table: it costs no fsync, and a crash of Postgres empties it, which fills all
 * buckets. One statement books what a process let pass, however many buckets.
 */
export function createRateLedger(pool: Pool): RateLedger {
  return {
    async settle(usages) {
      const sorted = usages.toSorted((a, b) => (a.bucket < b.bucket ? -1 : 1));
      const { rows } = await pool.query<{ bucket: string; tokens: number }>(
        settleStatement([
          sorted.map((usage) => usage.bucket),
          sorted.map((usage) => usage.used),
          sorted.map((usage) => usage.overMs / 1000),
          sorted.map((usage) => usage.limit.perSecond),
          sorted.map((usage) => usage.limit.burst),
        ]),
      );
      return new Map(rows.map((row) => [row.bucket, row.tokens]));
    },
  };
}

/**
 * A process tells what it used together with how long that took: what came in before is saved up to the burst, what came
 * in since pays for the use. So a process that could not tell for a while is not taken for one that spent all at once.
 * Rows are locked in the order of their names, which is why the caller sorts.
 */
const settleStatement = named(
  'settle_rate_buckets',
  `WITH usage AS MATERIALIZED (
     SELECT * FROM unnest($1::text[], $2::float8[], $3::float8[], $4::float8[], $5::float8[])
       AS u(bucket, used, over_s, per_second, burst)
   )
   INSERT INTO rate_buckets AS b (bucket, tokens, at)
   SELECT bucket, least(burst, burst + per_second * over_s - used), now() FROM usage
   ON CONFLICT (bucket) DO UPDATE SET
     tokens = (
       SELECT least(u.burst, least(u.burst, b.tokens + u.per_second * greatest(0, t.passed_s - u.over_s))
                             + u.per_second * least(t.passed_s, u.over_s) - u.used)
       FROM usage u, LATERAL (SELECT greatest(0, extract(epoch FROM now() - b.at))::float8 AS passed_s) t
       WHERE u.bucket = b.bucket
     ),
     at = greatest(b.at, now())
   RETURNING bucket, tokens`,
);
