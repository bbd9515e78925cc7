import type { Accepted, AcceptVerdict, EventDraft, EventStore } from '@hooklane/engine';
import { createBatcher } from '@hooklane/runtime';
import type { Pool } from 'pg';
import { isConnectionError } from './connection-errors.ts';
import { named } from './database.ts';

export interface AcceptOptions {
  /** How long a used idempotency key is remembered, ms. */
  idempotencyMs: number;
  /** How long the relay leaves what was queued at accept alone, ms. */
  enqueuedMs: number;
}

/** Enough to fill a commit, little enough that one slow commit delays few. */
const BATCH = { maxItems: 200, maxBytes: 4 * 1024 * 1024, concurrency: 2, maxPendingBytes: 64 * 1024 * 1024 };
const ROW_BYTES = 200;

/**
 * Stores events. Requests that arrive while a transaction is under way share the next one (group commit): one
 * statement, one fsync for all of them.
 */
export function createEventStore(pool: Pool, options: AcceptOptions): EventStore {
  const batcher = createBatcher<EventDraft, AcceptVerdict>({
    ...BATCH,
    sizeOf: (draft) => draft.publication.payload.length + draft.deliveries.length * ROW_BYTES,
    run: (drafts) => acceptAll(pool, options, drafts),
    // A lost connection leaves the outcome unknown: nobody may be told 202, and nothing may be stored twice.
    isTransient: isConnectionError,
  });
  return { accept: (draft) => batcher.submit(draft), answered: (publication) => answered(pool, publication) };
}

async function acceptAll(pool: Pool, options: AcceptOptions, drafts: EventDraft[]): Promise<AcceptVerdict[]> {
  const { leaders, followers } = splitByKey(drafts);
  const { rows } = await pool.query<{ event_id: string }>(acceptStatement(parametersOf(leaders, options)));
  const stored = new Set(rows.map((row) => row.event_id));
  const rest = [...leaders.filter((draft) => !stored.has(draft.eventId)), ...followers];
  const answers = rest.length > 0 ? await answersGiven(pool, rest) : new Map<string, GivenAnswer>();
  return drafts.map((draft) => (stored.has(draft.eventId) ? { kind: 'stored' } : verdictOf(draft, answers)));
}

/** Of several requests with one key in a batch the first is stored; the others are answered with what it was told. */
function splitByKey(drafts: readonly EventDraft[]): { leaders: EventDraft[]; followers: EventDraft[] } {
  const leaders: EventDraft[] = [];
  const followers: EventDraft[] = [];
  const seen = new Set<string>();
  for (const draft of drafts) {
    const key = keyOf(draft);
    if (key !== null && seen.has(key)) followers.push(draft);
    else leaders.push(draft);
    if (key !== null) seen.add(key);
  }
  return { leaders, followers };
}

type Keyed = Pick<EventDraft, 'publication'>;

function keyOf({ publication }: Keyed): string | null {
  return publication.idempotency && `${publication.orgId}/${publication.idempotency.key}`;
}

/**
 * Everything in one statement, so in one transaction and one round trip. Idempotency keys are locked in sorted order:
 * two batches that meet the same keys would deadlock otherwise. A request that waits for another one with its key
 * sees it committed. Orgs are named once more as one array: a plan from when there were few would go through all of them.
 * Payloads travel as one binary parameter and are cut apart here: an array of bytea would be sent
 * as text, twice the size.
 */
const acceptStatement = named(
  'accept_events',
  `WITH input AS MATERIALIZED (
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[],
                          $8::timestamptz[], $9::text[], $10::bigint[], $11::text[], $12::text[], $13::int[],
                          $22::int[], $23::text[])
       AS i(event_id, org_id, external_id, type, attributes, payload_at, payload_length,
            occurred_at, request_id, config_version, key, request_hash, deliveries, schema_version, traceparent)
   ), current AS MATERIALIZED (
     SELECT i.* FROM input i JOIN orgs o ON o.id = i.org_id AND o.deleted_at IS NULL
     WHERE o.id = ANY ($2::uuid[]) AND (i.config_version IS NULL OR i.config_version = o.config_version)
   ), keyed AS (
     INSERT INTO idempotency_keys AS k (org_id, key, request_hash, event_id, deliveries, expires_at)
     SELECT org_id, key, decode(request_hash, 'hex'), event_id, deliveries, now() + $15 * interval '1 ms'
     FROM current WHERE key IS NOT NULL ORDER BY org_id, key
     ON CONFLICT (org_id, key) DO UPDATE
       SET request_hash = excluded.request_hash, event_id = excluded.event_id,
           deliveries = excluded.deliveries, expires_at = excluded.expires_at
       WHERE k.expires_at < now()
     RETURNING event_id
   ), accepted AS MATERIALIZED (
     SELECT * FROM current c WHERE c.key IS NULL OR EXISTS (SELECT FROM keyed k WHERE k.event_id = c.event_id)
   ), stored AS (
     INSERT INTO events (id, org_id, external_id, type, attributes, payload, occurred_at, request_id, schema_version,
                         traceparent)
     SELECT event_id, org_id, external_id, type, attributes::jsonb,
            substring($14::bytea FROM payload_at + 1 FOR payload_length), coalesce(occurred_at, now()), request_id,
            schema_version, traceparent
     FROM accepted
   ), owed AS MATERIALIZED (
     SELECT d.*, a.org_id
     FROM unnest($16::uuid[], $17::uuid[], $18::uuid[], $19::text[], $20::boolean[])
       AS d(delivery_id, event_id, webhook_id, origin, queued)
     JOIN accepted a USING (event_id)
   ), history AS (
     INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state)
     SELECT delivery_id, event_id, webhook_id, org_id, origin, 'pending' FROM owed
   ), due AS (
     INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, attempt, round_first, due_at, enqueued_until)
     SELECT delivery_id, event_id, webhook_id, org_id, origin, 1, 1, now(),
            CASE WHEN queued THEN now() + $21 * interval '1 ms' END
     FROM owed
   )
   SELECT event_id FROM accepted`,
);

