// Work on many deliveries goes on whoever dies: workers and the API are killed again and again, one worker stands still.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '@hooklane/client';
import { HooklaneError } from '@hooklane/client';
import type { Pool } from 'pg';
import { expect, it } from 'vitest';
import type { ReceivingFleet } from '../support/delivering-fleet.ts';
import { startReceiving } from '../support/delivering-fleet.ts';
import type { Fleet, FleetProcess } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { seedDue } from '../support/seed-due.ts';
import { tell } from '../support/tell.ts';
import { until } from '../support/until.ts';

/** Deliveries of each of the webhooks that an operation is on. */
const EACH = 300;
const REDELIVERED = 40;
/** Evenly, so that every operation is under way when somebody dies. */
const PER_SECOND = 60;
const SLOTS = 20;
const LEAST_FAULTS = 8;
const PAUSE_MS = 250;
/** Longer than a claim (1.5 s), and than a transaction may stand idle (2 s). */
const STANDS_STILL_MS = 2_600;
const LONG_AGO = '2020-01-01T00:00:00Z';

/** What a webhook is there for; also its path at the receiver. */
const ROLES = ['resent', 'hastened', 'cancelled', 'redelivered', 'replayed'] as const;
type Role = (typeof ROLES)[number];
/** Refuse everything until they are mended. */
const BROKEN: readonly Role[] = ['resent', 'hastened', 'cancelled'];
/** Of one attempt, and of one that has a second one far away. */
const ONCE = { retry: { kind: 'none' }, suspend: null } as const;
const LATER = { retry: { kind: 'list', delays_ms: [3_600_000] }, suspend: null } as const;

onBothQueues('while workers and the API are killed and stand still', (redisUrl) => {
  it('operations end, touch each delivery once, lose none and repeat no more than was under way', async () => {
    await using stage = await openStage(redisUrl());
    const { receiver, pool, webhooks } = stage;
    await Promise.all(ROLES.filter((role) => role !== 'replayed').map((role) => seed(stage, role)));
    const isReady = async () => (await due(pool, 'due_at <= now()')) === 0;
    await until(isReady, { what: 'first attempts', timeoutMs: 60_000 });
    const stored = 3 * EACH + REDELIVERED;
    expect(receiver.requests).toHaveLength(stored);
    await addWebhook(stage, 'replayed');
    receiver.answer(() => ({}));

    const of = (role: Role) => webhooks.get(role) ?? '';
    const operations = await Promise.all([
      stage.org.diverted.resendAll(of('resent'), {}, { perSecond: PER_SECOND }),
      stage.org.webhooks.retryNow(of('hastened')),
      stage.org.webhooks.replay(of('replayed'), { since: LONG_AGO, new_ids: true, per_second: 3 * PER_SECOND }),
    ]);
    const cancelling = await stage.org.webhooks.cancelPending(of('cancelled'));
    const redelivering = redeliverAll(stage);
    const workerFaults = await disturb(stage, async () => {
      const states = await pool.query(`SELECT FROM operations WHERE state = 'running'`);
      return states.rowCount === 0;
    });
    await redelivering;
    await stage.nothingDue();

    const ended = await Promise.all([...operations, cancelling].map(({ id }) => stage.org.operations.get(id)));
    expect(ended.map(({ state, moved }: Operation) => [state, moved])).toEqual([
      ['done', EACH],
      ['done', EACH],
      ['done', stored],
      ['done', EACH],
    ]);
    expect(await statesOf(pool)).toEqual({
      resent: { delivered: EACH },
      hastened: { delivered: EACH },
      cancelled: { discarded: EACH },
      redelivered: { delivered: REDELIVERED },
      replayed: { delivered: stored },
    });
    expect((await pool.query('SELECT FROM diverted_events')).rowCount).toBe(0);
    expect(requestsTo(stage, 'cancelled')).toHaveLength(EACH);
    expect(new Set(requestsTo(stage, 'replayed')).size).toBe(stored);
    const { rows } = await pool.query<{ logged: number; accepted: number }>(LOGGED);
    // Whatever was on the wire when somebody died is on nobody's record; all else is, once.
    const repeated = receiver.requests.length - (rows[0]?.logged ?? 0);
    tell(
      `${workerFaults} times a worker was killed or stood still under operations: ${repeated} requests more than attempts`,
    );
    expect(repeated).toBeGreaterThanOrEqual(0);
    expect(repeated).toBeLessThanOrEqual(workerFaults * SLOTS);
    // Each is accepted once in its round; what was redelivered in two.
    expect(rows[0]?.accepted).toBe(2 * EACH + stored + 2 * REDELIVERED);
  }, 180_000);
});

