import type { EventId } from '@hooklane/domain';
import { firstUuidAt, matches, matchesType } from '@hooklane/domain';
import type { ReplayRange } from '@hooklane/engine';
import type { Step, StepContext } from './advance-operation.ts';
import type { DueRow } from './diverted-rows.ts';
import { toRef } from './diverted-rows.ts';
import { lockReplays } from './org-locks.ts';

/** Events read in one step: most may not be for the webhook, and finding that out shall not take a step each. */
const SCANNED = 2_000;

/**
 * Sends the next events of the range, the oldest first. An event has one delivery to a webhook at most: where there was one
 * it is made again, where there was none it is made, and where it is pending nothing needs to be done.
 */
export async function replayStep(context: StepContext, range: ReplayRange): Promise<Step> {
  const events = await readEvents(context, range);
  const { wanted, examined, position } = choose(events, { context, range });
  const refs = wanted.length === 0 ? [] : await makeDue(context, wanted, range);
  const isEnd = examined === events.length && events.length < SCANNED;
  return { refs, examined, moved: refs.length, position, left: isEnd ? 'nothing' : 'more' };
}

interface StoredEvent {
  id: EventId;
  type: string;
  attributes: Record<string, string> | null;
}

/** Of transactions that had not committed when the operation began some may be seen: their events have deliveries anyway. */
async function readEvents({ client, operation }: StepContext, { since, until }: ReplayRange): Promise<StoredEvent[]> {
  const { rows } = await client.query<StoredEvent>(
    `SELECT id, type, attributes FROM events
     WHERE org_id = $1 AND id > $2 AND id < $3 AND created_at <= (SELECT created_at FROM operations WHERE id = $4)
     ORDER BY id LIMIT $5`,
    [
      operation.orgId,
      // No UUIDv7 is the first UUID of its moment: nothing is left out.
      operation.position ?? firstUuidAt(since.getTime()),
      firstUuidAt(until.getTime()),
      operation.id,
      SCANNED,
    ],
  );
  return rows;
}

/** Those that the webhook is subscribed to, up to the limit of the step; what comes after the last one is left unread. */
function choose(
  events: readonly StoredEvent[],
  { context, range }: { context: StepContext; range: ReplayRange },
): { wanted: EventId[]; examined: number; position: EventId | null } {
  const wanted: EventId[] = [];
  let examined = 0;
  for (const event of events) {
    if (wanted.length === context.rows) break;
    examined++;
    if (isWanted(event, context, range)) wanted.push(event.id);
  }
  return { wanted, examined, position: events[examined - 1]?.id ?? null };
}

function isWanted(
  { type, attributes }: StoredEvent,
  { subscription }: StepContext,
  { eventTypes }: ReplayRange,
): boolean {
  const isOfType = eventTypes === undefined || eventTypes.some((pattern) => matchesType(pattern, type));
  return isOfType && subscription !== null && matches(subscription, { type, attributes: attributes ?? {} });
}

/** Ended deliveries that are made again. What is diverted is in neither list: who takes its row has it. */
const ENDED = ['delivered', 'discarded'];
const ENDED_WITHOUT_SUCCESS = ['discarded'];

async function makeDue(
  { client, ids, operation }: StepContext,
  events: readonly EventId[],
  { newIds, onlyMissing }: ReplayRange,
) {
  const { webhookId, orgId } = operation;
  if (webhookId === null) throw new TypeError('a replay is on one webhook');
  await lockReplays(client, webhookId);
  const { rows } = await client.query<DueRow>(MAKE_DUE, [
    events,
    events.map(() => ids.next('dlv')),
    events.map(() => (newIds ? ids.next('evt') : null)),
    webhookId,
    orgId,
    onlyMissing ? ENDED_WITHOUT_SUCCESS : ENDED,
  ]);
  return rows.map(toRef);
}

/**
 * One statement. `known`: the deliveries of these events to this webhook, and those that say that an event was made for one
 * webhook alone (a ping). Rows are locked in an order, diverted ones before deliveries, as by all who move them; whose row
 * was taken by another meanwhile falls out.
 */
const MAKE_DUE = `
  WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS w(event_id, delivery_id, sent_as)
  ), known AS MATERIALIZED (
    SELECT id, event_id, webhook_id, origin FROM deliveries
    WHERE event_id = ANY($1::uuid[]) AND (webhook_id = $4 OR origin NOT IN ('event', 'replay'))
  ), open AS MATERIALIZED (
    SELECT * FROM wanted w
    WHERE NOT EXISTS (SELECT FROM known k WHERE k.event_id = w.event_id AND k.origin NOT IN ('event', 'replay'))
  ), aside AS MATERIALIZED (
    SELECT d.event_id FROM diverted_events d JOIN open o ON o.event_id = d.event_id
    WHERE d.webhook_id = $4 ORDER BY d.event_id FOR UPDATE OF d
  ), moved AS (
    DELETE FROM diverted_events d USING aside a WHERE d.webhook_id = $4 AND d.event_id = a.event_id
    RETURNING d.delivery_id, d.event_id, d.attempts, d.sent_as AS was_sent_as
  ), ended AS MATERIALIZED (
    SELECT id AS delivery_id, event_id, attempts, NULL::uuid AS was_sent_as FROM deliveries
    WHERE id = ANY(ARRAY(SELECT k.id FROM known k JOIN open o ON o.event_id = k.event_id WHERE k.webhook_id = $4))
      AND state = ANY($6::text[])
    ORDER BY id FOR UPDATE
  ), again AS MATERIALIZED (
    SELECT a.*, o.sent_as FROM (SELECT * FROM moved UNION ALL SELECT * FROM ended) a JOIN open o ON o.event_id = a.event_id
  ), reopened AS (
    UPDATE deliveries v
    SET state = 'pending', reason = NULL, finished_at = NULL, sent_as = coalesce(a.sent_as, v.sent_as)
    FROM again a WHERE v.id = a.delivery_id
    RETURNING v.id, v.sent_as
  ), fresh AS (
    INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state, sent_as)
    SELECT o.delivery_id, o.event_id, $4, $5, 'replay', 'pending', o.sent_as FROM open o
    WHERE NOT EXISTS (SELECT FROM known k WHERE k.event_id = o.event_id)
      AND NOT EXISTS (SELECT FROM aside a WHERE a.event_id = o.event_id)
    RETURNING id, event_id, sent_as
  ), due AS (
    INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, sent_as, attempt, round_first, due_at)
    SELECT delivery_id, event_id, $4, $5, 'replay', sent_as, attempt, attempt, now()
    FROM (
      SELECT a.delivery_id, a.event_id, coalesce(r.sent_as, a.sent_as, a.was_sent_as) AS sent_as,
             a.attempts + 1 AS attempt
      FROM again a LEFT JOIN reopened r ON r.id = a.delivery_id
      UNION ALL
      SELECT id, event_id, sent_as, 1 FROM fresh
    ) n
    RETURNING delivery_id, webhook_id, attempt
  )
  SELECT delivery_id, webhook_id, attempt FROM due ORDER BY delivery_id`;
