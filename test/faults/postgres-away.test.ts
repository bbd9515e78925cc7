// What becomes of attempts that are under way when Postgres goes away, and of producers meanwhile.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@hooklane/postgres';
import type { PrivatePostgres } from '@hooklane/standalone';
import { startPrivatePostgres } from '@hooklane/standalone';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';
import type { Fleet, FleetProcess } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { gate } from '../support/gate.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { seedDue } from '../support/seed-due.ts';
import { tell } from '../support/tell.ts';
import { until } from '../support/until.ts';
import type { Flag } from '../support/until-disposed.ts';
import { untilDisposed } from '../support/until-disposed.ts';

const IN_FLIGHT = 100;
/** In full with `OUTAGE_SECONDS=20`. */
const OUTAGE_MS = Number(process.env['OUTAGE_SECONDS'] ?? 6) * 1_000;
const PRODUCERS = 100;
const MEGABYTE = 1024 * 1024;

onBothQueues('Postgres is killed while attempts are in flight', (redisUrl) => {
  it('their results are kept, and written before anything is begun: each is delivered by one request, also when claims lapsed', async () => {
    await using stage = await openStage(redisUrl(), { HOOKLANE_CLAIM_GRACE: '500ms' });
    const { fleet, receiver, pool } = stage;
    await holdInFlight(stage);
    const { rows } = await pool.query<{ ms: number }>(
      'SELECT (extract(epoch FROM max(claimed_until)) * 1000)::float8 AS ms FROM delivery_due',
    );

    await stage.postgres.kill();
    stage.answerAll();
    await until(() => fleet.worker.lines.some((line) => line.includes('results.kept')), {
      what: 'results to be kept',
      timeoutMs: 30_000,
    });
    await until(() => Date.now() > (rows[0]?.ms ?? 0), { what: 'the claims to lapse', timeoutMs: 15_000 });
    await stage.restart();

    await until(async () => (await stage.count(`state = 'delivered'`)) === IN_FLIGHT, {
      what: 'all to be recorded',
      timeoutMs: 30_000,
    });
    expect(fleet.worker.lines.filter((line) => line.includes('attempt.fault'))).toEqual([]);
    // Whatever would be sent a second time would have been before this.
    const { id } = await until(() => publishOnce(stage), { what: 'an event to be accepted' });
    await receiver.waitFor(({ headers }) => headers['webhook-id'] === id);
    expect(receiver.requests).toHaveLength(IN_FLIGHT + 1);
    expect(await stage.count('attempts = 1')).toBeGreaterThanOrEqual(IN_FLIGHT);
  });

  it('a worker that is told to stop meanwhile ends within its bound, and what it had is made again', async () => {
    await using stage = await openStage(redisUrl(), { HOOKLANE_STOP_TIMEOUT: '2s', HOOKLANE_CLAIM_GRACE: '1s' });
    const { fleet, receiver } = stage;
    await holdInFlight(stage);
    await stage.postgres.kill();
    stage.answerAll();
    await until(() => fleet.worker.lines.some((line) => line.includes('results.kept')), {
      what: 'results to be kept',
      timeoutMs: 30_000,
    });

    const stoppedAtMs = performance.now();
    await fleet.worker.kill('SIGTERM');
    expect(performance.now() - stoppedAtMs).toBeLessThan(10_000);
    expect(fleet.worker.lines.some((line) => line.includes('results.given-up'))).toBe(true);

    await stage.restart();
    await fleet.worker.start();
    await until(async () => (await stage.count(`state = 'delivered'`)) === IN_FLIGHT, {
      what: 'all to be recorded',
      timeoutMs: 40_000,
    });
    expect(receiver.requests.length).toBeLessThanOrEqual(2 * IN_FLIGHT);
  });
});

onBothQueues('Postgres is away for some seconds', (redisUrl) => {
  it('producers are told 503 and when to ask again, never 202; within 5 s of its return events are accepted and delivered', async () => {
    await using stage = await openStage(redisUrl());
    const { receiver } = stage;
    await until(() => publishOnce(stage), { what: 'an event to be accepted' });
    await receiver.waitFor(1);
    await stage.postgres.kill();

    using away = untilDisposed();
    const answers = askUntil(stage, away);
    await sleep(OUTAGE_MS);
    away.end();
    for (const { status, headers } of await answers) {
      expect([status, Number(headers.get('retry-after'))]).toEqual([503, 1]);
    }

    await stage.restart();
    const backAtMs = performance.now();
    const { id } = await until(() => publishOnce(stage), { what: 'an event to be accepted' });
    const acceptedMs = performance.now() - backAtMs;
    await receiver.waitFor(({ headers }) => headers['webhook-id'] === id);
    const deliveredMs = performance.now() - backAtMs;
    tell(`Postgres back: first 202 after ${Math.round(acceptedMs)} ms, delivered after ${Math.round(deliveredMs)} ms`);
    expect(deliveredMs).toBeLessThan(5_000);
  });
});

