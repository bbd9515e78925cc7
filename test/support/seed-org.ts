import type { OrgClient } from '@hooklane/client';
import type { IdPrefix } from '@hooklane/domain';
import { asId, formatId } from '@hooklane/domain';
import { Client } from 'pg';

/** Of one webhook of a seeded org. */
export const ATTEMPTS_PER_WEBHOOK = 100;

/**
 * Gives an org `webhooks` webhooks with a log of a hundred attempts each, and as much else as goes with them: deliveries,
 * events, diverted events, counts, entries in the trail, a catalogue, operations. Written past the API, which would take
 * hours. Returns one thing of each kind, by the prefix of its id or the name of its parameter.
 */
export async function seedOrg(
  databaseUrl: string,
  { org, webhooks }: { org: OrgClient; webhooks: number },
): Promise<Record<string, string>> {
  await org.webhooks.create({ url: 'https://receiver.example/hook', events: ['seed.1', 'seed.2'], ping: false });
  await org.eventTypes.put('seed.1', { schema: { type: 'object' } });
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(FUNCTIONS);
    for (const statement of STATEMENTS) await client.query(statement.replaceAll(':webhooks', String(webhooks)));
    // What autovacuum would have done by the time an org has so much.
    await client.query('VACUUM (ANALYZE)');
    return await oneOfEach(client);
  } finally {
    await client.end();
  }
}

const FUNCTIONS = `
  CREATE FUNCTION pg_temp.id_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
      || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid $$;
  CREATE TEMP TABLE the_org AS SELECT org_id, id AS webhook_id FROM webhooks;`;