function parametersOf(drafts: readonly EventDraft[], { idempotencyMs, enqueuedMs }: AcceptOptions): unknown[] {
  const publications = drafts.map((draft) => draft.publication);
  const offsets: number[] = [];
  let bytes = 0;
  for (const { payload } of publications) {
    offsets.push(bytes);
    bytes += payload.length;
  }
  const owed = drafts.flatMap((draft) => draft.deliveries.map((delivery) => ({ ...delivery, draft })));
  return [
    drafts.map((draft) => draft.eventId),
    publications.map((publication) => publication.orgId),
    publications.map((publication) => publication.externalId),
    publications.map((publication) => publication.type),
    publications.map(({ attributes }) => (Object.keys(attributes).length > 0 ? JSON.stringify(attributes) : null)),
    offsets,
    publications.map((publication) => publication.payload.length),
    publications.map((publication) => publication.occurredAt?.toISOString() ?? null),
    publications.map((publication) => publication.requestId),
    drafts.map((draft) => draft.configVersion?.toString() ?? null),
    publications.map((publication) => publication.idempotency?.key ?? null),
    publications.map((publication) => publication.idempotency?.requestHash.toString('hex') ?? null),
    drafts.map((draft) => draft.deliveries.length),
    Buffer.concat(
      publications.map((publication) => publication.payload),
      bytes,
    ),
    idempotencyMs,
    owed.map((delivery) => delivery.deliveryId),
    owed.map((delivery) => delivery.draft.eventId),
    owed.map((delivery) => delivery.webhookId),
    owed.map((delivery) => delivery.draft.origin),
    owed.map((delivery) => delivery.draft.queued),
    enqueuedMs,
    drafts.map((draft) => draft.schemaVersion ?? null),
    publications.map((publication) => publication.traceparent ?? null),
  ];
}

interface GivenAnswer {
  requestHash: Buffer;
  accepted: Accepted;
}

const answersStatement = named(
  'given_answers',
  `SELECT k.org_id || '/' || k.key AS key, k.request_hash, k.event_id, k.deliveries
   FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[])) AS w(org_id, key)
   CROSS JOIN LATERAL (SELECT * FROM idempotency_keys WHERE org_id = w.org_id AND key = w.key LIMIT 1) k
   WHERE k.expires_at >= now()`,
);

async function answersGiven(pool: Pool, drafts: readonly Keyed[]): Promise<Map<string, GivenAnswer>> {
  const keyed = drafts.filter((draft) => draft.publication.idempotency !== null);
  if (keyed.length === 0) return new Map();
  const { rows } = await pool.query<{
    key: string;
    request_hash: Buffer;
    event_id: Accepted['eventId'];
    deliveries: number;
  }>(
    answersStatement([
      keyed.map((draft) => draft.publication.orgId),
      keyed.map((draft) => draft.publication.idempotency?.key),
    ]),
  );
  return new Map(
    rows.map((row) => [
      row.key,
      { requestHash: row.request_hash, accepted: { eventId: row.event_id, deliveries: row.deliveries } },
    ]),
  );
}

function verdictOf(draft: EventDraft, answers: ReadonlyMap<string, GivenAnswer>): AcceptVerdict {
  return givenTo(draft, answers) ?? { kind: 'stale' };
}

function givenTo(keyed: Keyed, answers: ReadonlyMap<string, GivenAnswer>): Given | null {
  const key = keyOf(keyed);
  const given = key === null ? undefined : answers.get(key);
  if (given === undefined) return null;
  const same = keyed.publication.idempotency?.requestHash.equals(given.requestHash) ?? false;
  return same ? { kind: 'repeated', accepted: given.accepted } : { kind: 'conflict' };
}

type Given = Extract<AcceptVerdict, { kind: 'repeated' | 'conflict' }>;

async function answered(pool: Pool, publication: EventDraft['publication']): Promise<Given | null> {
  return givenTo({ publication }, await answersGiven(pool, [{ publication }]));
}