onBothQueues('Postgres is away under load', (redisUrl) => {
  it.each([
    ['refuses connections', 'cut'],
    ['answers nothing any more', 'black-hole'],
  ] as const)('(%s) the memory of API and worker stays bounded, and both go on afterwards', async (_, how) => {
    await using stage = await openStage(redisUrl());
    const { fleet, receiver, proxy } = stage;
    await holdInFlight(stage);
    const before = { api: rssOf(fleet.api), worker: rssOf(fleet.worker) };

    proxy.change(how === 'cut' ? { kind: 'cut', bytes: () => 1 } : { kind: 'black-hole' });
    stage.answerAll();
    const most = { api: 0, worker: 0 };
    using away = untilDisposed();
    const payload = { padding: 'x'.repeat(250_000) };
    const load = Array.from({ length: PRODUCERS }, () => askUntil(stage, away, payload));
    const overAtMs = performance.now() + OUTAGE_MS;
    while (performance.now() < overAtMs) {
      most.api = Math.max(most.api, rssOf(fleet.api));
      most.worker = Math.max(most.worker, rssOf(fleet.worker));
      await sleep(100);
    }
    away.end();
    proxy.change({ kind: 'fair' });
    const asked = (await Promise.all(load)).flat();

    tell(
      `Postgres ${how} for ${OUTAGE_MS} ms, ${asked.length} events of 250 kB refused, ${IN_FLIGHT} results kept: ` +
        `API ${inMegabytes(before.api)} → ${inMegabytes(most.api)} MB, ` +
        `worker ${inMegabytes(before.worker)} → ${inMegabytes(most.worker)} MB`,
    );
    expect(asked.filter(({ status }) => status !== 503)).toEqual([]);
    expect(most.api - before.api).toBeLessThan(150 * MEGABYTE);
    expect(most.worker - before.worker).toBeLessThan(60 * MEGABYTE);
    const { id } = await until(() => publishOnce(stage), { what: 'an event to be accepted', timeoutMs: 20_000 });
    await receiver.waitFor(({ headers }) => headers['webhook-id'] === id, 20_000);
  });
});

interface Stage extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly receiver: Receiver;
  readonly postgres: PrivatePostgres;
  /** Between Postgres and the processes. */
  readonly proxy: Awaited<ReturnType<typeof startTcpProxy>>;
  readonly pool: Pool;
  readonly webhookId: string;
  /** The receiver answers nothing before this is called, and everything after. */
  answerAll(): void;
  restart(): Promise<void>;
  /** Deliveries. */
  count(where: string): Promise<number>;
}

async function openStage(redisUrl: string | undefined, env: Record<string, string> = {}): Promise<Stage> {
  const postgres = await startPrivatePostgres();
  await migrate(postgres.url);
  const proxy = await startTcpProxy(() => postgres.port);
  const url = new URL(postgres.url);
  url.port = String(proxy.port);
  const receiver = await startReceiver();
  const fleet = await startFleet({
    databaseUrl: url.href,
    redisUrl,
    without: ['reaper'],
    retries: 0,
    env: { HOOKLANE_LANE: String(IN_FLIGHT), ...env },
  });
  const pool = new Pool({ connectionString: postgres.url, max: 2 });
  pool.on('error', () => {});
  const { id } = await fleet.org.webhooks.create({
    url: receiver.url,
    events: ['*'],
    ping: false,
    timeout_ms: 8_000,
  });
  let current = postgres;
  const { open: answerAll, opened: answered } = gate();
  receiver.answer(async ({ body }) => {
    if (body.includes('seeded')) await answered;
    return {};
  });
  return {
    fleet,
    receiver,
    postgres,
    proxy,
    pool,
    webhookId: id,
    answerAll,
    async restart() {
      current = await startPrivatePostgres({ dataDir: postgres.dataDir, port: postgres.port });
    },
    async count(where) {
      const { rows } = await pool.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM deliveries WHERE ${where}`,
      );
      return rows[0]?.count ?? 0;
    },
    async [Symbol.asyncDispose]() {
      answerAll();
      await fleet[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
      await pool.end();
      await proxy.close();
      await current.stop();
      await postgres.stop();
    },
  };
}

async function holdInFlight({ pool, webhookId, receiver }: Stage): Promise<void> {
  await seedDue(pool, { webhookId, count: IN_FLIGHT });
  await receiver.waitFor(IN_FLIGHT, 20_000);
}

async function publishOnce({ fleet }: Stage): Promise<{ id: string } | null> {
  return fleet.org.events.publish({ type: 'a.b', payload: 1 }).catch(() => null);
}

/** Publishes again and again, one after the other. Returns what was answered before it was over. */
async function askUntil(
  { fleet }: Stage,
  away: Pick<Flag, 'isOver'>,
  payload: unknown = 1,
): Promise<{ status: number; headers: Headers }[]> {
  const answers: { status: number; headers: Headers }[] = [];
  while (!away.isOver) {
    const { status, headers } = await fleet.post('/events', { type: 'a.b', payload });
    if (away.isOver) break;
    answers.push({ status, headers });
    if (status === 503) await sleep(1_000);
  }
  return answers;
}

/** Resident, bytes. */
function rssOf({ pid }: FleetProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

function inMegabytes(bytes: number): number {
  return Math.round(bytes / MEGABYTE);
}
