import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const SUSPENDS_AT_ONCE = {
  failure_policy: { retry: { kind: 'none' }, suspend: { after_failures: 3, after_ms: 0 } },
} as const;

onBothQueues('a webhook that keeps failing', (open) => {
  it('is suspended, its events are diverted, and after unsuspend all are sent again, oldest first', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));
    const { id } = await house.webhook(receiver, SUSPENDS_AT_ONCE);
    const publish = (n: number) => house.org.events.publish({ type: 'a.b', payload: { n } });

    for (let n = 0; n < 3; n++) await publish(n);
    await until(async () => (await house.org.webhooks.get(id)).suspended, { what: 'the suspension' });
    const before = receiver.requests.length;
    const later = [];
    for (let n = 3; n < 8; n++) later.push(await publish(n));
    await until(async () => (await house.org.diverted.list(id)).data.length === 8, { what: 'all to be diverted' });
    expect(receiver.requests).toHaveLength(before);
    const suspended = await house.org.diverted.get(id, later[0]?.id ?? '');
    expect(suspended).toMatchObject({ reason: 'suspended', attempts: 0, payload: { n: 3 } });
    await expect(house.org.diverted.resendAll(id)).rejects.toMatchObject({ code: 'webhook_not_active' });

    receiver.answer(() => ({ status: 200 }));
    expect((await house.org.webhooks.unsuspend(id)).suspended).toBeNull();
    const operation = await house.org.diverted.resendAll(id);

    await until(async () => (await house.org.operations.get(operation.id)).state === 'done', { what: 'the resending' });
    const resent = (await receiver.waitFor(before + 8)).slice(before);
    expect(resent.map(({ body }) => JSON.parse(body.toString()).n).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await house.org.operations.get(operation.id)).toMatchObject({ total: 8, moved: 8 });
    expect((await house.org.diverted.list(id)).data).toEqual([]);
  });

  it('keeps the diverted event when sending it again fails again', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));
    const { id } = await house.webhook(receiver, { failure_policy: { retry: { kind: 'none' } } });
    const event = await house.org.events.publish({ type: 'a.b', payload: 1 });
    const diverted = () => house.org.diverted.list(id).then(({ data }) => data);
    await until(async () => (await diverted()).length === 1, { what: 'the event to be diverted' });

    const attempt = await house.org.diverted.resend(id, event.id, { wait: true });

    expect(attempt).toMatchObject({ number: 2, status: 500, origin: 'resend' });
    expect(await diverted()).toMatchObject([{ event_id: event.id, attempts: 2 }]);
    await house.org.diverted.delete(id, event.id);
    expect(await diverted()).toEqual([]);
    await expect(house.org.diverted.resend(id, event.id)).rejects.toMatchObject({ status: 404 });
    const { deliveries } = await house.org.events.get(event.id);
    expect(deliveries).toMatchObject([{ state: 'discarded', reason: 'divert_removed' }]);
  });

  it('goes on being resent after the worker restarted in the middle', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));
    const { id } = await house.webhook(receiver, { failure_policy: { retry: { kind: 'none' }, suspend: null } });
    await Promise.all(Array.from({ length: 60 }, (_, n) => house.org.events.publish({ type: 'a.b', payload: n })));
    await until(async () => (await house.org.diverted.list(id, { limit: 100 })).data.length === 60, {
      what: '60 diverted',
    });
    receiver.answer(() => ({ status: 200 }));
    const seen = receiver.requests.length;

    const operation = await house.org.diverted.resendAll(id, {}, { perSecond: 40 });
    await receiver.waitFor(seen + 10);
    await house.worker.stop();
    const moved = (await house.org.operations.get(operation.id)).moved;
    expect(moved).toBeLessThan(60);
    await house.worker.start();

    await receiver.waitFor(seen + 60, 20_000);
    await until(async () => (await house.org.operations.get(operation.id)).state === 'done', { what: 'the end of it' });
  });

  it('can be replayed across orgs by the operator, and by filter', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));
    const other = await house.newOrg();
    const broken = {
      url: receiver.url,
      events: ['*'],
      ping: false,
      failure_policy: { retry: { kind: 'none' } },
    } as const;
    await house.org.webhooks.create(broken);
    await other.webhooks.create(broken);
    for (const org of [house.org, other]) {
      await org.events.publish({ type: 'a.first', payload: 1 });
      await org.events.publish({ type: 'a.second', payload: 2 });
    }
    await until(async () => (await countDiverted(house)) === 4, { what: 'all four to be diverted' });
    receiver.answer(() => ({ status: 200 }));

    const operation = await house.operator.admin.replayDiverted({ event_types: ['a.second'] });

    await until(async () => (await countDiverted(house)) === 2, { what: 'two to be sent again' });
    expect(operation.total).toBe(2);
  });
});

async function countDiverted(house: {
  pool: { query(sql: string): Promise<{ rows: { count: number }[] }> };
}): Promise<number> {
  const { rows } = await house.pool.query('SELECT count(*)::int AS count FROM diverted_events');
  return rows[0]?.count ?? 0;
}
