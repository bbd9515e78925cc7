import type { Destination, NextStep, Outcome } from '@hooklane/domain';
import { healthSign, MASK, maskHeaders, triggerOf } from '@hooklane/domain';
import type { AttemptRecord, SentAttempt } from '@hooklane/engine';
import { urlOf } from '@hooklane/engine';
import type { ClientBase } from 'pg';
import { named } from './database.ts';
import type { FailureCount } from './webhook-health.ts';
import { COUNT_HEALTH } from './webhook-health.ts';

export interface RecordOptions {
  /** How long past its due time the relay leaves a queued retry alone, ms. */
  enqueuedMs: number;
}

/**
 * Writes what became of claims: the attempt, and either the next due time or the end of the delivery. Only where attempt
 * and claim number still match: the late result of a worker that lost its claim changes nothing. The attempt belongs to
 * the fence because a retry leaves the claim number as it is: a result that comes again would be a second attempt. What
 * they say about the health of their webhooks is counted along. One statement, so one transaction and one round trip.
 */
export async function writeRecords(
  client: Pick<ClientBase, 'query'>,
  records: readonly AttemptRecord[],
  options: RecordOptions,
): Promise<Written> {
  const { rows } = await client.query<WrittenRow>(recordStatement(parametersOf(records, options)));
  const written = new Set(rows.map((row) => row.n));
  return {
    written: records.map((_, n) => written.has(n)),
    failures: rows.flatMap(({ n, ...count }) => (n === null ? [count] : [])),
  };
}

export interface Written {
  /** For each record, in order: whether it was written, now or by an earlier call. */
  written: boolean[];
  /** Of the webhooks that failed, up to now. */
  failures: FailureCount[];
}

/** One row for each record written, by its number, and one for each webhook that failed. */
interface WrittenRow extends FailureCount {
  n: number | null;
}

/**
 * Due rows are locked in the order of their ids, then health rows in the order of theirs: two batches would deadlock
 * otherwise. The planner takes `held` for one row, whatever it is: what is joined with it must not be scanned for each, and
 * days of history not looked through for each. What ended is therefore joined with `result`, which it takes for more;
 * by number, too: a result of a claim that was lost may come together with that of the one who has it now.
 */
