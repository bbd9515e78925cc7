import { HooklaneConnectionError, HooklaneError } from '@hooklane/client';
import { migrate } from '@hooklane/postgres';
import { startPrivatePostgres } from '@hooklane/standalone';
import { Client, Pool } from 'pg';
import { expect, inject, it } from 'vitest';
import type { TcpProxy } from '../chaos/tcp-proxy.ts';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';
import { createTestDatabase } from '../support/database.ts';
import { startDelivering } from '../support/delivering-fleet.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { gate } from '../support/gate.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { seedDue } from '../support/seed-due.ts';
import { until } from '../support/until.ts';

/** The design asks for five minutes: `OPEN_SECONDS=300` in the environment. */
const OPEN_MS = Number(process.env['OPEN_SECONDS'] ?? 0) * 1_000;

onBothQueues('one backend of Postgres is killed under load', (redisUrl) => {
  it('202 or 503 and nothing else, and what was acknowledged is delivered', async () => {
    const postgres = await startPrivatePostgres();
    await using _ended = { [Symbol.asyncDispose]: () => postgres.stop() };
    await migrate(postgres.url);
    await using fleet = await startDelivering({
      databaseUrl: postgres.url,
      redisUrl: redisUrl(),
      composition: 'test',
      without: ['reaper'],
      retries: 0,
      env: { HOOKLANE_CLAIM_GRACE: '500ms' },
    });
    using answers = new Answers(fleet);
    const producing = answers.produce(4);
    await until(() => answers.acknowledged.length > 100, { what: 'events to be acknowledged', timeoutMs: 60_000 });

    const pid = await backendOf(postgres.url, 'hooklane-api');
    process.kill(pid, 'SIGKILL');
    const killedAtMs = Date.now();
    await until(() => answers.refused.length > 0, { what: 'a refusal', timeoutMs: 30_000 });
    const before = answers.acknowledged.length;
    await until(() => answers.acknowledged.length > before + 100, {
      what: 'events to be acknowledged again',
      timeoutMs: 30_000,
    });
    expect(Date.now() - killedAtMs).toBeLessThan(10_000);
    answers.stop();
    await producing;

    await fleet.allArrived(answers.acknowledged);
    expect([...new Set(answers.refused)]).toEqual([503]);
  });
});

it('the line to Postgres is slow: answers are late or 503, and every 202 is true', async () => {
  await using database = await createTestDatabase();
  const proxy = await startTcpProxy(() => Number(new URL(inject('postgresUrl')).port));
  await using fleet = await startApi(database.url, proxy);
  proxy.change({ kind: 'latency', ms: 1_000 });

  const startedMs = performance.now();
  using answers = new Answers(fleet);
  await answers.produce(20, 3);

  expect(performance.now() - startedMs).toBeLessThan(60_000);
  expect(answers.refused.filter((status) => status !== 503)).toEqual([]);
  expect(answers.acknowledged.length + answers.refused.length).toBe(60);
  expect(await countEvents(database.url)).toBeGreaterThanOrEqual(answers.acknowledged.length);
  await proxy.close();
});

it('the connection breaks after the commit, before its answer: asking again with the same key makes no second event', async () => {
  await using database = await createTestDatabase();
  const proxy = await startTcpProxy(() => Number(new URL(inject('postgresUrl')).port));
  await using fleet = await startApi(database.url, proxy);
  const event = { id: 'order-1', type: 'a.b', payload: 1 };
  await fleet.org.events.publish({ type: 'warm.up', payload: 0 });

  // Each connection breaks with the first answer that comes back over it.
  proxy.change({ kind: 'cut', bytes: () => 1 });
  const cut = await fleet.org.events.publish(event).catch((error: unknown) => error);
  expect(cut).toMatchObject({ status: 503 });
  expect(await countEvents(database.url)).toBe(2);
  proxy.change({ kind: 'fair' });
  const again = await until(() => fleet.org.events.publish(event).catch(() => null), { what: 'an answer' });

  expect(await countEvents(database.url)).toBe(2);
  expect(await fleet.org.events.publish(event)).toEqual(again);
  await proxy.close();
});

