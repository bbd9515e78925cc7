import type { DivertedFilter } from '@hooklane/engine';
import type { Step, StepContext } from './advance-operation.ts';
import type { DueRow } from './diverted-rows.ts';
import { filterValues, IS_ACTIVE, MAKE_BATCH_DUE, MATCHES_FILTER, toRef } from './diverted-rows.ts';

/** The bound is compared within Postgres: a `Date` would cut its microseconds off. */
const MOVABLE = `diverted_events d JOIN webhooks w ON w.id = d.webhook_id AND ${IS_ACTIVE}
  WHERE ${MATCHES_FILTER} AND d.diverted_at <= (SELECT created_at FROM operations WHERE id = $7)`;

/** Sends the oldest diverted events again. Nobody waits: what is locked is skipped, and comes again. */
export async function resendStep(
  { client, operation, rows: limit }: StepContext,
  filter: DivertedFilter,
): Promise<Step> {
  const values = [...filterValues(filter), operation.id];
  const { rows } = await client.query<DueRow>(
    `WITH batch AS (
       SELECT d.webhook_id, d.event_id FROM ${MOVABLE}
       ORDER BY d.diverted_at, d.event_id LIMIT $8 FOR UPDATE OF d SKIP LOCKED
     )${MAKE_BATCH_DUE}`,
    [...values, limit],
  );
  const moved = rows.length;
  const left = moved === limit ? 'more' : (await isMoreLeft()) ? 'blocked' : 'nothing';
  return { refs: rows.map(toRef), examined: moved, moved, left };

  /** Rows that another transaction held a moment ago were skipped, not moved. */
  async function isMoreLeft(): Promise<boolean> {
    const { rowCount } = await client.query(`SELECT FROM ${MOVABLE} LIMIT 1`, values);
    return rowCount === 1;
  }
}
