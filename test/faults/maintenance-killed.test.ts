// Erasing an org and replacing the key that seals go on whoever dies, while the events of another org are delivered.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrgClient } from '@hooklane/client';
import { verify } from '@hooklane/client/verify';
import { parseId } from '@hooklane/domain';
import type { Pool } from 'pg';
import { expect, it } from 'vitest';
import type { ReceivingFleet } from '../support/delivering-fleet.ts';
import { startReceiving } from '../support/delivering-fleet.ts';
import type { FleetProcess } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { seedDue } from '../support/seed-due.ts';
import { tell } from '../support/tell.ts';
import { until } from '../support/until.ts';

const [OLD, NEW] = ['old', 'new'].map((id) => `${id}:${randomBytes(32).toString('base64')}`) as [string, string];
/** Of the org that stays: each with a secret, a header and a password. */
const SEALED = 90;
const VALUES_OF_EACH = 3;
/** Of each of the webhooks of the org that goes. */
const EACH = 400;
/** So that both last for as long as it takes to kill everybody several times. */
const ROWS_PER_SECOND = 250;
const WEBHOOKS_PER_SECOND = 5;
const LEAST_KILLS = 4;
const KILL_EVERY_MS = 200;
const PUBLISH_EVERY_MS = 50;

onBothQueues('while workers and the API are killed', (redisUrl) => {
  it('an org is erased and everything is sealed anew, and another org misses nothing', async () => {
    await using stage = await openStage(redisUrl());
    const { receiver, pool } = stage;
    const goneId = await fillOrg(stage, await newOrg(stage));
    const kept = await sealMany(stage);
    const sealedFirst = await keysOfSealed(pool);
    expect(Object.keys(sealedFirst)).toEqual(['old']);
    await giveKeys(stage, `${NEW},${OLD}`);
    await using publishing = publishOn(stage.org);

    const { admin } = stage.operator;
    const erasing = await admin.erase(goneId, { perSecond: ROWS_PER_SECOND });
    const resealing = await admin.reseal({ perSecond: WEBHOOKS_PER_SECOND });
    const [underErasing, underSealing] = await killAll(stage, [
      // All that is left then is to wait for the minute to be over in which something may still come.
      async () => (await rowsOf(pool, goneId)) > ROWS_THAT_STAY,
      () => isRunning(pool, resealing.id),
    ]);
    await pool.query(`UPDATE orgs SET deleted_at = deleted_at - interval '1 minute' WHERE id = $1`, [uuid(goneId)]);
    await until(async () => !(await isRunning(pool, erasing.id)), { what: 'the erasure', timeoutMs: 30_000 });

    tell(
      `${underErasing} kills under the erasure, ${underSealing} under the re-sealing; ${publishing.ids.length} events of the other org meanwhile`,
    );
    expect(Math.min(underErasing, underSealing)).toBeGreaterThanOrEqual(LEAST_KILLS);
    expect(await rowsOf(pool, goneId)).toBe(0);
    const { data: trail } = await admin.audit({ limit: 100 });
    expect(trail.filter(({ org }) => org?.id === goneId)).toEqual([]);
    expect(await keysOfSealed(pool)).toEqual({ new: SEALED * VALUES_OF_EACH + 1 });
    // No step counted twice what a killed worker had not committed: what the org had that is gone may be among it, or not.
    const { state, examined, moved } = await admin.operation(resealing.id);
    expect([state, (await admin.operation(erasing.id)).state]).toEqual(['done', 'done']);
    expect(examined).toBeGreaterThanOrEqual(SEALED + 1);
    expect(moved).toBeGreaterThanOrEqual(SEALED * VALUES_OF_EACH + 1);
    expect(moved).toBeLessThanOrEqual(sealedFirst['old'] ?? 0);

    const published = await publishing.end();
    await stage.nothingDue();
    const rows = await stage.rows('SELECT state, attempts > 0 AS sent, count(*)::int FROM deliveries GROUP BY 1, 2');
    expect(rows).toEqual([{ state: 'delivered', sent: true, count: published.length }]);
    const received = new Set(stage.arrived());
    expect(published.filter((id) => !received.has(id))).toEqual([]);

    // The old key is taken away: every secret still signs, every header and password is still sent.
    await giveKeys(stage, NEW);
    await stage.org.events.publish({ type: 'key.replaced', payload: {} });
    const requests = () => receiver.requests.filter(({ path }) => path.startsWith('/sealed/'));
    await until(() => new Set(requests().map(({ path }) => path)).size === SEALED, { what: 'all of them' });
    for (const { path, headers, body } of requests()) {
      const secret = kept.get(path) ?? expect.fail(`${path} is nobody's`);
      expect(() => verify({ body, headers, secrets: [secret] })).not.toThrow();
      const password = Buffer.from(`user:${path}`).toString('base64');
      expect(headers).toMatchObject({ 'x-token': path, authorization: `Basic ${password}` });
    }
  }, 180_000);
});

interface Stage extends ReceivingFleet {
  /** Those that run now; each generation has other keys. */
  running: FleetProcess[];
}