onBothQueues('the connection of a worker breaks after the commit of a result, before its answer', (redisUrl) => {
  it('the attempt is logged once, its retry comes, and the worker knows what it wrote', async () => {
    await using database = await createTestDatabase();
    const proxy = await startTcpProxy(() => Number(new URL(inject('postgresUrl')).port));
    const refuse = gate();
    await using fleet = await startDelivering({
      databaseUrl: database.url,
      redisUrl: redisUrl(),
      composition: 'test',
      without: ['reaper'],
      envOf: { worker: { DATABASE_URL: through(proxy, database.url) } },
      async answer(_, index) {
        if (index === 0) await refuse.opened;
        return { status: index === 0 ? 500 : 200 };
      },
      webhook: { timeout_ms: 20_000, failure_policy: { retry: { kind: 'list', delays_ms: [1_000] } } },
    });
    await fleet.publish(1);
    await fleet.receiver.waitFor(1);

    // Each connection breaks with the first answer that comes back over it: what was asked for is done by then.
    proxy.change({ kind: 'cut', bytes: () => 1 });
    refuse.open();
    const logged = () => fleet.rows<{ outcome: string }>('SELECT outcome FROM attempts');
    await until(async () => (await logged()).length === 1, { what: 'the attempt to be written' });
    const kept = () => fleet.worker.lines.some((line) => line.includes('results.kept'));
    await until(kept, { what: 'the worker not to know it' });
    proxy.change({ kind: 'fair' });

    await fleet.receiver.waitFor(2, 20_000);
    await fleet.nothingDue();
    expect((await logged()).map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'rejected']);
    expect(fleet.receiver.requests).toHaveLength(2);
    expect(fleet.worker.lines.filter((line) => /attempt\.fault|"recorded":false/.test(line))).toEqual([]);
    await proxy.close();
  });
});

onBothQueues('a transaction stays open all the time', (redisUrl) => {
  it(
    'what is due is delivered all the same, at the end as fast as at the beginning',
    async () => {
      await using fleet = await startDelivering({ redisUrl: redisUrl(), composition: 'test', without: ['reaper'] });
      const forgotten = new Client({ connectionString: fleet.databaseUrl });
      forgotten.on('error', () => {});
      await forgotten.connect();
      await forgotten.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await forgotten.query('SELECT count(*) FROM delivery_due');

      const pool = new Pool({ connectionString: fleet.databaseUrl, max: 1 });
      const tookMs: number[] = [];
      const openSince = performance.now();
      while (tookMs.length < 3 || performance.now() - openSince < OPEN_MS) {
        const startedMs = performance.now();
        await seedDue(pool, { webhookId: fleet.webhookId, count: 2_000 });
        await fleet.nothingDue();
        tookMs.push(performance.now() - startedMs);
      }

      expect(fleet.receiver.requests).toHaveLength(tookMs.length * 2_000);
      // Each round leaves 2,000 dead rows that no vacuum may remove before the transaction ends.
      expect(tookMs.at(-1)).toBeLessThan((tookMs[0] ?? 0) * 3 + 2_000);
      const { rowCount } = await forgotten.query('SELECT FROM delivery_due');
      expect(rowCount).toBe(0);
      await forgotten.query('COMMIT');
      await forgotten.end();
      await pool.end();
    },
    OPEN_MS + 180_000,
  );
});

/** What producers were told. */
class Answers implements Disposable {
  readonly acknowledged: string[] = [];
  /** Statuses; 0 where there was no answer. */
  readonly refused: number[] = [];
  readonly #fleet: Fleet;
  #stopped = false;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  async produce(lanes: number, each = Number.POSITIVE_INFINITY): Promise<void> {
    const producing = Array.from({ length: lanes }, async () => {
      for (let n = 0; n < each && !this.#stopped; n++) await this.#publish(n);
    });
    await Promise.all(producing);
  }

  /** Also when a test fails: with no API they would ask for ever, and never let go of the event loop. */
  [Symbol.dispose](): void {
    this.stop();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #publish(n: number): Promise<void> {
    try {
      this.acknowledged.push((await this.#fleet.org.events.publish({ type: 'a.b', payload: n })).id);
    } catch (error) {
      if (error instanceof HooklaneError) this.refused.push(error.status);
      else if (error instanceof HooklaneConnectionError) this.refused.push(0);
      else throw error;
    }
  }
}

function startApi(databaseUrl: string, { port }: TcpProxy): Promise<Fleet> {
  return startFleet({
    databaseUrl: through({ port }, databaseUrl),
    composition: 'test',
    without: ['worker', 'reaper'],
    retries: 0,
  });
}

function through({ port }: Pick<TcpProxy, 'port'>, databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.port = String(port);
  return url.href;
}

async function backendOf(url: string, name: string): Promise<number> {
  const rows = await read<{ pid: number }>(
    url,
    `SELECT pid FROM pg_stat_activity WHERE application_name = '${name}' LIMIT 1`,
  );
  return rows[0]?.pid ?? -1;
}

async function countEvents(url: string): Promise<number> {
  const rows = await read<{ count: number }>(url, 'SELECT count(*)::int AS count FROM events');
  return rows[0]?.count ?? 0;
}

async function read<T>(url: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}
