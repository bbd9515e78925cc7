import { expect, it } from 'vitest';
import type { House } from '../support/house.ts';
import { onBothQueues } from '../support/house.ts';
import type { ReceivedRequest } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const LONG_AGO = '2020-01-01T00:00:00Z';

onBothQueues('a replay', (open) => {
  it('sends a new webhook what was published before it, by type, each event once', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const events = await publishMany(house, 60);
    await house.org.events.publish({ type: 'other.type', payload: 0 });
    const { id } = await house.webhook(receiver, { events: ['a.*', 'other.*'] });

    const started = await house.org.webhooks.replay(id, { since: LONG_AGO, event_types: ['a.*'], per_second: 1_000 });
    const operation = await ended(house, started.id);

    expect(operation).toMatchObject({
      kind: 'replay',
      state: 'done',
      webhook_id: id,
      moved: 60,
      examined: 61,
      total: 61,
    });
    await receiver.waitFor(60);
    expect(idsIn(receiver.requests).toSorted()).toEqual(events.toSorted());
    await until(async () => (await house.org.webhooks.deliveries(id, { state: 'pending' })).data.length === 0, {
      what: 'the end of it',
    });
    const { data } = await house.org.webhooks.deliveries(id, { limit: 100 });
    expect(new Set(data.map(({ origin, state }) => `${origin} ${state}`))).toEqual(new Set(['replay delivered']));
  });

  it('sends what was delivered again under new ids, which stay the same when it is retried', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const { id } = await house.webhook(receiver);
    const events = await publishMany(house, 3);
    await receiver.waitFor(3);
    await until(async () => (await house.org.webhooks.deliveries(id, { state: 'delivered' })).data.length === 3, {
      what: 'all to be delivered',
    });
    const refused = new Set<unknown>();
    receiver.answer(({ headers }) => {
      const isFirst = !refused.has(headers['webhook-id']);
      refused.add(headers['webhook-id']);
      return { status: isFirst ? 500 : 200 };
    });

    await house.org.webhooks.replay(id, { since: LONG_AGO, new_ids: true });

    const again = (await receiver.waitFor(9)).slice(3);
    const counts = new Map<string, number>();
    for (const sent of idsIn(again)) counts.set(sent, (counts.get(sent) ?? 0) + 1);
    expect([...counts.values()]).toEqual([2, 2, 2]);
    expect([...counts.keys()].filter((sent) => events.includes(sent))).toEqual([]);
    expect(new Set(again.map(({ body }) => String(body))).size).toBe(3);
    const [delivery] = (await house.org.webhooks.deliveries(id)).data;
    expect([...counts.keys()]).toContain((await house.org.deliveries.get(delivery?.id ?? '')).sent_as);
  });

  it('leaves out what the webhook has accepted when only the missing is wanted', async () => {
    await using house = await open();
    await using receiver = await startReceiver(({ body }) => ({ status: body.includes('"n":1') ? 500 : 200 }));
    const { id } = await house.webhook(receiver, { failure_policy: { retry: { kind: 'none' } } });
    await publishMany(house, 3);
    await until(async () => (await house.org.diverted.list(id)).data.length === 1, { what: 'the diverted one' });
    await receiver.waitFor(3);
    await until(async () => (await house.org.webhooks.deliveries(id, { state: 'pending' })).data.length === 0, {
      what: 'nothing to be pending',
    });
    receiver.answer(() => ({ status: 200 }));

    const { id: operation } = await house.org.webhooks.replay(id, { since: LONG_AGO, only_missing: true });

    expect(await ended(house, operation)).toMatchObject({ moved: 1, examined: 3 });
    const [, , , again] = await receiver.waitFor(4);
    expect(String(again?.body)).toBe('{"n":1}');
    expect((await house.org.diverted.list(id)).data).toEqual([]);
  });

  it('goes on after the worker restarted in the middle, and sends nothing twice', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const events = await publishMany(house, 80);
    const { id } = await house.webhook(receiver);

    const { id: operation } = await house.org.webhooks.replay(id, { since: LONG_AGO, per_second: 60 });
    await receiver.waitFor(10);
    await house.worker.stop();
    const { moved } = await house.org.operations.get(operation);
    expect(moved).toBeLessThan(80);
    await house.worker.start();

    expect(await ended(house, operation)).toMatchObject({ moved: 80 });
    await receiver.waitFor(80, 20_000);
    expect(idsIn(receiver.requests).toSorted()).toEqual(events.toSorted());
  });

  it('ends when it is cancelled, and waits while its webhook is suspended', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    await publishMany(house, 40);
    const { id } = await house.webhook(receiver);
    const { id: operation } = await house.org.webhooks.replay(id, { since: LONG_AGO, per_second: 20 });
    await receiver.waitFor(2);

    await house.org.webhooks.suspend(id);
    await until(async () => (await house.org.operations.get(operation)).waiting_for === 'webhook', {
      what: 'it to wait',
    });
    await house.org.webhooks.unsuspend(id);
    const cancelled = await house.org.operations.cancel(operation);

    expect(cancelled).toMatchObject({ state: 'cancelled', finished_at: expect.any(String) });
    expect(cancelled.moved).toBeLessThan(40);
    // Whatever came after would be before this one.
    const last = await house.org.webhooks.replay(id, { since: LONG_AGO, event_types: ['no.such'] });
    await ended(house, last.id);
    expect(await house.org.operations.get(operation)).toEqual(cancelled);
    const listed = await house.org.operations.list({ webhook_id: id, kind: 'replay' });
    expect(listed.data.map((one) => one.state)).toEqual(['done', 'cancelled']);
  });
});

async function publishMany(house: House, count: number): Promise<string[]> {
  const publishing = Array.from({ length: count }, (_, n) => house.org.events.publish({ type: 'a.b', payload: { n } }));
  return (await Promise.all(publishing)).map(({ id }) => id);
}

async function ended(house: House, id: string) {
  await until(async () => (await house.org.operations.get(id)).state !== 'running', {
    what: 'the end of the operation',
    timeoutMs: 30_000,
  });
  return house.org.operations.get(id);
}

function idsIn(requests: readonly ReceivedRequest[]): string[] {
  return requests.map(({ headers }) => String(headers['webhook-id']));
}