const STATEMENTS = [
  `INSERT INTO webhooks (id, org_id, name, url, events, failure_policy, timeout_ms, enabled, suspended_at, suspended_reason,
                         created_at)
   SELECT pg_temp.id_at(now() - n * interval '1 second'), org_id, 'webhook ' || n, url || n,
     ARRAY['seed.' || n % 7, 'seed.' || n % 11], failure_policy, timeout_ms, n % 3 > 0,
     CASE WHEN n % 5 = 0 THEN now() END, CASE WHEN n % 5 = 0 THEN 'manual' END, now() - n * interval '1 second'
   FROM webhooks, generate_series(2, :webhooks) n`,
  `INSERT INTO webhook_secrets (id, webhook_id, org_id, kind, sealed, hint)
   SELECT pg_temp.id_at(now()), w.id, w.org_id, kind, sealed, hint
   FROM webhooks w, webhook_secrets s WHERE w.id <> s.webhook_id`,
  `INSERT INTO webhook_health (webhook_id, org_id, failures, last_failure_at, last_success_at)
   SELECT id, org_id, 0, now(), now() FROM webhooks`,
  'CREATE TEMP TABLE numbered AS SELECT id, org_id, row_number() OVER (ORDER BY id) AS n FROM webhooks',
  // Ten for each webhook, over the last twenty hours, in as many transactions as there are numbers for.
  `INSERT INTO events (id, org_id, external_id, type, payload, occurred_at, created_at, request_id, committed_in)
   SELECT pg_temp.id_at(at), org_id, 'order_' || n, 'seed.' || n % 7, '{"n": 1}', at, at, 'req_' || n / 10,
     (3 + 500 - n * 500 / (:webhooks * 10))::text::xid8
   FROM the_org, generate_series(1, :webhooks * 10) n,
     LATERAL (SELECT now() - n * interval '72000 seconds' / (:webhooks * 10) AS at) times`,
  'CREATE TEMP TABLE published AS SELECT id, type, occurred_at AS at, row_number() OVER (ORDER BY id) - 1 AS n FROM events',
  // Each goes to ten webhooks, ten times: those that were redelivered.
  `CREATE TEMP TABLE sent AS
   SELECT pg_temp.id_at(p.at) AS id, p.id AS event_id, w.id AS webhook_id, w.org_id, p.type, p.at, hop, p.n
   FROM published p, generate_series(0, 9) hop JOIN numbered w ON true
   WHERE w.n = (p.n + hop * 7) % :webhooks + 1`,
  `INSERT INTO deliveries (id, event_id, webhook_id, org_id, origin, state, attempts, created_at, finished_at)
   SELECT id, event_id, webhook_id, org_id, 'event', (ARRAY['delivered', 'diverted', 'discarded'])[1 + n % 3], 1, at, at
   FROM sent`,
  `INSERT INTO attempts (webhook_id, id, org_id, delivery_id, event_id, event_type, number, origin, outcome, status,
                         started_at, duration_ms, url, request_headers, response_body, response_truncated, next_step)
   SELECT webhook_id, pg_temp.id_at(at), org_id, id, event_id, type, 1, 'event',
     CASE WHEN n % 3 = 0 THEN 'rejected' ELSE 'accepted' END, CASE WHEN n % 3 = 0 THEN 500 ELSE 200 END, at, 12,
     'https://receiver.example/hook', '{"content-type": "application/json"}', 'fine', false, 'delivered'
   FROM sent`,
  `INSERT INTO diverted_events (webhook_id, event_id, delivery_id, org_id, event_type, attempts, reason, message, diverted_at)
   SELECT webhook_id, event_id, id, org_id, type, 1, 'exhausted', 'The receiver answered 500.', at FROM sent WHERE hop = 3`,
  `INSERT INTO audit_log (id, at, org_id, actor, action, target, fields, details)
   SELECT pg_temp.id_at(at), at, org_id, 'operator', 'webhook.updated', 'seed', '{}', '{}' FROM sent WHERE hop = 5`,
  `INSERT INTO operations (id, org_id, webhook_id, kind, details, per_second, state, total, finished_at)
   SELECT pg_temp.id_at(now() - n * interval '1 second'), org_id, id, 'retry_now', '{}', 100, 'done', 0, now() FROM numbered`,
  `INSERT INTO event_types (org_id, type, deprecated, examples)
   SELECT org_id, 'seed.made.' || n, n % 2 = 0, '[]' FROM the_org, generate_series(1, least(:webhooks, 999)) n`,
  `INSERT INTO event_type_schemas (org_id, type, version, schema)
   SELECT org_id, 'seed.1', n, 'true' FROM the_org, generate_series(2, least(:webhooks, 100)) n`,
  `INSERT INTO stats (scope_id, span, start, org_id, accepted, rejected, timed_out, unreachable, blocked, delivered,
                      diverted, discarded, latency)
   SELECT scope, span, date_trunc(span, now()) - n * ('1 ' || span)::interval, org_id, 1, 1, 0, 0, 0, 1, 1, 0,
     array_fill(1, ARRAY[40])
   FROM (SELECT id AS scope, org_id FROM numbered UNION ALL SELECT org_id, org_id FROM the_org) scopes,
     (SELECT 'minute' AS span, generate_series(0, 30) AS n UNION ALL SELECT 'hour', generate_series(0, 23)) spans
   WHERE scope IN (SELECT org_id FROM the_org UNION ALL SELECT id FROM numbered WHERE n <= 500)`,
  'DROP TABLE sent, published',
];

/** Out of the middle, where neither end of an index helps; all of one webhook. */
async function oneOfEach(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<Record<string, string>>(
    `SELECT d.webhook_id AS wh, d.event_id AS evt, d.delivery_id AS dlv, a.id AS att, s.id AS sec, o.id AS op, k.id AS key
     FROM (SELECT * FROM diverted_events ORDER BY diverted_at OFFSET (SELECT count(*) / 2 FROM diverted_events) LIMIT 1) d
     JOIN attempts a ON a.webhook_id = d.webhook_id AND a.delivery_id = d.delivery_id
     JOIN webhook_secrets s ON s.webhook_id = d.webhook_id
     JOIN operations o ON o.webhook_id = d.webhook_id, api_keys k LIMIT 1`,
  );
  const ids = Object.entries(rows[0] ?? {}).map(([kind, id]) => {
    return [kind, formatId(kind as IdPrefix, asId(kind as IdPrefix, id))] as const;
  });
  return { ...Object.fromEntries(ids), type: 'seed.1' };
}
