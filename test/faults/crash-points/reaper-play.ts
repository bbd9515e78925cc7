import { randomBytes } from 'node:crypto';
import type { EventId } from '@hooklane/domain';
import { asId, firstUuidAt, parseId, uuidV7 } from '@hooklane/domain';
import { seedAttempts } from '../../support/seed-attempts.ts';
import { until } from '../../support/until.ts';
import type { Expected, Scene } from './scene.ts';
import { addWebhook, audit, newScene, nothingDue, publish } from './scene.ts';
import type { Play } from './stage.ts';

const DAY_MS = 86_400_000;
const NEEDED = Buffer.from('{"needed":"byte for byte"}');

/**
 * Everything a reaper deletes lies ready when it dies: too many attempts, expired keys, diverted events past their time,
 * an old day of which one event is still needed, and a day ahead that is not made yet.
 */
export const playReaper: Play = async (stage, point, name) => {
  const { fleet, victim } = stage;
  const scene = newScene(name, stage);
  await prepare(scene);

  fleet.reaper.signal('SIGSTOP');
  const litter = await spread(scene);
  victim.arm(point);
  fleet.reaper.signal('SIGCONT');

  await victim.diesAndIsReplaced(point, fleet.reaper);
  await until(async () => (await wrongWith(scene, litter)).length === 0, { what: 'order' }).catch(() => {});
  return [...(await wrongWith(scene, litter)), ...(await audit(scene, EXPECTED))];
};

const EXPECTED: Expected = (role) => (role === 'plain' ? 'delivered' : role === 'kept' ? 'diverted' : 'discarded');

async function prepare(scene: Scene): Promise<void> {
  for (const role of ['plain', 'expired', 'kept']) await addWebhook(scene, role);
  for (const role of ['expired', 'kept']) await scene.fleet.org.webhooks.suspend(idOf(scene, role));
  await publish(scene, 'now', 5);
  await nothingDue(scene);
}

interface Litter {
  /** Attempts older than the newest 100. */
  readonly excess: readonly string[];
  readonly keys: number;
  readonly dayAhead: string;
  readonly oldDay: string;
  readonly needed: EventId;
  readonly unneeded: EventId;
}

async function spread(scene: Scene): Promise<Litter> {
  const { pool, name } = scene;
  const webhookId = asId('wh', uuidOf(scene, 'plain'));
  const orgId = await one(scene, 'SELECT org_id AS value FROM webhooks WHERE id = $1', [webhookId]);
  const seeded = await seedAttempts({ pool }, { orgId: asId('org', orgId), webhookId, count: 130 });
  const keys = Number(await one(scene, 'SELECT count(*) AS value FROM idempotency_keys WHERE expires_at > now()'));
  await pool.query(
    `INSERT INTO idempotency_keys (org_id, key, request_hash, event_id, deliveries, expires_at)
     SELECT $1, $2 || n, '\\x00', gen_random_uuid(), 0, now() - interval '1 hour' FROM generate_series(1, 3) n`,
    [orgId, `${name}-expired-`],
  );
  await pool.query(`UPDATE diverted_events SET diverted_at = now() - interval '100 days' WHERE webhook_id = $1`, [
    uuidOf(scene, 'expired'),
  ]);
  await pool.query(`UPDATE audit_log SET at = now() - interval '400 days' WHERE target = $1`, [idOf(scene, 'expired')]);
  await pool.query(
    `INSERT INTO operations (id, org_id, kind, details, per_second, state, created_at, finished_at)
     SELECT gen_random_uuid(), $1, 'resend', '{}', 1, 'done', at, at FROM (SELECT now() - interval '40 days' AS at) o`,
    [orgId],
  );
  await pool.query(`INSERT INTO rate_buckets (bucket, tokens, at) VALUES ($1, 0, now() - interval '2 days')`, [name]);
  await pool.query(
    `INSERT INTO stats (scope_id, span, start, org_id, accepted, rejected, timed_out, unreachable, blocked, delivered, diverted, discarded, latency)
     SELECT $1, 'minute', now() - interval '3 hours', $2, 1, 0, 0, 0, 0, 1, 0, 0, '{}'`,
    [webhookId, orgId],
  );
  const dayAhead = await one(scene, `SELECT max(relname) AS value FROM pg_class WHERE relname ~ '^events_[0-9]{8}$'`);
  await pool.query(`DROP TABLE ${dayAhead}`);
  return { excess: seeded.slice(0, 35), keys, dayAhead, ...(await spreadOldDay(scene, orgId)) };
}

