import type { Client, OrgClient } from '@hooklane/client';
import { expect, it } from 'vitest';
import type { House } from '../support/house.ts';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

onBothQueues('paused deliveries', (open) => {
  it.each(['webhook', 'org'] as const)(
    'of one %s wait, retries too, while others are sent; then all go on',
    async (scope) => {
      await using house = await open();
      await using receiver = await startReceiver(() => ({ status: 500 }));
      await using bystander = await startReceiver();
      const { id } = await house.webhook(receiver, SLOWLY);
      const other = await house.newOrg();
      await other.webhooks.create({ url: bystander.url, events: ['*'], ping: false });
      await publish(house.org, 0);
      await receiver.waitFor(1);

      const turn = (way: 'pause' | 'resume') =>
        scope === 'webhook' ? house.org.webhooks[way](id) : house.operator.orgs[way](house.org.slug);
      expect((await turn('pause')).paused).toMatchObject({ scope });
      expect((await house.org.webhooks.get(id)).paused).toMatchObject({ scope });
      for (let n = 1; n <= 5; n++) await publish(house.org, n);
      await house.org.webhooks.retryNow(id);
      // What is published after them, elsewhere, arrives again and again: they would have long been sent.
      for (let n = 0; n < 5; n++) {
        await publish(other, n);
        await bystander.waitFor(n + 1);
      }
      expect(receiver.requests).toHaveLength(1);
      const pending = await house.org.deliveries.list({ state: 'pending' });
      expect(pending.data.map(({ attempts }) => attempts).toSorted()).toEqual([0, 0, 0, 0, 0, 0]);
      expect((await house.org.webhooks.attempts(id)).data).toHaveLength(1);
      expect(await house.org.webhooks.get(id)).toMatchObject({ active: true, suspended: null });

      receiver.answer(() => ({ status: 200 }));
      expect((await turn('resume')).paused).toBeNull();
      const sent = await receiver.waitFor(7);
      expect(sent.slice(1).map(numberOf).toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
      await until(async () => (await house.org.deliveries.list({ state: 'delivered' })).data.length === 6, {
        what: 'all to be delivered',
      });
    },
  );

  it('of everybody wait on every worker, and nothing is begun before they are resumed', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    await house.webhook(receiver);
    await publish(house.org, 0);
    await receiver.waitFor(1);

    expect((await house.operator.admin.pause()).counts.all).toBe(1);
    for (let n = 1; n <= 30; n++) await publish(house.org, n);
    await house.worker.stop();
    await house.worker.start();
    await publish(house.org, 31);
    expect(await house.operator.admin.queues()).toMatchObject({ pending: { in_flight: 0 } });
    expect(receiver.requests).toHaveLength(1);

    expect((await house.operator.admin.resume()).counts.all).toBe(0);
    await receiver.waitFor(32);
    const [resumed] = (await house.operator.admin.audit({ action: 'deliveries.resumed' })).data;
    expect(await firstBegun(house, 1)).toBeGreaterThanOrEqual(Date.parse(resumed?.at ?? ''));
    await until(async () => (await house.org.deliveries.list({ state: 'pending' })).data.length === 0, {
      what: 'nothing to be pending',
    });
    expect(receiver.requests).toHaveLength(32);
  });
});

/** No retry comes by itself while a test lasts. */
const SLOWLY = { failure_policy: { retry: { kind: 'linear', interval_ms: 600_000, max_attempts: 3 } } } as const;

function publish(org: OrgClient | (Client & OrgClient), n: number) {
  return org.events.publish({ type: 'a.b', payload: { n } });
}

function numberOf({ body }: { body: Buffer }): number {
  return JSON.parse(body.toString()).n;
}

/** When the attempt after the first `skipped` began, on the clock of the database. */
async function firstBegun({ pool }: House, skipped: number): Promise<number> {
  await until(async () => (await pool.query('SELECT FROM attempts')).rowCount === 32, { what: 'all to be recorded' });
  const { rows } = await pool.query<{ started_at: Date }>(
    'SELECT started_at FROM attempts ORDER BY started_at OFFSET $1 LIMIT 1',
    [skipped],
  );
  return rows[0]?.started_at.getTime() ?? 0;
}