interface Stage extends ReceivingFleet {
  readonly other: FleetProcess;
  readonly webhooks: Map<Role, string>;
}

async function openStage(redisUrl: string | undefined): Promise<Stage> {
  const fleet = await startReceiving({
    redisUrl,
    composition: 'test',
    without: ['reaper'],
    env: {
      HOOKLANE_CLAIM_GRACE: '500ms',
      HOOKLANE_ENQUEUED_GRACE: '1s',
      HOOKLANE_WORKER_SLOTS: String(SLOTS),
      HOOKLANE_LANE: String(SLOTS),
    },
    answer: ({ path }) => ({ status: BROKEN.some((role) => path === `/${role}`) ? 500 : 200 }),
  });
  const stage = { ...fleet, other: fleet.another('worker'), webhooks: new Map<Role, string>() };
  await stage.other.start();
  for (const role of ROLES) if (role !== 'replayed') await addWebhook(stage, role);
  return stage;
}

async function addWebhook({ org, receiver, webhooks }: Stage, role: Role): Promise<void> {
  const { id } = await org.webhooks.create({
    url: `${receiver.url}/${role}`,
    name: role,
    events: ['*'],
    ping: false,
    timeout_ms: 1_000,
    failure_policy: role === 'hastened' || role === 'cancelled' ? LATER : ONCE,
  });
  webhooks.set(role, id);
}

async function seed({ pool, webhooks }: Stage, role: Role): Promise<void> {
  await seedDue(pool, { webhookId: webhooks.get(role) ?? '', count: role === 'redelivered' ? REDELIVERED : EACH });
}

/** One after the other. Where the answer was lost it is asked for again, and is refused if it is under way. */
async function redeliverAll({ org, webhooks }: Stage): Promise<void> {
  const { data } = await org.webhooks.deliveries(webhooks.get('redelivered') ?? '', { limit: REDELIVERED });
  for (const { id } of data) {
    await until(() => isRedelivered(org, id), { what: 'a redelivery', timeoutMs: 30_000 });
  }
}

async function isRedelivered({ deliveries }: Fleet['org'], id: string): Promise<boolean> {
  try {
    const before = await deliveries.get(id);
    if (before.attempts > 1 || before.state === 'pending') return true;
    await deliveries.redeliver(id);
    return true;
  } catch (error) {
    if (error instanceof HooklaneError && error.status < 500) throw error;
    return false;
  }
}

/** Until `isOver`, and a least number of times. Returns how many times a worker may have lost what it had in hand. */
async function disturb({ api, worker, other }: Stage, isOver: () => Promise<boolean>): Promise<number> {
  let workerFaults = 0;
  const kill = async (one: FleetProcess) => {
    await one.kill('SIGKILL');
    await one.start();
  };
  const standStill = async (one: FleetProcess) => {
    one.signal('SIGSTOP');
    await sleep(STANDS_STILL_MS);
    one.signal('SIGCONT');
  };
  const faults = [
    () => kill(worker),
    () => kill(api),
    () => standStill(other),
    () => kill(other),
    () => kill(api),
    () => standStill(worker),
  ];
  for (let n = 0; n < LEAST_FAULTS || !(await isOver()); n++) {
    await sleep(PAUSE_MS);
    await faults[n % faults.length]?.();
    if (n % 3 !== 1) workerFaults++;
    if (n > 60) throw new Error('operations do not end');
  }
  return workerFaults;
}

async function due(pool: Pool, where: string): Promise<number | null> {
  return (await pool.query(`SELECT FROM delivery_due WHERE ${where}`)).rowCount;
}

async function statesOf(pool: Pool): Promise<Record<string, Record<string, number>>> {
  const { rows } = await pool.query<{ name: string; state: string; count: number }>(
    'SELECT w.name, d.state, count(*)::int AS count FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id GROUP BY 1, 2',
  );
  const states: Record<string, Record<string, number>> = {};
  for (const { name, state, count } of rows) states[name] = { ...states[name], [state]: count };
  return states;
}

function requestsTo({ receiver }: Stage, role: Role): string[] {
  return receiver.requests
    .filter(({ path }) => path === `/${role}`)
    .map(({ headers }) => String(headers['webhook-id']));
}

const LOGGED = `SELECT count(*)::int AS logged, count(*) FILTER (WHERE outcome = 'accepted')::int AS accepted FROM attempts`;
