import type { EventId, OrgId } from '@hooklane/domain';
import { DomainError, firstUuidAt } from '@hooklane/domain';
import type { EventFilter, EventPage, EventStream, StoredEvent } from '@hooklane/engine';
import { EVENT_PAGE_BYTES } from '@hooklane/engine';
import type { Pool, QueryConfig } from 'pg';
import { z } from 'zod';
import { readCursor, writeCursor } from './cursor.ts';
import { named } from './database.ts';

/** Rows one page looks through at most: a type that is rare must not make a request read the whole table. */
export const SCANNED_ROWS = 10_000;

/**
 * `created_at` is when a transaction began, its number came later: by no more than a statement may last (10 s), and
 * some. Only what looks for the beginning or end of a range of time relies on it; who follows a cursor does not.
 */
const LONGEST_ACCEPT_MS = 20_000;

/**
 * Events ordered by (committed_in, id). Numbers of transactions are given out before they commit, like ids: a reader
 * stops below the oldest transaction that is still open, so that nothing can appear before where it has been.
 */
export function createEventStream(pool: Pool): EventStream {
  return {
    async read(orgId, filter, page) {
      const cursor = readCursor(cursorKey, page.cursor);
      const { horizon, first, end } = await readRange(pool, filter, cursor === null);
      // Ours is never ahead of the horizon. One that is comes from another cluster, of which this one is a copy.
      if (cursor !== null && BigInt(cursor[0]) > BigInt(horizon)) throw new DomainError('invalid_cursor');
      const after = cursor ?? [first, FIRST_ID];
      const { rows } = await pool.query<StreamRow>(pageStatement(orgId, filter, { after, end, limit: page.limit }));
      return toEventPage(rows, page.limit, horizon);
    },
  };
}

const XID8_END = 2n ** 64n;
const cursorKey = z.tuple([z.string().refine(isTransaction), z.guid()]);

function isTransaction(text: string): boolean {
  return /^\d{1,20}$/.test(text) && BigInt(text) < XID8_END;
}

const FIRST_ID = firstUuidAt(0);

/** Numbers of transactions. */
interface Range {
  /** The oldest one that is still open: what came before it is decided for good. */
  horizon: string;
  /** No event accepted since the beginning of the range has a smaller one. */
  first: string;
  /** No event accepted before the end of the range has this or a larger one. */
  end: string;
}

/**
 * The ids have a time, by the clocks of API servers: they lead near an event that has, by the clock of the database, a
 * time well before the range, and to one well after it. A horizon that is older than the snapshot of the page errs on
 * the safe side.
 */
const rangeStatement = named(
  'event_range',
  `SELECT horizon, coalesce(first, '0'::xid8) AS first, least(horizon, coalesce("end", horizon)) AS "end"
   FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon,
     (SELECT committed_in FROM events WHERE id < $1 AND created_at < $2 ORDER BY id DESC LIMIT 1) AS first,
     (SELECT committed_in FROM events WHERE id >= $3 AND created_at >= $4 ORDER BY id LIMIT 1) AS "end") r`,
);

const horizonStatement = named(
  'event_horizon',
  `SELECT h AS horizon, '0'::xid8 AS first, h AS "end" FROM pg_snapshot_xmin(pg_current_snapshot()) h`,
);

async function readRange(pool: Pool, { since, until }: EventFilter, isFirst: boolean): Promise<Range> {
  const isBounded = (since !== undefined && isFirst) || until !== undefined;
  const beforeMs = since === undefined || !isFirst ? null : Math.max(0, since.getTime() - LONGEST_ACCEPT_MS);
  const afterMs = until === undefined ? null : until.getTime() + LONGEST_ACCEPT_MS;
  const statement = isBounded
    ? rangeStatement([uuidAt(beforeMs), dateAt(beforeMs), uuidAt(afterMs), dateAt(afterMs)])
    : horizonStatement([]);
  const { rows } = await pool.query<Range>(statement);
  const [range] = rows;
  if (range === undefined) throw new TypeError('a select of constants returned no row');
  return range;
}

function uuidAt(ms: number | null): string | null {
  return ms === null ? null : firstUuidAt(ms);
}

