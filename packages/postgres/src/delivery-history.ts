import type { DeliveryId, DeliveryState, EventId, OrgId, Origin, WebhookId } from '@hooklane/domain';
import { firstUuidAt } from '@hooklane/domain';
import type { DeliveryDetail, DeliveryFilter, DeliveryView, Page, PageRequest } from '@hooklane/engine';
import type { QueryConfig } from 'pg';
import { z } from 'zod';
import { readCursor, toPage, writeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import type { WebhookKey } from './webhook-rows.ts';

/**
 * Rows that one page of a filtered list looks at, at most. There is no index for every filter, since each would cost every
 * delivery something: a filter that fits little gives short pages instead of slow ones.
 */
export const LOOKED_AT = 1_000;

const FIRST = '00000000-0000-0000-0000-000000000000';
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export interface DeliveryRow {
  id: DeliveryId;
  event_id: EventId;
  event_type: string | null;
  webhook_id: WebhookId;
  origin: Origin;
  state: DeliveryState;
  reason: string | null;
  attempts: number;
  created_at: Date;
  finished_at: Date | null;
}

export const DELIVERY_COLUMNS =
  'v.id, v.event_id, v.webhook_id, v.origin, v.state, v.reason, v.attempts, v.created_at, v.finished_at';

export function toDelivery(row: DeliveryRow): DeliveryView {
  return {
    id: row.id,
    eventId: row.event_id,
    eventType: row.event_type,
    webhookId: row.webhook_id,
    origin: row.origin,
    state: row.state,
    reason: row.reason,
    attempts: row.attempts,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

/** Of the event behind `v.event_id`, as `e.type`; LIMIT keeps the planner on the index of its one partition. */
const EVENT_TYPE = `LEFT JOIN LATERAL (
    SELECT type FROM events WHERE id = v.event_id UNION ALL SELECT type FROM events_kept WHERE id = v.event_id LIMIT 1
  ) e ON true`;

const idKey = z.tuple([z.guid()]);

interface Range {
  /** Included. */
  from: string;
  /** Not included. */
  before: string;
}

export async function listDeliveries(
  { pool }: Database,
  { webhook, filter }: { webhook: WebhookKey; filter: DeliveryFilter },
  { limit, cursor }: PageRequest,
): Promise<Page<DeliveryView>> {
  const after = readCursor(idKey, cursor);
  const range = rangeOf(filter, after?.[0] ?? LAST);
  const { rows } = await pool.query<DeliveryRow>(deliveriesQuery({ webhook, filter, range }, limit + 1));
  const page = toPage(rows, limit, { keyOf: (row) => [row.id], view: toDelivery });
  if (page.nextCursor !== null || !isFiltered(filter)) return page;
  const { rows: ends } = await pool.query<{ id: string }>(
    `SELECT id FROM deliveries WHERE webhook_id = $1 AND org_id = $2 AND id >= $3 AND id < $4
     ORDER BY id DESC OFFSET $5 LIMIT 1`,
    [webhook.id, webhook.orgId, range.from, range.before, LOOKED_AT - 1],
  );
  return { ...page, nextCursor: cursorAt(ends[0]?.id) };
}

/** What is pending is looked up where that is all there is: it may be a handful among millions. */
export function deliveriesQuery(
  { webhook, filter, range }: { webhook: WebhookKey; filter: DeliveryFilter; range: Range },
  limit: number,
): QueryConfig {
  const isPending = filter.state === 'pending';
  const source = isPending
    ? `SELECT v.* FROM (
         SELECT delivery_id FROM delivery_due WHERE webhook_id = $1 AND org_id = $2 AND delivery_id >= $3 AND delivery_id < $4
         ORDER BY delivery_id DESC
       ) d CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE id = d.delivery_id LIMIT 1) v`
    : `SELECT * FROM deliveries WHERE webhook_id = $1 AND org_id = $2 AND id >= $3 AND id < $4
       ORDER BY id DESC LIMIT ${LOOKED_AT}`;
  return {
    name: isPending ? 'pending_of_webhook' : 'deliveries_of_webhook',
    text: `SELECT ${DELIVERY_COLUMNS}, e.type AS event_type FROM (${source}) v ${EVENT_TYPE}
      WHERE ($5::text IS NULL OR v.state = $5) AND ($6::text[] IS NULL OR e.type = ANY($6))
      ORDER BY v.id DESC LIMIT $7`,
    values: [
      webhook.id,
      webhook.orgId,
      range.from,
      range.before,
      filter.state ?? null,
      filter.eventTypes ?? null,
      limit,
    ],
  };
}

const eventKey = z.tuple([z.guid(), z.guid()]);

/**
 * By way of the events: an index by org on deliveries would cost every delivery. OFFSET keeps the planner on the index of
 * each event's deliveries; as a plain join it may become a scan of all history.
 */
export async function listDeliveriesOfOrg(
  { pool }: Database,
  { orgId, filter }: { orgId: OrgId; filter: DeliveryFilter },
  { limit, cursor }: PageRequest,
): Promise<Page<DeliveryView>> {
  const after = readCursor(eventKey, cursor) ?? [LAST, LAST];
  const { rows } = await pool.query<DeliveryRow>(orgDeliveriesQuery({ orgId, filter, after }, limit + 1));
  const page = toPage(rows, limit, { keyOf: (row) => [row.event_id, row.id], view: toDelivery });
  if (page.nextCursor !== null) return page;
  const { rows: ends } = await pool.query<{ event_id: string; id: string }>(ENDS_OF_ORG, [
    orgId,
    ...boundsOf(filter),
    ...after,
  ]);
  const [end] = ends;
  return { ...page, nextCursor: end === undefined ? null : writeCursor([end.event_id, end.id]) };
}

export function orgDeliveriesQuery(
  { orgId, filter, after }: { orgId: OrgId; filter: DeliveryFilter; after: readonly [string, string] },
  limit: number,
): QueryConfig {
  return {
    name: 'deliveries_of_org',
    text: `SELECT ${DELIVERY_COLUMNS}, v.event_type FROM (${DELIVERIES_OF_ORG}) v
      WHERE ($6::text IS NULL OR v.state = $6) AND ($7::text[] IS NULL OR v.event_type = ANY($7))
      ORDER BY v.place DESC, v.id DESC LIMIT $8`,
    values: [orgId, ...boundsOf(filter), ...after, filter.state ?? null, filter.eventTypes ?? null, limit],
  };
}

const EVENTS_OF_ORG = `
  SELECT id, type FROM events WHERE org_id = $1 AND id >= $2 AND id < $3 AND id <= $4 ORDER BY id DESC LIMIT ${LOOKED_AT}`;

/**
 * An event may have no delivery, or ten thousand: both are bounded, what is looked for and what is found. `place` is the
 * event's id by another name, by which the planner knows that the rows are in order already.
 */
const DELIVERIES_OF_ORG = `
  SELECT v.*, e.type AS event_type, e.id AS place FROM (${EVENTS_OF_ORG}) e
  JOIN LATERAL (SELECT * FROM deliveries WHERE event_id = e.id AND org_id = $1 OFFSET 0) v ON true
  WHERE (e.id, v.id) < ($4::uuid, $5::uuid)
  ORDER BY e.id DESC, v.id DESC LIMIT ${LOOKED_AT}`;

/** Where a page has looked at as much as it may; nothing where it came to the end before. */
const ENDS_OF_ORG = `
  SELECT event_id, id FROM (
    (SELECT 1 AS rank, event_id, id FROM (${DELIVERIES_OF_ORG}) v
     ORDER BY place DESC, id DESC OFFSET ${LOOKED_AT - 1})
    UNION ALL
    (SELECT 2, id, '${FIRST}'::uuid FROM (${EVENTS_OF_ORG}) e ORDER BY id DESC OFFSET ${LOOKED_AT - 1})
  ) ends ORDER BY rank LIMIT 1`;

/** Of one event, oldest first. */
export async function readDeliveriesOf(
  { pool }: Database,
  event: { orgId: OrgId; id: EventId },
  { limit, cursor }: PageRequest,
): Promise<Page<DeliveryView>> {
  const after = readCursor(idKey, cursor);
  const { rows } = await pool.query<DeliveryRow>(
    `SELECT ${DELIVERY_COLUMNS}, e.type AS event_type FROM deliveries v ${EVENT_TYPE}
     WHERE v.event_id = $1 AND v.org_id = $2 AND v.id > $3 ORDER BY v.id LIMIT $4`,
    [event.id, event.orgId, after?.[0] ?? FIRST, limit + 1],
  );
  return toPage(rows, limit, { keyOf: (row) => [row.id], view: toDelivery });
}

export async function readDelivery({ pool }: Database, orgId: OrgId, id: DeliveryId): Promise<DeliveryDetail | null> {
  const { rows } = await pool.query<DetailRow>(
    `SELECT ${DELIVERY_COLUMNS}, v.sent_as, e.type AS event_type, d.attempt AS next_number, d.due_at,
            d.claimed_until >= now() AS in_flight
     FROM deliveries v ${EVENT_TYPE} LEFT JOIN delivery_due d ON d.delivery_id = v.id
     WHERE v.id = $1 AND v.org_id = $2`,
    [id, orgId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { next_number: number, due_at: dueAt, in_flight: inFlight } = row;
  return {
    ...toDelivery(row),
    sentAs: row.sent_as ?? row.event_id,
    next: number === null || dueAt === null ? null : { number, dueAt, inFlight: inFlight ?? false },
  };
}

interface DetailRow extends DeliveryRow {
  sent_as: EventId | null;
  /** Null together where nothing is due. */
  next_number: number | null;
  due_at: Date | null;
  in_flight: boolean | null;
}

function isFiltered({ state, eventTypes }: DeliveryFilter): boolean {
  // What is pending is looked through to its end.
  return state !== 'pending' && (state !== undefined || eventTypes !== undefined);
}

function rangeOf(filter: DeliveryFilter, cursor: string): Range {
  const [from, before] = boundsOf(filter);
  return { from, before: before < cursor ? before : cursor };
}

/** By the time in the ids. */
function boundsOf({ since, until }: DeliveryFilter): [from: string, before: string] {
  return [
    since === undefined ? FIRST : firstUuidAt(since.getTime()),
    until === undefined ? LAST : firstUuidAt(until.getTime()),
  ];
}

function cursorAt(id: string | undefined): string | null {
  return id === undefined ? null : writeCursor([id]);
}