const recordStatement = named(
  'record_attempts',
  `WITH result AS MATERIALIZED (
     SELECT * FROM unnest($1::int[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::float8[], $7::boolean[], $8::text[],
                          $9::text[], $10::text[], $26::int[], $27::uuid[], $28::boolean[], $29::text[])
       AS r(n, delivery_id, claim_no, step, reason, delay_ms, queued, trigger, message, event_type, attempt, webhook_id, is_sent, sign)
   ), sent AS MATERIALIZED (
     SELECT * FROM unnest($11::int[], $12::uuid[], $13::text[], $14::text[], $15::int[], $16::timestamptz[], $17::int[],
                          $18::text[], $19::text[], $20::text[], $21::int[], $22::int[], $23::boolean[], $30::text[])
       AS s(n, id, outcome, detail, status, started_at, duration_ms, url, request_headers, response_headers,
            body_at, body_length, truncated, waited_for)
   ), held AS MATERIALIZED (
     SELECT d.delivery_id, d.event_id, d.webhook_id, d.org_id, d.origin, d.attempt, d.encoding, d.sent_as,
            r.n, r.step, r.reason, r.delay_ms, r.queued, r.trigger, coalesce(r.message, d.last_failure) AS message, r.event_type,
            d.attempt - 1 + r.is_sent::int AS attempts_made, r.sign
     FROM delivery_due d
     JOIN result r ON r.delivery_id = d.delivery_id AND r.claim_no = d.claim_no AND r.attempt = d.attempt
     WHERE d.delivery_id = ANY ($2)
     ORDER BY d.delivery_id
     FOR UPDATE OF d
   ), logged AS (
     INSERT INTO attempts (webhook_id, id, org_id, delivery_id, event_id, event_type, number, origin, outcome, detail, status,
                           started_at, duration_ms, url, request_headers, response_headers, response_body,
                           response_truncated, next_step, next_attempt_at, encoding, sent_as, waited_for)
     SELECT h.webhook_id, s.id, h.org_id, h.delivery_id, h.event_id, h.event_type, h.attempt, h.origin, s.outcome, s.detail,
            s.status, s.started_at, s.duration_ms, s.url, s.request_headers::jsonb, s.response_headers::jsonb,
            CASE WHEN s.body_length IS NOT NULL THEN substring($24::bytea FROM s.body_at + 1 FOR s.body_length) END,
            s.truncated, h.step, CASE WHEN h.step = 'retry' THEN now() + h.delay_ms * interval '1 ms' END,
            h.encoding, h.sent_as, s.waited_for
     FROM held h JOIN sent s ON s.n = h.n
   ), again AS (
     UPDATE delivery_due d
     SET attempt = d.attempt + 1, due_at = now() + h.delay_ms * interval '1 ms', claimed_until = NULL, last_failure = h.message,
         enqueued_until = CASE WHEN h.queued THEN now() + (h.delay_ms + $25) * interval '1 ms' END
     FROM held h
     WHERE d.delivery_id = h.delivery_id AND h.step = 'retry'
       AND d.delivery_id = ANY (ARRAY(SELECT delivery_id FROM held WHERE step = 'retry'))
   ), done AS (
     DELETE FROM delivery_due WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM held WHERE step <> 'retry'))
   ), history AS (
     UPDATE deliveries v
     SET state = CASE r.step WHEN 'divert' THEN 'diverted' WHEN 'discard' THEN 'discarded' ELSE r.step END,
         reason = r.reason, attempts = r.attempt - 1 + r.is_sent::int, finished_at = now()
     FROM result r
     WHERE v.id = r.delivery_id AND r.n = ANY (ARRAY(SELECT n FROM held))
       AND v.id = ANY (ARRAY(SELECT delivery_id FROM held WHERE step <> 'retry'))
   ), diverted AS (
     INSERT INTO diverted_events AS x (webhook_id, event_id, delivery_id, org_id, event_type, sent_as, attempts, reason,
                                       trigger, message)
     SELECT webhook_id, event_id, delivery_id, org_id, event_type, sent_as, attempts_made, reason, trigger,
            coalesce(message, 'set aside before it was sent')
     FROM held WHERE step = 'divert'
     ON CONFLICT (webhook_id, event_id) DO UPDATE
       SET delivery_id = excluded.delivery_id, sent_as = excluded.sent_as, attempts = excluded.attempts,
           reason = excluded.reason, trigger = excluded.trigger, message = excluded.message, diverted_at = excluded.diverted_at
   )${COUNT_HEALTH}, missed AS MATERIALIZED (
     SELECT r.n, r.webhook_id, s.id FROM result r JOIN sent s ON s.n = r.n
     WHERE NOT EXISTS (SELECT FROM held h WHERE h.n = r.n)
   )
   SELECT n, NULL::uuid AS "webhookId", NULL::int AS failures, NULL::float8 AS "lastedMs" FROM held
   UNION ALL
   SELECT m.n, NULL, NULL, NULL FROM missed m
   CROSS JOIN LATERAL (SELECT FROM attempts a WHERE a.webhook_id = m.webhook_id AND a.id = m.id LIMIT 1) earlier
   UNION ALL
   SELECT NULL, webhook_id, failures, lasted_ms FROM counted`,
);

function parametersOf(records: readonly AttemptRecord[], { enqueuedMs }: RecordOptions): unknown[] {
  const claims = records.map((record) => record.claim);
  return [
    ...resultColumns(records),
    ...sentColumns(records),
    enqueuedMs,
    claims.map((claim) => claim.attempt),
    claims.map((claim) => claim.webhookId),
    records.map(({ sent }) => sent !== null),
    records.map(({ sent, claim }) => (sent === null ? 'none' : healthSign(sent.report.outcome, claim.origin))),
    records.flatMap(({ sent }) => (sent === null ? [] : [sent.waitedFor])),
  ];
}

