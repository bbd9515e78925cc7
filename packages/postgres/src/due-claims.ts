import type { AttemptId, DeliveryId, Destination, Encoding, EventId, OrgId, Origin, WebhookId } from '@hooklane/domain';
import { DEFAULT_FAILURE_POLICY, encodingOf, NO_BRAND, standingOf, UNTHROTTLED } from '@hooklane/domain';
import type { Claim, DueRef, IdFactory, TakeRequest, TakeShare } from '@hooklane/engine';
import type { Pool } from 'pg';
import { named } from './database.ts';
import { AGE, DUE_BY_AGE } from './due-by-age.ts';
import { UNPAUSED } from './pauses.ts';
import { UnsealError } from './secret-box.ts';
import type { LoadedWebhook, WebhookCache } from './webhook-cache.ts';

/** Claims and loads: the queue's way in (by name) and the store's own (whatever is due). */
export interface ClaimReader {
  /** One answer per ref, in order. */
  claimAll(refs: readonly DueRef[]): Promise<Array<Claim | null>>;
  take(request: TakeRequest): Promise<Claim[]>;
  takeShares(shares: readonly TakeShare[]): Promise<Claim[]>;
}

export interface ClaimContext {
  pool: Pool;
  ids: IdFactory;
  cache: WebhookCache;
  /** A claim lapses this long after the webhook's own deadline, ms: time to record what was sent. */
  graceMs: number;
  /** A webhook whose secret or headers no configured key opens, or a delivery in an encoding that is not known. */
  onUnopened: (webhookId: WebhookId, error: Error) => void;
}

export function createClaimReader(context: ClaimContext): ClaimReader {
  async function run(statement: ReturnType<typeof claimNamed>): Promise<Claim[]> {
    const { rows } = await context.pool.query<ClaimRow>(statement);
    const webhooks = await context.cache.load(rows.map((row) => ({ id: row.webhook_id, version: row.version ?? 0 })));
    return rows.flatMap((row) => {
      const webhook = webhooks.get(row.webhook_id);
      const encoding = encodingOf(row.encoding ?? 0);
      if (encoding !== null && !(webhook instanceof UnsealError)) {
        return [toClaim(row, webhook, { encoding, attemptId: context.ids.next('att', row.claimed_at_ms) })];
      }
      // Left claimed: it is tried again when the claim lapses, and does not come back at once before all others.
      context.onUnopened(row.webhook_id, webhook instanceof UnsealError ? webhook : unknownEncoding(row));
      return [];
    });
  }

  return {
    async claimAll(refs) {
      const claims = await run(
        claimNamed([context.graceMs, refs.map((ref) => ref.deliveryId), refs.map((ref) => ref.attempt)]),
      );
      const byDelivery = new Map(claims.map((claim) => [claim.deliveryId, claim]));
      return refs.map((ref) => {
        const claim = byDelivery.get(ref.deliveryId);
        // Two jobs for one attempt in one batch: only the first has the claim.
        byDelivery.delete(ref.deliveryId);
        return claim ?? null;
      });
    },
    take: ({ limit, includeQueued }) => run(takeAny([context.graceMs, limit, includeQueued])),
    async takeShares(shares) {
      if (shares.length === 0) return [];
      const wanted = [
        shares.map((share) => share.webhookId),
        shares.map((share) => share.limit),
        shares.map((share) => share.includeQueued),
      ];
      return run(takeShares([context.graceMs, ...wanted]));
    },
  };
}

/**
 * What follows `free` (the rows to claim, locked) in all three statements: raise the fence, and bring body and webhook
 * along. Rows come back in the order they fell due. What is looked up by many ids is given them as one array: the index
 * is entered once for all of them, and that in each day of history, whichever they are of. FULL, because a join of this
 * kind is never done by going through all events for each claim; there is no event that has no claim. When it was claimed
 * is read off the clock: `now()` is before the statement was planned, and deliveries may have been resumed meanwhile.
 */
