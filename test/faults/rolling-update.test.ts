// A new version is rolled out: for a while its processes run beside those of the version before. With `OLD_VERSION=<folder>` the old one is
// what was built in that checkout and the new one this; else the old one is this, and the new one that of test/composition/next-version.ts.
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { EXPANSION } from '../composition/next-version.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTestDatabase } from '../support/database.ts';
import type { DeliveringFleet } from '../support/delivering-fleet.ts';
import { startDelivering } from '../support/delivering-fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const IS_OLD_REAL = process.env['OLD_VERSION'] !== undefined;
const [OLD, NEW] = ['old', IS_OLD_REAL ? 'production' : 'next'] as const;

/** Nobody but the queue brings what is published: the relay trusts it for ten minutes. */
const BY_QUEUE = { HOOKLANE_ENQUEUED_GRACE: '10m' };

onBothQueues('two versions run side by side, on a database that the new one has migrated', (redisUrl) => {
  it.each([
    { name: 'a new API beside an old worker', replaced: 'api', table: 'events' },
    { name: 'a new worker beside an old API', replaced: 'worker', table: 'attempts' },
  ] as const)('$name: what is accepted is delivered once, and can be looked up', async ({ replaced, table }) => {
    await using database = await migratedDatabase();
    const settings = { databaseUrl: database.url, redisUrl: redisUrl(), composition: OLD, env: BY_QUEUE };
    await using fleet = await startDelivering(settings);
    await publishAndReceive(fleet, 20);
    await replaceByNew(fleet, replaced);
    await publishAndReceive(fleet, 20);

    await fleet.nothingDue();
    expect(fleet.arrived()).toHaveLength(40);
    await isTold(fleet, 40);
    // That it was the new one which did it, and the old one which did not.
    if (!IS_OLD_REAL) {
      const told = await fleet.rows(`SELECT told_by, count(*)::int AS count FROM ${table} GROUP BY 1 ORDER BY 1`);
      expect(told).toEqual([
        { told_by: 'next', count: 20 },
        { told_by: null, count: 20 },
      ]);
    }
  });

  it.skipIf(IS_OLD_REAL)(
    'what only the new version can encode waits for its workers, and nothing waits for that',
    async () => {
      await using database = await migratedDatabase();
      await using fleet = await startDelivering({ databaseUrl: database.url, redisUrl: redisUrl(), composition: OLD });
      await replaceByNew(fleet, 'api');
      await using newcomer = await startReceiver();
      await fleet.org.webhooks.create({ url: newcomer.url, events: ['*'], ping: false, timeout_ms: 1_000 });

      await publishAndReceive(fleet, 20);
      const isSaid = () => fleet.worker.lines.some((line) => line.includes('webhook.unopened'));
      await until(isSaid, { what: 'the old worker to say that it does not know the encoding' });
      expect(newcomer.requests).toEqual([]);

      await replaceByNew(fleet, 'worker');
      await newcomer.waitFor(20, 60_000);
      await fleet.nothingDue();
      expect([fleet.arrived().length, newcomer.requests.length]).toEqual([20, 20]);
    },
  );
});

async function migratedDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  const pool = new Pool({ connectionString: database.url, max: 1 });
  for (const statement of IS_OLD_REAL ? [] : EXPANSION) await pool.query(statement);
  await pool.end();
  return database;
}

/** One after the other: a batch would be of one fate. */
async function publishAndReceive(fleet: DeliveringFleet, count: number): Promise<void> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await fleet.publish(n)).id);
  await fleet.allArrived(ids);
}

/** At the same address: the API's clients notice nothing. */
async function replaceByNew(fleet: DeliveringFleet, name: 'api' | 'worker'): Promise<void> {
  expect(await fleet[name].kill('SIGTERM')).toBe(0);
  await fleet.another(name, {}, NEW).start();
}

async function isTold({ org, webhookId }: DeliveringFleet, attempts: number): Promise<void> {
  const { data } = await org.webhooks.attempts(webhookId, { limit: 100 });
  expect(data.map(({ outcome }) => outcome)).toEqual(Array(attempts).fill('accepted'));
  expect((await org.webhooks.get(webhookId)).events).toEqual(['*']);
}
