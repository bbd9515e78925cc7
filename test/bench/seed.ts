import { parseId } from '@hooklane/domain';
import type { Pool } from 'pg';
import type { Flow } from './flow.ts';

/** Rows as the product leaves them behind, made by Postgres itself: minutes of publishing in seconds. */

/** Events with a pending delivery each, of which `dueInMs` says when it is due; in turn over the webhooks. */
export async function seedPending(flow: Flow, { count, dueInMs }: { count: number; dueInMs: number }): Promise<void> {
  await inChunks(flow, count, (some, values) =>
    flow.stage.pool.query(
      `${seedOf(some)}, history AS (${INSERT_DELIVERIES} 'pending', NULL, NULL FROM seed)
       INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, attempt, round_first, due_at)
       SELECT delivery_id, event_id, webhook_id, org_id, 'event', 1, 1, now() + $3 * interval '1 ms' FROM seed`,
      [...values, dueInMs],
    ),
  );
}

/** Events that were set aside, in turn over the webhooks. */
export async function seedDiverted(flow: Flow, count: number): Promise<void> {
  await inChunks(flow, count, (some, values) =>
    flow.stage.pool.query(
      `${seedOf(some)}, history AS (${INSERT_DELIVERIES} 'diverted', 'retries_exhausted', now() FROM seed)
       INSERT INTO diverted_events (webhook_id, event_id, delivery_id, org_id, event_type, attempts, reason, trigger, message)
       SELECT webhook_id, event_id, delivery_id, org_id, 'bench.e0', 11, 'retries_exhausted', '5xx', 'seeded' FROM seed`,
      values,
    ),
  );
}

/** Events that were delivered long ago. */
export async function seedHistory(flow: Flow, count: number): Promise<void> {
  await inChunks(flow, count, (some, values) =>
    flow.stage.pool.query(`${seedOf(some)} ${INSERT_DELIVERIES} 'delivered', NULL, now() FROM seed`, values),
  );
}

/** The last attempts, as many for each webhook. */
export async function seedAttempts(pool: Pool, webhooks: readonly string[], each: number): Promise<void> {
  await pool.query(
    `INSERT INTO attempts (webhook_id, id, org_id, delivery_id, event_id, event_type, number, origin, outcome, status,
                           started_at, duration_ms, url, request_headers, response_truncated, next_step)
     SELECT w.id, ${uuidAt('g.n')}, w.org_id, gen_random_uuid(), gen_random_uuid(), 'bench.e0', 1, 'event', 'accepted', 200,
            now(), 12, w.url, $3, false, 'delivered'
     FROM webhooks w CROSS JOIN generate_series(1, $2::int) AS g(n) WHERE w.id = ANY($1::uuid[])`,
    [webhooks, each, ATTEMPT_HEADERS],
  );
}

/** What an attempt of the product writes down of its headers. */
const ATTEMPT_HEADERS = JSON.stringify({
  'content-type': 'application/json',
  'user-agent': 'Hooklane/0.1 (+https://hooklane.dev)',
  'webhook-id': 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc',
  'webhook-timestamp': '1760000000',
  'webhook-signature': 'v1,***',
});

/** Webhooks like the first of the org, that no event is for. Their ids. */
export async function seedWebhooks({ stage, webhookIds }: Flow, count: number): Promise<string[]> {
  const { rows } = await stage.pool.query<{ id: string }>(
    `INSERT INTO webhooks (id, org_id, name, url, events, failure_policy, timeout_ms, enabled)
     SELECT ${uuidAt('g.n')}, w.org_id, 'seeded ' || g.n, w.url, ARRAY['seeded.e' || g.n], w.failure_policy, w.timeout_ms, true
     FROM webhooks w CROSS JOIN generate_series(1, $2::int) AS g(n) WHERE w.id = $1 RETURNING id`,
    [parseId('wh', webhookIds[0] ?? ''), count],
  );
  return rows.map(({ id }) => id);
}

/** Seeded as if over the last hour: rows of one moment would lie in the same pages as those that come now. */
const SPREAD_MS = 3_600_000;
const CHUNK = 50_000;

async function inChunks(
  { webhookIds }: Flow,
  count: number,
  seed: (count: number, values: unknown[]) => Promise<unknown>,
): Promise<void> {
  const uuids = webhookIds.map((id) => parseId('wh', id) ?? '');
  for (let done = 0; done < count; done += CHUNK) {
    const some = Math.min(CHUNK, count - done);
    await seed(some, [uuids, some]);
  }
}

function seedOf(count: number): string {
  return `WITH seed AS MATERIALIZED (
    SELECT ${uuidAt('g.n')} AS event_id, ${uuidAt('g.n')} AS delivery_id, w.id AS webhook_id, w.org_id
    FROM generate_series(1, $2::int) AS g(n)
    JOIN unnest($1::uuid[]) WITH ORDINALITY AS u(id, turn) ON u.turn = 1 + g.n % cardinality($1::uuid[])
    JOIN webhooks w ON w.id = u.id LIMIT ${count}
  ), stored AS (
    INSERT INTO events (id, org_id, type, payload, occurred_at, request_id)
    SELECT event_id, org_id, 'bench.e0', convert_to('{"filler":"' || repeat('abcdefghijklmnop', 31) || '"}', 'UTF8'), now(), 'seed'
    FROM seed
  )`;
}

const INSERT_DELIVERIES = `
  INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state, reason, finished_at)
  SELECT delivery_id, event_id, webhook_id, org_id, 'event',`;

/** A UUIDv7 of some moment of the last hour; another one for each row and each call. */
function uuidAt(n: string): string {
  const ms = `(extract(epoch FROM now()) * 1000)::bigint - ${SPREAD_MS} + (${n} * 71)::bigint % ${SPREAD_MS}`;
  const random = `replace(gen_random_uuid()::text, '-', '')`;
  return `(lpad(to_hex(${ms}), 12, '0') || '7' || substr(${random}, 1, 3) || '8' || substr(${random}, 17, 15))::uuid`;
}