function dateAt(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

interface StreamRow {
  committed_in: string;
  id: EventId;
  external_id: string | null;
  request_id: string;
  type: string;
  schema_version: number | null;
  attributes: Record<string, string> | null;
  occurred_at: Date;
  created_at: Date;
  /** Counted from 1. */
  scanned: number;
  /** False for one row only: the last that was looked through. */
  is_wanted: boolean;
  /** Null where the page would grow too large with it. */
  payload: Buffer | null;
}

/**
 * From the inside out: in the order of the index and no more than may be looked through; what fits, and the row where
 * the looking ended; one more than the page takes; payloads until they are enough. Nothing sorts, and everything but
 * the last step stops as soon as the page is full.
 */
function pageQuery(place: string): string {
  return `SELECT committed_in, id, external_id, request_id, type, schema_version, attributes, occurred_at, created_at, scanned, is_wanted,
            CASE WHEN is_wanted AND bytes_before < ${EVENT_PAGE_BYTES} THEN payload END AS payload
   FROM (
     SELECT *, coalesce(sum(octet_length(payload)) FILTER (WHERE is_wanted) OVER (
              ORDER BY committed_in, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
     FROM (
       SELECT * FROM (
         SELECT *, (row_number() OVER (ORDER BY committed_in, id))::int AS scanned,
                ($6::text[] IS NULL OR type = ANY($6) OR type ^@ ANY($7::text[]))
                AND ($8::timestamptz IS NULL OR created_at >= $8)
                AND ($9::timestamptz IS NULL OR created_at < $9) AS is_wanted
         FROM (
           SELECT * FROM events
           WHERE org_id = $1 ${place}
             AND (committed_in, id) > ($2::xid8, $3::uuid) AND committed_in < $4::xid8
           ORDER BY committed_in, id LIMIT ${SCANNED_ROWS}
         ) looked_through
       ) judged
       WHERE is_wanted OR scanned = ${SCANNED_ROWS}
       ORDER BY committed_in, id LIMIT $5
     ) page
   ) weighed
   ORDER BY committed_in, id`;
}

const BY_TIME = pageQuery('');
const BY_REQUEST = pageQuery('AND request_id = $10');
const BY_EXTERNAL_ID = pageQuery('AND external_id = $10');
const BY_BOTH = pageQuery('AND external_id = $10 AND request_id = $11');

/**
 * Events of a range in one page. Not named, so planned each time: the plan for any place in the stream would rather
 * sort all that is left of it than follow the index. Exported for the test that looks at the plan.
 */
export function pageStatement(
  orgId: OrgId,
  { since, until, types, requestId, externalId }: EventFilter,
  { after, end, limit }: { after: readonly [transaction: string, id: string]; end: string; limit: number },
): QueryConfig {
  const { exact, prefixes } = splitTypes(types);
  const values: unknown[] = [orgId, ...after, end, limit + 1, exact, prefixes, since ?? null, until ?? null];
  if (externalId !== undefined && requestId !== undefined) {
    return { text: BY_BOTH, values: [...values, externalId, requestId] };
  }
  if (externalId !== undefined) return { text: BY_EXTERNAL_ID, values: [...values, externalId] };
  return requestId === undefined ? { text: BY_TIME, values } : { text: BY_REQUEST, values: [...values, requestId] };
}

function splitTypes(types: readonly string[] | undefined): { exact: string[] | null; prefixes: string[] } {
  if (types === undefined || types.includes('*')) return { exact: null, prefixes: [] };
  const isPattern = (type: string) => type.endsWith('.*');
  return {
    exact: types.filter((type) => !isPattern(type)),
    prefixes: types.filter(isPattern).map((pattern) => pattern.slice(0, -1)),
  };
}

function toEventPage(rows: readonly StreamRow[], limit: number, horizon: string): EventPage {
  const data: StoredEvent[] = [];
  let goOnAfter: StreamRow | null = null;
  for (const row of rows) {
    if (row.is_wanted && (data.length === limit || row.payload === null)) break;
    goOnAfter = row;
    if (row.payload !== null) data.push(toEvent(row, row.payload));
  }
  const isAll = goOnAfter === null || (goOnAfter === rows.at(-1) && goOnAfter.scanned < SCANNED_ROWS);
  const next = isAll || goOnAfter === null ? null : writeCursor([goOnAfter.committed_in, goOnAfter.id]);
  return { data, nextCursor: next, resumeCursor: next ?? writeCursor([horizon, FIRST_ID]) };
}

function toEvent(row: StreamRow, payload: Buffer): StoredEvent {
  return {
    id: row.id,
    externalId: row.external_id,
    requestId: row.request_id,
    type: row.type,
    schemaVersion: row.schema_version,
    attributes: row.attributes ?? {},
    payload,
    occurredAt: row.occurred_at,
    createdAt: row.created_at,
  };
}