function resultColumns(records: readonly AttemptRecord[]): unknown[] {
  const steps = records.map((record) => record.step);
  const outcomes = records.map((record) => record.sent?.report.outcome ?? null);
  return [
    records.map((_, n) => n),
    records.map((record) => record.claim.deliveryId),
    records.map((record) => record.claim.claimNo),
    steps.map((step) => step.kind),
    steps.map(reasonOf),
    steps.map((step) => (step.kind === 'retry' ? step.delayMs : null)),
    records.map((record) => record.queued),
    outcomes.map((outcome) => outcome && triggerOf(outcome)),
    outcomes.map((outcome) => outcome && describe(outcome)),
    records.map((record) => record.claim.event?.type ?? ''),
  ];
}

/** Only the records that have an attempt; `n` says which they are. Bodies travel as one binary parameter. */
function sentColumns(records: readonly AttemptRecord[]): unknown[] {
  const sent = records.flatMap(({ sent: attempt, claim }, n) => (attempt === null ? [] : [{ n, claim, ...attempt }]));
  const bodies: Buffer[] = [];
  const offsets: Array<number | null> = [];
  let bytes = 0;
  for (const { report } of sent) {
    offsets.push(report.response === null ? null : bytes);
    if (report.response === null) continue;
    bodies.push(report.response.body);
    bytes += report.response.body.length;
  }
  return [
    sent.map((attempt) => attempt.n),
    sent.map(({ claim }) => claim.attemptId),
    sent.map(({ report }) => report.outcome.kind),
    sent.map(({ report }) => detailOf(report.outcome)),
    sent.map(({ report }) => report.response?.status ?? null),
    sent.map((attempt) => new Date(attempt.startedAtMs).toISOString()),
    sent.map(({ report }) => Math.round(report.durationMs)),
    sent.map(({ claim }) => urlOf(claim)),
    sent.map(({ requestHeaders, claim }) => JSON.stringify(maskOwn(requestHeaders, claim.destination.headers))),
    sent.map(({ report }) => (report.response === null ? null : jsonText(maskHeaders(report.response.headers)))),
    offsets,
    sent.map(({ report }) => report.response?.body.length ?? null),
    sent.map(({ report }) => report.response?.truncated ?? false),
    Buffer.concat(bodies, bytes),
  ];
}

/** A webhook's own headers are sealed where they are kept; the log must not tell what they hold, whatever their names. */
function maskOwn(sent: SentAttempt['requestHeaders'], own: Destination['headers']): Record<string, string | string[]> {
  const masked = maskHeaders(sent);
  for (const name of Object.keys(own)) masked[name] = MASK;
  return masked;
}

/** jsonb refuses NUL and lone surrogates, and a receiver may send either. */
function jsonText(headers: Record<string, unknown>): string {
  return JSON.stringify(headers).replace(/\\u0000|\\ud[89a-f][0-9a-f]{2}/gi, '\\ufffd');
}

function reasonOf(step: NextStep): string | null {
  return step.kind === 'divert' || step.kind === 'discard' ? step.reason : null;
}

function detailOf(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case 'accepted':
    case 'rejected':
      return null;
    case 'timed-out':
      return outcome.phase;
    case 'unreachable':
      return outcome.code;
    case 'blocked':
      return outcome.reason;
  }
}

/** What a person reads in the list of diverted events. */
function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'accepted':
    case 'rejected':
      return `the receiver answered ${outcome.status}`;
    case 'timed-out':
      return `no answer before the deadline (${outcome.phase})`;
    case 'unreachable':
      return `the receiver could not be reached (${outcome.code})`;
    case 'blocked':
      return `the address is not allowed (${outcome.reason})`;
  }
}
