import type { AttemptId, DeliveryId, EventId, OrgId, WebhookId } from '@hooklane/domain';
import { firstUuidAt, timeOfUuid } from '@hooklane/domain';
import type {
  AttemptFilter,
  AttemptView,
  DeliveryView,
  EventView,
  HistoryStore,
  Page,
  PageRequest,
} from '@hooklane/engine';
import { LOGGED_ATTEMPTS } from '@hooklane/engine';
import { and, desc, eq, gte, lt, ne } from 'drizzle-orm';
import { z } from 'zod';
import { readCursor, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { named } from './database.ts';
import { listDeliveries, listDeliveriesOfOrg, readDeliveriesOf, readDelivery } from './delivery-history.ts';
import { attempts } from './schema/index.ts';

type OfWebhook = Parameters<HistoryStore['attempts']>[0];

/** With their event; further ones have a list of their own. */
const DELIVERIES_SHOWN = 100;
const idKey = z.tuple([z.guid()]);

/** Ids of attempts are made on workers, those of deliveries on API servers: their clocks may be this far apart. */
const CLOCK_SKEW_MS = 10 * 60_000;

export function createHistoryStore(database: Database): HistoryStore {
  return {
    attempts: (webhook, filter, page) => listAttempts(database, { webhook, filter }, page),
    attempt: (webhook, id) => readAttempt(database, webhook, id),
    attemptOf: (delivery, number) => readAttemptOf(database, delivery, number),
    deliveries: (webhook, filter, page) => listDeliveries(database, { webhook, filter }, page),
    deliveriesOfOrg: (orgId, filter, page) => listDeliveriesOfOrg(database, { orgId, filter }, page),
    delivery: (orgId, id) => readDelivery(database, orgId, id),
    event: (orgId, id) => readEvent(database, orgId, id),
    deliveriesOf: (event, page) => listDeliveriesOf(database, event, page),
  };
}

/** The filter is applied to the newest 100, not to all: older rows may or may not be pruned yet. */
async function listAttempts(
  { orm }: Database,
  { webhook, filter }: { webhook: OfWebhook; filter: AttemptFilter },
  { limit, cursor }: PageRequest,
): Promise<Page<AttemptView>> {
  const after = readCursor(idKey, cursor);
  const newest = newestAttempts(orm, webhook);
  const rows = await orm
    .select()
    .from(newest)
    .where(and(...conditionsOf(newest, filter), after === null ? undefined : lt(newest.id, after[0] as AttemptId)))
    .orderBy(desc(newest.id))
    .limit(limit + 1);
  return toPage(rows, limit, { keyOf: (row) => [row.id], view: toAttempt });
}

function conditionsOf(newest: ReturnType<typeof newestAttempts>, filter: AttemptFilter) {
  const { status, eventId, deliveryId, since, until } = filter;
  const compare = status === 'success' ? eq : ne;
  return [
    status && compare(newest.outcome, 'accepted'),
    eventId && eq(newest.eventId, eventId),
    deliveryId && eq(newest.deliveryId, deliveryId),
    since && gte(newest.startedAt, since),
    until && lt(newest.startedAt, until),
  ].filter((condition) => condition !== undefined);
}

async function readAttempt({ orm }: Database, webhook: OfWebhook, id: AttemptId): Promise<AttemptView | null> {
  const newest = newestAttempts(orm, webhook);
  const [row] = await orm.select().from(newest).where(eq(newest.id, id));
  return row === undefined ? null : toAttempt(row);
}

/** Exactly what the log shows of a webhook, however far behind the reaper is. */
function newestAttempts(orm: Database['orm'], { orgId, id }: OfWebhook) {
  return orm
    .select()
    .from(attempts)
    .where(and(eq(attempts.webhookId, id), eq(attempts.orgId, orgId)))
    .orderBy(desc(attempts.id))
    .limit(LOGGED_ATTEMPTS)
    .as('newest');
}

/** There is no index by delivery: of the webhook's attempts, those since the delivery was made are looked through. */
async function readAttemptOf(
  { orm }: Database,
  { orgId, webhookId, deliveryId }: { orgId: OrgId; webhookId: WebhookId; deliveryId: DeliveryId },
  number: number,
): Promise<AttemptView | null> {
  const oldest = firstUuidAt(Math.max(0, timeOfUuid(deliveryId) - CLOCK_SKEW_MS)) as AttemptId;
  const [row] = await orm
    .select()
    .from(attempts)
    .where(
      and(
        eq(attempts.webhookId, webhookId),
        gte(attempts.id, oldest),
        eq(attempts.orgId, orgId),
        eq(attempts.deliveryId, deliveryId),
        eq(attempts.number, number),
      ),
    )
    .orderBy(desc(attempts.id))
    .limit(1);
  return row === undefined ? null : toAttempt(row);
}

const outcomes = z.enum(['accepted', 'rejected', 'timed-out', 'unreachable', 'blocked']);
const waitReasons = z.enum(['rate_limit', 'max_in_flight', 'host']);
const nextSteps = z.enum(['delivered', 'retry', 'divert', 'discard']);

function toAttempt({ orgId: _, ...row }: typeof attempts.$inferSelect): AttemptView {
  return {
    ...row,
    outcome: outcomes.parse(row.outcome),
    nextStep: nextSteps.parse(row.nextStep),
    waitedFor: waitReasons.nullable().parse(row.waitedFor),
  };
}

interface EventRow {
  external_id: string | null;
  request_id: string;
  type: string;
  schema_version: number | null;
  attributes: Record<string, string> | null;
  payload: Buffer;
  occurred_at: Date;
  created_at: Date;
}

const EVENT_COLUMNS = 'external_id, request_id, type, schema_version, attributes, payload, occurred_at, created_at';

/** One snapshot of both tables: an event that is being moved from one to the other is in exactly one of them. */
const eventStatement = named(
  'read_event',
  `SELECT ${EVENT_COLUMNS} FROM events WHERE id = $1 AND org_id = $2
   UNION ALL
   SELECT ${EVENT_COLUMNS} FROM events_kept WHERE id = $1 AND org_id = $2`,
);

async function readEvent(database: Database, orgId: OrgId, id: EventId): Promise<EventView | null> {
  const { rows } = await database.pool.query<EventRow>(eventStatement([id, orgId]));
  const [row] = rows;
  if (row === undefined) return null;
  return {
    id,
    externalId: row.external_id,
    requestId: row.request_id,
    type: row.type,
    schemaVersion: row.schema_version,
    attributes: row.attributes ?? {},
    payload: row.payload,
    occurredAt: row.occurred_at,
    createdAt: row.created_at,
    deliveries: await readDeliveriesOf(database, { orgId, id }, { limit: DELIVERIES_SHOWN, cursor: null }),
  };
}

const eventExistsStatement = named(
  'event_exists',
  `SELECT FROM events WHERE id = $1 AND org_id = $2 UNION ALL SELECT FROM events_kept WHERE id = $1 AND org_id = $2`,
);

async function listDeliveriesOf(
  database: Database,
  event: { orgId: OrgId; id: EventId },
  page: PageRequest,
): Promise<Page<DeliveryView> | null> {
  const deliveriesOf = await readDeliveriesOf(database, event, page);
  if (deliveriesOf.data.length > 0) return deliveriesOf;
  const { rowCount } = await database.pool.query(eventExistsStatement([event.id, event.orgId]));
  return rowCount === 0 ? null : deliveriesOf;
}
