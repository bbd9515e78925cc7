import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { freePort } from '@hooklane/standalone';
import { expect, it } from 'vitest';
import type { House } from '../support/house.ts';
import { onBothQueues } from '../support/house.ts';
import { until } from '../support/until.ts';

const HOSTS = 6;
const SUSPENDS_SOON = {
  failure_policy: {
    retry: { kind: 'linear', interval_ms: 1_000, max_attempts: 30 },
    suspend: { after_failures: 2, after_ms: 0 },
  },
} as const;

onBothQueues('when many hosts fail at once', (open) => {
  it('nobody is suspended until they work again, and then who fails by himself is', async () => {
    await using house = await open({ HOOKLANE_FREEZE_HOSTS: String(HOSTS) });
    const port = await freePort();
    await webhooksAt(house, port);
    await house.org.events.publish({ type: 'a.b', payload: 1 });
    await until(async () => (await failures(house)).every((count) => count >= 3), { what: 'each to fail three times' });
    expect(await suspended(house)).toBe(0);

    const server = await listen(port);
    await until(async () => (await house.org.deliveries.list({ state: 'delivered' })).data.length === HOSTS, {
      what: 'all to be delivered after all',
    });
    await house.webhook({ url: `http://127.0.2.1:${await freePort()}/` }, SUSPENDS_SOON);
    await house.org.events.publish({ type: 'a.b', payload: 2 });
    await until(async () => (await suspended(house)) === 1, { what: 'the one that fails to be suspended' });
    server.close();
  });

  it('a worker that starts does not take for struck who was broken long before', async () => {
    await using house = await open({ HOOKLANE_FREEZE_HOSTS: String(HOSTS) });
    await failTwiceEach(house);
    await restartedAfter(house, (n) => n * 20 * MINUTE_MS);
    await until(async () => (await suspended(house)) === HOSTS, { what: 'all to be suspended' });
  });

  it('a worker that starts goes on with the freeze that it finds', async () => {
    await using house = await open({ HOOKLANE_FREEZE_HOSTS: String(HOSTS) });
    await failTwiceEach(house);
    const before = Math.max(...(await failures(house)));
    await restartedAfter(house, () => 20 * MINUTE_MS);
    await until(async () => Math.min(...(await failures(house))) >= before + 2, { what: 'two more failures of each' });
    expect(await suspended(house)).toBe(0);
  });

  it('and that is no reason by the settings, they are suspended', async () => {
    await using house = await open({ HOOKLANE_FREEZE_HOSTS: String(HOSTS + 1) });
    await webhooksAt(house, await freePort());
    await house.org.events.publish({ type: 'a.b', payload: 1 });
    await until(async () => (await suspended(house)) === HOSTS, { what: 'all to be suspended' });
  });
});

const MINUTE_MS = 60_000;

async function failTwiceEach(house: House): Promise<void> {
  await webhooksAt(house, await freePort());
  await house.org.events.publish({ type: 'a.b', payload: 1 });
  await until(async () => (await failures(house)).every((count) => count >= 2), { what: 'each to fail twice' });
}

/** The webhooks have then been failing for so much longer, one by one. */
async function restartedAfter({ worker, pool }: House, ageMsOf: (n: number) => number): Promise<void> {
  await worker.stop();
  const { rows } = await pool.query<{ id: string }>('SELECT webhook_id AS id FROM webhook_health ORDER BY 1');
  const age = `first_failure_at = first_failure_at - $2 * interval '1 ms'`;
  for (const [n, { id }] of rows.entries()) {
    await pool.query(`UPDATE webhook_health SET ${age} WHERE webhook_id = $1`, [id, ageMsOf(n + 1)]);
  }
  await worker.start();
}

/** Nobody listens there. */
async function webhooksAt(house: House, port: number): Promise<void> {
  for (let n = 1; n <= HOSTS; n++) await house.webhook({ url: `http://127.0.1.${n}:${port}/` }, SUSPENDS_SOON);
}

async function failures({ pool }: House): Promise<number[]> {
  const { rows } = await pool.query<{ failures: number }>('SELECT failures FROM webhook_health');
  return rows.length < HOSTS ? [0] : rows.map((row) => row.failures);
}

async function suspended({ org }: House): Promise<number> {
  return (await org.webhooks.list({ suspended: true })).data.length;
}

/** On all addresses. */
function listen(port: number): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(204).end();
  });
  return new Promise((resolve) => server.listen(port, '0.0.0.0', () => resolve(server)));
}
