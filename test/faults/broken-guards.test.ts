// Each guard is taken out once, to show that the promise falls with it; with the guard the same story ends well.
import { migrate } from '@hooklane/postgres';
import { startPrivatePostgres } from '@hooklane/standalone';
import { Client, Pool } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import type { Guard } from '../composition/broken-guards.ts';
import { createTestDatabase } from '../support/database.ts';
import type { FleetProcess } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { gate } from '../support/gate.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const WEBHOOK = { events: ['*'], ping: false, timeout_ms: 1_000 };
const QUICK = { HOOKLANE_CLAIM_GRACE: '500ms', HOOKLANE_ENQUEUED_GRACE: '500ms', HOOKLANE_RELAY_INTERVAL: '100ms' };
async function toldOfAnAttempt(worker: FleetProcess): Promise<void> {
  await until(() => worker.lines.some((line) => line.includes('delivery.attempted')), {
    what: 'the result of an attempt',
  });
}

const both = (guard: Guard) => [
  { how: 'holds', broken: {}, holds: true },
  { how: `is out (BREAK=${guard})`, broken: { BREAK: guard }, holds: false },
];
const onBothQueues = (guard: Guard) =>
  both(guard).flatMap((one) => [
    { ...one, how: `${one.how} (with Redis)`, redis: true },
    { ...one, how: `${one.how} (on Postgres alone)`, redis: false },
  ]);

describe.each(onBothQueues('fence'))('the fence $how', ({ broken, holds, redis }) => {
  it('a worker that stood still while its claim lapsed and another delivered', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redis ? inject('redisUrl') : undefined,
      composition: 'test',
      env: { ...QUICK, ...broken },
    });
    // The first request is refused, but so late that its worker has long been frozen. The second is accepted.
    const refuseFirst = gate();
    const acceptSecond = gate();
    await using receiver = await startReceiver(async (_, index) => {
      await (index === 0 ? refuseFirst : acceptSecond).opened;
      return { status: index === 0 ? 500 : 200 };
    });
    await fleet.org.webhooks.create({
      url: receiver.url,
      ...WEBHOOK,
      timeout_ms: 3_000,
      failure_policy: { retry: { kind: 'none' } },
    });
    const pool = new Pool({ connectionString: database.url, max: 1 });
    await fleet.org.events.publish({ type: 'a.b', payload: 1 });
    await receiver.waitFor(1);

    fleet.worker.signal('SIGSTOP');
    refuseFirst.open();
    const other = fleet.another('worker');
    await other.start();
    await receiver.waitFor(2, 15_000);
    // Now it finds the refusal in its socket, and takes itself for the one who knows.
    fleet.worker.signal('SIGCONT');
    await toldOfAnAttempt(fleet.worker);
    acceptSecond.open();
    await toldOfAnAttempt(other);

    const { rows } = await pool.query('SELECT state, attempts FROM deliveries');
    const logged = await pool.query("SELECT outcome = 'accepted' AS accepted FROM attempts");
    await pool.end();
    expect(receiver.requests).toHaveLength(2);
    // Without the fence: set aside as refused, although the receiver has accepted it.
    expect(rows).toEqual([{ state: holds ? 'delivered' : 'diverted', attempts: 1 }]);
    expect(logged.rows).toEqual([{ accepted: holds }]);
  });
});

/** As many as a webhook gets at once of which nothing is known. */
const HANGING = 2;

describe.each(both('relay'))('the relay $how', ({ broken, holds }) => {
  it('the only worker is killed in the middle of its attempts', async () => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: inject('redisUrl'),
      composition: 'test',
      env: { ...QUICK, ...broken },
    });
    await using receiver = await startReceiver((_, index) => ({ hang: index < HANGING }));
    await fleet.org.webhooks.create({ url: receiver.url, ...WEBHOOK });
    for (let n = 0; n < HANGING; n++) await fleet.org.events.publish({ type: 'a.b', payload: n });
    await receiver.waitFor(HANGING);

    await fleet.worker.kill('SIGKILL');
    await fleet.worker.start();
    const pool = new Pool({ connectionString: database.url, max: 1 });
    const due = async (since: string) => (await pool.query(`SELECT FROM delivery_due WHERE ${since}`)).rowCount;
    const rescued = async () => (await due('true')) === 0;
    const forgotten = async () => (await due(`claimed_until < now() - interval '4 s'`)) === HANGING;
    await until(async () => (await rescued()) || (await forgotten()), { what: 'an end', timeoutMs: 20_000 });

    expect(await rescued()).toBe(holds);
    expect(receiver.requests).toHaveLength(holds ? 2 * HANGING : HANGING);
    await pool.end();
  });
});

describe.each(onBothQueues('after-commit'))(
  'the rule that producers are answered after the commit $how',
  ({ broken, holds, redis }) => {
    it('Postgres is killed while they publish', async () => {
      const postgres = await startPrivatePostgres();
      await migrate(postgres.url);
      await using fleet = await startFleet({
        databaseUrl: postgres.url,
        redisUrl: redis ? inject('redisUrl') : undefined,
        composition: 'test',
        env: { ...QUICK, ...broken },
        retries: 0,
        without: ['worker', 'reaper'],
      });
      const acknowledged: string[] = [];
      let refused = 0;
      let stopped = false;
      const producers = Array.from({ length: 4 }, async (_, lane) => {
        for (let n = 0; !stopped; n++) {
          const id = `${lane}-${n}`;
          await fleet.org.events.publish({ id, type: 'a.b', payload: n }).then(
            () => acknowledged.push(id),
            () => refused++,
          );
        }
      });
      await until(() => acknowledged.length > 100, { what: 'events to be acknowledged' });

      await postgres.kill();
      const atTheKill = acknowledged.length;
      await until(() => refused >= 20 || acknowledged.length >= atTheKill + 20, {
        what: 'publishing without Postgres',
      });
      stopped = true;
      await Promise.all(producers);
      await fleet.api.kill('SIGKILL');
      const again = await startPrivatePostgres({ dataDir: postgres.dataDir, port: postgres.port });

      const client = new Client({ connectionString: again.url });
      client.on('error', () => {});
      await client.connect();
      const { rows } = await client.query<{ external_id: string }>('SELECT external_id FROM events');
      await client.end();
      await again.stop();
      await postgres.stop();
      const stored = new Set(rows.map((row) => row.external_id));
      const lost = acknowledged.filter((id) => !stored.has(id));
      expect(lost.length > 0).toBe(!holds);
    });
  },
);
