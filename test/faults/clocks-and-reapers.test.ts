import { fileURLToPath, pathToFileURL } from 'node:url';
import { asId, parseId } from '@hooklane/domain';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import type { FleetProcess } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { seedAttempts } from '../support/seed-attempts.ts';
import { until } from '../support/until.ts';

const WEBHOOK = { events: ['*'], ping: false, timeout_ms: 1_000 };
const SHIFT = pathToFileURL(fileURLToPath(new URL('../chaos/shifted-clock.mjs', import.meta.url))).href;
const HOUR_MS = 3_600_000;

onBothQueues('the clock of a worker', (redisUrl) => {
  it.each([
    ['ahead', HOUR_MS],
    ['behind', -HOUR_MS],
  ])('is an hour %s: retries come when they are due', async (_direction, shiftMs) => {
    await using database = await createTestDatabase();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redisUrl(),
      composition: 'test',
      without: ['reaper'],
      envOf: { worker: { NODE_OPTIONS: `--import=${SHIFT}`, CHAOS_CLOCK_SHIFT_MS: String(shiftMs) } },
    });
    await using receiver = await startReceiver((__, index) => ({ status: index < 2 ? 500 : 200 }));
    await fleet.org.webhooks.create({
      url: receiver.url,
      ...WEBHOOK,
      failure_policy: { retry: { kind: 'list', delays_ms: [1_500, 1_500] } },
    });

    await fleet.org.events.publish({ type: 'a.b', payload: 1 });
    const requests = await receiver.waitFor(3, 30_000);

    // The shift shows where it must, and nowhere else: 20 % of jitter, and up to 5 s of lateness.
    expect(Math.abs(clockOf(fleet.worker) - Date.now())).toBeGreaterThan(HOUR_MS / 2);
    for (const { headers, receivedAt } of requests) {
      expect(Math.abs(Number(headers['webhook-timestamp']) * 1_000 - receivedAt)).toBeLessThan(5_000);
    }
    for (const n of [1, 2]) {
      const gapMs = (requests[n]?.receivedAt ?? 0) - (requests[n - 1]?.receivedAt ?? 0);
      expect(gapMs).toBeGreaterThan(1_500 * 0.8 - 260);
      expect(gapMs).toBeLessThan(1_500 * 1.2 + 5_000);
    }
  });
});

/** As the last line it wrote says, ms since 1970. */
function clockOf({ lines }: FleetProcess): number {
  return Date.parse(/"time":"([^"]+)"/.exec(lines.at(-1) ?? '')?.[1] ?? '');
}

it('two reapers at once leave exactly the newest 100 attempts of each webhook, also when one is killed', async () => {
  await using database = await createTestDatabase();
  await using fleet = await startFleet({
    databaseUrl: database.url,
    composition: 'test',
    without: ['worker', 'reaper'],
    env: { HOOKLANE_PRUNE_INTERVAL: '50ms' },
  });
  const pool = new Pool({ connectionString: database.url, max: 1 });
  const webhooks = await Promise.all(
    Array.from({ length: 20 }, () => fleet.org.webhooks.create({ url: 'http://127.0.0.1/', ...WEBHOOK })),
  );
  const org = await pool.query<{ id: string }>('SELECT org_id AS id FROM webhooks LIMIT 1');
  const newest: string[] = [];
  for (const { id } of webhooks) {
    const ids = await seedAttempts(
      { pool },
      { orgId: asId('org', org.rows[0]?.id ?? ''), webhookId: asId('wh', parseId('wh', id) ?? ''), count: 1_000 },
    );
    newest.push(...ids.slice(-100));
  }

  const [one, two] = [fleet.another('reaper'), fleet.another('reaper')];
  await Promise.all([one.start(), two.start()]);
  await one.kill('SIGKILL');
  const left = async () => (await pool.query<{ id: string }>('SELECT id FROM attempts ORDER BY id')).rows;
  await until(async () => (await left()).length <= 2_000, { what: 'the log to be short' });
  // Once more, so that nothing goes that must stay.
  const passes = two.lines.length;
  await until(() => two.lines.length > passes + 3, { what: 'more passes' });

  expect((await left()).map((row) => row.id)).toEqual(newest.sort());
  expect(two.lines.filter((line) => line.includes('turn failed'))).toEqual([]);
  await pool.end();
});