async function spreadOldDay(scene: Scene, orgId: string): Promise<Pick<Litter, 'oldDay' | 'needed' | 'unneeded'>> {
  const { pool, name } = scene;
  const startMs = Math.floor(Date.now() / DAY_MS - 100 - Number(name.slice(1))) * DAY_MS;
  const oldDay = `events_${new Date(startMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
  const newId = () => asId('evt', uuidV7(startMs + 3_600_000, randomBytes(10)));
  const [needed, unneeded] = [newId(), newId()];
  await pool.query(
    `CREATE TABLE ${oldDay} PARTITION OF events
     FOR VALUES FROM ('${firstUuidAt(startMs)}') TO ('${firstUuidAt(startMs + DAY_MS)}')`,
  );
  await pool.query(
    `INSERT INTO events (id, org_id, type, payload, occurred_at, request_id)
     SELECT id, $2, 'old.event', $3, now(), 'r' FROM unnest($1::uuid[]) AS e(id)`,
    [[needed, unneeded], orgId, NEEDED],
  );
  await pool.query(
    `INSERT INTO diverted_events (webhook_id, event_id, delivery_id, org_id, event_type, attempts, reason, message)
     VALUES ($1, $2, gen_random_uuid(), $3, 'old.event', 0, 'suspended', 'set aside')`,
    [uuidOf(scene, 'kept'), needed, orgId],
  );
  return { oldDay, needed, unneeded };
}

async function wrongWith(scene: Scene, litter: Litter): Promise<string[]> {
  const checks: ReadonlyArray<readonly [what: string, sql: string, values: unknown[], wanted: string]> = [
    ['attempts past the newest 100', 'SELECT count(*) AS value FROM attempts WHERE id = ANY($1)', [litter.excess], '0'],
    ['attempts kept', 'SELECT count(*) AS value FROM attempts WHERE webhook_id = $1', [uuidOf(scene, 'plain')], '100'],
    [
      'expired keys',
      'SELECT count(*) AS value FROM idempotency_keys WHERE starts_with(key, $1)',
      [`${scene.name}-expired-`],
      '0',
    ],
    [
      'old operations',
      `SELECT count(*) AS value FROM operations WHERE finished_at < now() - interval '31 days'`,
      [],
      '0',
    ],
    ['keys in force', 'SELECT count(*) AS value FROM idempotency_keys', [], String(litter.keys)],
    [
      'expired diverted events',
      'SELECT count(*) AS value FROM diverted_events WHERE webhook_id = $1',
      [uuidOf(scene, 'expired')],
      '0',
    ],
    ['old entries', 'SELECT count(*) AS value FROM audit_log WHERE target = $1', [idOf(scene, 'expired')], '0'],
    ['entries kept', 'SELECT count(*) AS value FROM audit_log WHERE target = $1', [idOf(scene, 'plain')], '1'],
    ['unused limits', 'SELECT count(*) AS value FROM rate_buckets WHERE bucket = $1', [scene.name], '0'],
    ['old counts', `SELECT count(*) AS value FROM stats WHERE start < now() - interval '2 hours 30 minutes'`, [], '0'],
    ['the day ahead', 'SELECT count(*) AS value FROM pg_class WHERE relname = $1', [litter.dayAhead], '1'],
    ['the old day', 'SELECT count(*) AS value FROM pg_class WHERE relname = $1', [litter.oldDay], '0'],
    ['what is needed of it', 'SELECT count(*) AS value FROM events_kept WHERE id = $1', [litter.needed], '1'],
    ['what is not', 'SELECT count(*) AS value FROM events_kept WHERE id = $1', [litter.unneeded], '0'],
    [
      'its bytes',
      'SELECT convert_from(payload, $2) AS value FROM events_kept WHERE id = $1',
      [litter.needed, 'UTF8'],
      String(NEEDED),
    ],
  ];
  const wrong: string[] = [];
  for (const [what, sql, values, wanted] of checks) {
    const found = await one(scene, sql, values);
    if (found !== wanted) wrong.push(`${what}: ${found} instead of ${wanted}`);
  }
  return wrong;
}

async function one({ pool }: Scene, sql: string, values: unknown[] = []): Promise<string> {
  const { rows } = await pool.query<{ value: unknown }>(sql, values);
  return String(rows[0]?.value);
}

function idOf(scene: Scene, role: string): string {
  return scene.webhooks.get(role)?.id ?? '';
}

function uuidOf(scene: Scene, role: string): string {
  return parseId('wh', idOf(scene, role)) ?? '';
}