const CLAIM_AND_LOAD = `
  , claimed AS (
    UPDATE delivery_due d
    SET claim_no = d.claim_no + 1,
        claimed_until = now() + (coalesce(w.timeout_ms, 0) + $1::int) * interval '1 ms',
        encoding = coalesce(d.encoding, w.encoding)
    FROM free f LEFT JOIN LATERAL (
      SELECT timeout_ms, encoding, version, enabled, suspended_at, deleted_at FROM webhooks WHERE id = f.webhook_id LIMIT 1
    ) w ON true
    WHERE d.delivery_id = f.delivery_id AND d.delivery_id = ANY (ARRAY(SELECT delivery_id FROM free))
    RETURNING d.delivery_id, d.event_id, d.webhook_id, d.org_id, d.origin, d.sent_as, d.attempt, d.round_first, d.claim_no,
              d.due_at, d.encoding,
              (extract(epoch FROM now() - d.created_at) * 1000)::float8 AS age_ms,
              (extract(epoch FROM now() - d.due_at) * 1000)::float8 AS late_ms,
              trunc(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS claimed_at_ms,
              w.version, w.enabled, w.suspended_at IS NOT NULL AS suspended, w.deleted_at IS NOT NULL AS deleted
  ), stored AS MATERIALIZED (
    SELECT id, type, payload, occurred_at, request_id, traceparent FROM events
    WHERE id = ANY (ARRAY(SELECT event_id FROM claimed))
  )
  SELECT c.delivery_id, c.event_id, c.webhook_id, c.org_id, c.origin, c.sent_as, c.attempt, c.round_first, c.claim_no,
         c.encoding, c.age_ms, c.late_ms, c.claimed_at_ms, c.version, c.enabled, c.suspended, c.deleted,
         coalesce(e.type, k.type) AS event_type, coalesce(e.payload, k.payload) AS payload,
         (extract(epoch FROM coalesce(e.occurred_at, k.occurred_at)) * 1000)::float8 AS occurred_at_ms,
         coalesce(e.request_id, k.request_id) AS request_id,
         coalesce(e.traceparent, k.traceparent) AS traceparent
  FROM claimed c
  FULL JOIN stored e ON e.id = c.event_id
  LEFT JOIN LATERAL (
    SELECT type, payload, occurred_at, request_id, traceparent FROM events_kept
    WHERE e.payload IS NULL AND id = c.event_id LIMIT 1
  ) k ON true
  ORDER BY c.due_at`;

/** A delayed job fires on another machine's clock: so much early is on time. Far below the shortest jitter. */
const EARLY = `interval '250 ms'`;

/** Locks in the order of the ids, so that two batches cannot wait for each other; skips what another is claiming. */
const claimNamed = named(
  'claim_named',
  `WITH free AS MATERIALIZED (
     SELECT d.delivery_id, d.webhook_id
     FROM delivery_due d
     JOIN unnest($2::uuid[], $3::int[]) AS w(delivery_id, attempt) ON w.delivery_id = d.delivery_id AND w.attempt = d.attempt
     WHERE d.delivery_id = ANY ($2) AND d.due_at <= now() + ${EARLY}
       AND (d.claimed_until IS NULL OR d.claimed_until < now()) AND ${UNPAUSED}
     ORDER BY d.delivery_id
     FOR UPDATE OF d SKIP LOCKED
   )${CLAIM_AND_LOAD}`,
);

const FREE = '(claimed_until IS NULL OR claimed_until < now())';
const NOT_QUEUED = '(enqueued_until IS NULL OR enqueued_until < now())';

/** Oldest first. */
const takeAny = named(
  'take_any',
  `WITH free AS MATERIALIZED (
     SELECT delivery_id, webhook_id FROM delivery_due d
     WHERE ${DUE_BY_AGE} AND ${FREE} AND ($3::boolean OR ${NOT_QUEUED}) AND ${UNPAUSED}
     ORDER BY ${AGE} LIMIT $2
     FOR UPDATE SKIP LOCKED
   )${CLAIM_AND_LOAD}`,
);