async function openStage(redisUrl: string | undefined): Promise<Stage> {
  const fleet = await startReceiving({
    redisUrl,
    without: ['reaper'],
    env: {
      HOOKLANE_SEALING_KEYS: OLD,
      HOOKLANE_CLAIM_GRACE: '500ms',
      HOOKLANE_ENQUEUED_GRACE: '1s',
      HOOKLANE_WEBHOOKS_PER_HOST: '100',
    },
    answer({ path }) {
      if (path === '/slow') return { delayMs: 700 };
      return { status: path === '/broken' ? 500 : 200 };
    },
  });
  return { ...fleet, running: [fleet.api, fleet.worker] };
}

/** An API and two workers that have these keys, in the place of those that ran. */
async function giveKeys(stage: Stage, keys: string): Promise<void> {
  await Promise.all(stage.running.map((one) => one.kill('SIGTERM')));
  stage.running = (['api', 'worker', 'worker'] as const).map((name) =>
    stage.another(name, { HOOKLANE_SEALING_KEYS: keys }),
  );
  await Promise.all(stage.running.map((one) => one.start()));
}

async function newOrg({ operator }: Stage): Promise<OrgClient> {
  const { slug } = await operator.orgs.create({ slug: 'goes' });
  return operator.org(slug);
}

/** With what was delivered, what was set aside, what waits, and what is under way. Returns its id. */
async function fillOrg({ operator, receiver, pool, nothingDue }: Stage, org: OrgClient): Promise<string> {
  const once = { failure_policy: { retry: { kind: 'none' }, suspend: null } } as const;
  const add = async (path: string, settings = {}) => {
    const url = `${receiver.url}${path}`;
    const { id } = await org.webhooks.create({ url, events: ['*'], ping: false, timeout_ms: 1_000, ...settings });
    await seedDue(pool, { webhookId: id, count: EACH });
    return id;
  };
  await add('/fine');
  await add('/broken', once);
  await nothingDue();
  await add('/slow', { max_in_flight: 5 });
  await org.eventTypes.put('a.b', { schema: { type: 'object' } });
  return (await operator.orgs.get(org.slug)).id;
}

/** The secrets of the org that stays, by the path that they sign for. */
async function sealMany({ org: { webhooks }, receiver }: Stage): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  for (let n = 0; n < SEALED; n++) {
    const path = `/sealed/${n}`;
    const { secret } = await webhooks.create({
      url: `${receiver.url}${path}`,
      events: ['key.replaced'],
      ping: false,
      headers: { 'x-token': path },
      auth: { username: 'user', password: path },
    });
    secrets.set(path, secret ?? '');
  }
  await webhooks.create({ url: `${receiver.url}/live`, events: ['live.event'], ping: false });
  return secrets;
}

interface Publishing extends AsyncDisposable {
  readonly ids: readonly string[];
  /** Publishes no more; the ids of all. */
  end(): Promise<readonly string[]>;
}

/** One after the other: each is repeated by the client until it is answered. */
function publishOn({ events }: OrgClient): Publishing {
  const ids: string[] = [];
  let goesOn = true;
  const running = (async () => {
    while (goesOn) {
      ids.push((await events.publish({ type: 'live.event', payload: ids.length })).id);
      await sleep(PUBLISH_EVERY_MS);
    }
  })();
  const end = async () => {
    goesOn = false;
    await running;
    return ids;
  };
  return { ids, end, [Symbol.asyncDispose]: async () => void (await end()) };
}

/** One after the other, until nothing goes on any more. Returns how often somebody was killed while each of them went on. */
async function killAll(
  { running }: Stage,
  goOn: [() => Promise<boolean>, () => Promise<boolean>],
): Promise<[number, number]> {
  const kills: [number, number] = [0, 0];
  for (let n = 0; n < 100; n++) {
    await sleep(KILL_EVERY_MS);
    const one = running[n % running.length];
    await one?.kill('SIGKILL');
    const [first, second] = await Promise.all(goOn.map((isGoing) => isGoing()));
    await one?.start();
    if (!(first || second)) return kills;
    kills[0] += Number(first);
    kills[1] += Number(second);
  }
  throw new Error('they do not end');
}

/** Asked of the database: the API may be dead. */
async function isRunning(pool: Pool, id: string): Promise<boolean> {
  const { rowCount } = await pool.query(`SELECT FROM operations WHERE id = $1 AND state = 'running'`, [
    parseId('op', id),
  ]);
  return rowCount === 1;
}

/** Its own, and those of its webhooks. */
const ROWS_THAT_STAY = 1 + 3;

/** In every table that knows orgs. */
async function rowsOf(pool: Pool, orgId: string): Promise<number> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace`,
  );
  const counts = tables.map(({ name }) => `SELECT count(*) AS n FROM ${name} WHERE org_id = $1`);
  const { rows } = await pool.query<{ count: number }>(
    `SELECT sum(n)::int AS count FROM (${[...counts, 'SELECT count(*) FROM orgs WHERE id = $1'].join(' UNION ALL ')}) t`,
    [uuid(orgId)],
  );
  return rows[0]?.count ?? 0;
}

async function keysOfSealed(pool: Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ id: string; count: number }>(
    `SELECT convert_from(substring(sealed FROM 2 FOR get_byte(sealed, 0)), 'UTF8') AS id, count(*)::int AS count
     FROM (SELECT sealed FROM webhook_secrets UNION ALL SELECT sealed_headers FROM webhooks
           UNION ALL SELECT sealed_auth FROM webhooks) s WHERE sealed IS NOT NULL GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ id, count }) => [id, count]));
}

function uuid(orgId: string): string | null {
  return parseId('org', orgId);
}
