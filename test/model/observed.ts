import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { World } from './world.ts';

/** What is to be seen of one org in one moment, in Postgres and at the receiver. Ids are UUIDs, times ms since 1970. */
export interface Observed {
  /** The database clock. */
  readonly now: number;
  /** `performance.now()` before Postgres was asked: so much time has passed since then, or less. */
  readonly askedAt: number;
  /** By their ids. Those that the reaper has forgotten are missing. */
  readonly webhooks: ReadonlyMap<string, ObservedWebhook>;
  /** By webhook, then by event. */
  readonly deliveries: ReadonlyMap<string, ReadonlyMap<string, ObservedDelivery>>;
  /** Events that can still be read or sent: hex SHA-256 of their payloads by id. */
  readonly events: ReadonlyMap<string, string>;
  /** Nothing is left that Hooklane would do now. */
  readonly idle: boolean;
}

export interface ObservedWebhook {
  readonly enabled: boolean;
  readonly suspended: string | null;
  readonly deletedAt: number | null;
  readonly failures: number;
  readonly firstFailureAt: number | null;
  readonly logged: number;
  /** Operations that are not done. */
  readonly running: number;
}

/** What the three tables say of one event for one webhook. */
export interface ObservedDelivery {
  readonly history: { state: World['deliveries'][string]['state']; reason: string | null; attempts: number } | null;
  readonly due: {
    attempt: number;
    round_first: number;
    due_at: number;
    began_at: number;
    claimed_until: number | null;
  } | null;
  readonly diverted: { reason: string; attempts: number; diverted_at: number } | null;
}

/** One statement, so one snapshot. */
export async function observe(pool: Pool, orgId: string): Promise<Observed> {
  const askedAt = performance.now();
  const { rows } = await pool.query<{ seen: Rows }>(SNAPSHOT, [orgId]);
  const seen = rows[0]?.seen;
  if (seen === undefined) throw new TypeError('a select without a table returned no row');
  return {
    now: seen.now,
    askedAt,
    webhooks: new Map(seen.webhooks.map(({ id, ...webhook }) => [id, webhook])),
    deliveries: pairs(seen),
    events: new Map(seen.events.map(({ id, sha }) => [id, sha])),
    idle: seen.idle,
  };
}

/** Of what was published, to be compared with what is kept. */
export function hashOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

interface Rows {
  now: number;
  idle: boolean;
  webhooks: Array<ObservedWebhook & { id: string }>;
  events: Array<{ id: string; sha: string }>;
  deliveries: Array<Pair & NonNullable<ObservedDelivery['history']>>;
  due: Array<Pair & NonNullable<ObservedDelivery['due']>>;
  diverted: Array<Pair & NonNullable<ObservedDelivery['diverted']>>;
}

interface Pair {
  webhook_id: string;
  event_id: string;
}

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
const list = (select: string) => `(SELECT coalesce(json_agg(r), '[]') FROM (${select}) r)`;

const SNAPSHOT = `
  SELECT json_build_object(
    'now', ${ms('now()')},
    'idle', NOT EXISTS (SELECT FROM operations o JOIN webhooks w ON w.id = o.webhook_id
                        WHERE o.org_id = $1 AND o.state = 'running' AND w.enabled AND w.suspended_at IS NULL)
      AND NOT EXISTS (SELECT FROM delivery_due WHERE org_id = $1 AND due_at <= now()
                      AND (claimed_until IS NULL OR claimed_until < now()))
      AND NOT EXISTS (SELECT FROM webhooks w WHERE w.org_id = $1 AND w.draining AND NOT EXISTS (
                      SELECT FROM delivery_due d WHERE d.webhook_id = w.id AND d.claimed_until >= now())),
    'webhooks', ${list(
      `SELECT w.id, w.enabled, w.suspended_reason AS suspended, ${ms('w.deleted_at')} AS "deletedAt",
              coalesce(h.failures, 0) AS failures, ${ms('h.first_failure_at')} AS "firstFailureAt",
              (SELECT count(*) FROM attempts a WHERE a.webhook_id = w.id) AS logged,
              (SELECT count(*) FROM operations o WHERE o.webhook_id = w.id AND o.state = 'running') AS running
       FROM webhooks w LEFT JOIN webhook_health h ON h.webhook_id = w.id WHERE w.org_id = $1`,
    )},
    'events', ${list(
      `SELECT id, encode(sha256(payload), 'hex') AS sha FROM events WHERE org_id = $1
       UNION SELECT id, encode(sha256(payload), 'hex') FROM events_kept WHERE org_id = $1`,
    )},
    'deliveries', ${list('SELECT webhook_id, event_id, state, reason, attempts FROM deliveries WHERE org_id = $1')},
    'due', ${list(
      `SELECT webhook_id, event_id, attempt, round_first, ${ms('due_at')} AS due_at, ${ms('created_at')} AS began_at,
              ${ms('claimed_until')} AS claimed_until FROM delivery_due WHERE org_id = $1`,
    )},
    'diverted', ${list(
      `SELECT webhook_id, event_id, reason, attempts, ${ms('diverted_at')} AS diverted_at
       FROM diverted_events WHERE org_id = $1`,
    )}
  ) AS seen`;

function pairs({ deliveries, due, diverted }: Rows): Map<string, Map<string, ObservedDelivery>> {
  const found = new Map<string, Map<string, ObservedDelivery>>();
  const note = <K extends keyof ObservedDelivery>(kind: K, rows: Array<Pair & NonNullable<ObservedDelivery[K]>>) => {
    for (const { webhook_id, event_id, ...row } of rows) {
      const ofWebhook = found.get(webhook_id) ?? new Map<string, ObservedDelivery>();
      const before = ofWebhook.get(event_id) ?? { history: null, due: null, diverted: null };
      if (before[kind] !== null) throw new Error(`event ${event_id} is in ${kind} twice for webhook ${webhook_id}`);
      found.set(webhook_id, ofWebhook.set(event_id, { ...before, [kind]: row }));
    }
  };
  note('history', deliveries);
  note('due', due);
  note('diverted', diverted);
  return found;
}