/** Of each webhook the oldest first, by the index on (webhook_id, due_at). */
const takeShares = named(
  'take_shares',
  `WITH free AS MATERIALIZED (
     SELECT mine.* FROM unnest($2::uuid[], $3::int[], $4::boolean[]) AS s(webhook_id, wanted, include_queued)
     CROSS JOIN LATERAL (
       SELECT delivery_id, webhook_id FROM delivery_due d
       WHERE d.webhook_id = s.webhook_id AND due_at <= now() AND ${FREE} AND (s.include_queued OR ${NOT_QUEUED}) AND ${UNPAUSED}
       ORDER BY due_at LIMIT s.wanted
       FOR UPDATE SKIP LOCKED
     ) mine
   )${CLAIM_AND_LOAD}`,
);

interface ClaimRow {
  delivery_id: DeliveryId;
  event_id: EventId;
  webhook_id: WebhookId;
  org_id: OrgId;
  origin: Origin;
  sent_as: EventId | null;
  attempt: number;
  round_first: number;
  claim_no: number;
  age_ms: number;
  /** Below zero: it is early. */
  late_ms: number;
  claimed_at_ms: number;
  /** Null together with the flags when the webhook's row is gone. */
  version: number | null;
  enabled: boolean | null;
  suspended: boolean;
  deleted: boolean;
  encoding: number | null;
  /** Null all together when the event is gone. */
  event_type: string | null;
  payload: Buffer | null;
  occurred_at_ms: number | null;
  request_id: string | null;
  traceparent: string | null;
}

/** Stands in for a webhook whose row is gone: its deliveries are discarded, nothing is sent there. */
const NOWHERE: Destination = {
  url: '',
  headers: {},
  tls: null,
  timeoutMs: 0,
  host: '',
  limits: UNTHROTTLED,
  policy: DEFAULT_FAILURE_POLICY,
  numbers: { webhook: 0, org: 0 },
  brand: NO_BRAND,
};

function toClaim(
  row: ClaimRow,
  webhook: LoadedWebhook | undefined,
  { encoding, attemptId }: { encoding: Encoding; attemptId: AttemptId },
): Claim {
  return {
    deliveryId: row.delivery_id,
    webhookId: row.webhook_id,
    orgId: row.org_id,
    eventId: row.event_id,
    sentAs: row.sent_as ?? row.event_id,
    origin: row.origin,
    attempt: row.attempt,
    attemptInRound: row.attempt - row.round_first + 1,
    claimNo: row.claim_no,
    attemptId,
    claimedAtMs: row.claimed_at_ms,
    ageMs: row.age_ms,
    lateMs: Math.max(0, row.late_ms),
    event: eventOf(row),
    traceparent: row.traceparent,
    standing: standingOf({
      enabled: row.enabled ?? false,
      suspended: row.suspended,
      deleted: row.deleted || webhook === undefined,
    }),
    destination: webhook?.destination ?? NOWHERE,
    encoding,
    keys: (webhook?.keys ?? []).filter((secret) => secret.expiresAtMs > row.claimed_at_ms).map((secret) => secret.key),
  };
}

function eventOf({
  event_type: type,
  payload,
  occurred_at_ms: occurredAtMs,
  request_id: requestId,
}: ClaimRow): Claim['event'] {
  if (type === null || payload === null || occurredAtMs === null || requestId === null) return null;
  return { type, payload, occurredAt: new Date(occurredAtMs), requestId };
}

/** A newer version of this program has pinned it, and was taken back since. Bytes of another kind would be worse than waiting. */
function unknownEncoding(row: ClaimRow): Error {
  return new Error(
    `delivery ${row.delivery_id} is written in an encoding (${row.encoding}) that this version does not know`,
  );
}
