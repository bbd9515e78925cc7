import { parseId } from '@hooklane/domain';
import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

onBothQueues('a delivery that has ended', (open) => {
  it('is made again on request: the same id and bytes, its attempts numbered on', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const { id } = await house.webhook(receiver);
    const event = await house.org.events.publish({ type: 'a.b', payload: { n: 1.5, text: 'ä' } });
    const delivered = async () => (await house.org.webhooks.deliveries(id, { state: 'delivered' })).data;
    await until(async () => (await delivered()).length === 1, { what: 'the delivery to end' });
    const [{ id: deliveryId } = { id: '' }] = await delivered();

    const attempt = await house.org.deliveries.redeliver(deliveryId, { wait: true });

    expect(attempt).toMatchObject({ number: 2, status: 200, origin: 'redeliver', redelivery: true });
    const [first, second] = await receiver.waitFor(2);
    expect(second?.headers['webhook-id']).toBe(event.id);
    expect(second?.body).toEqual(first?.body);
    const detail = await house.org.deliveries.get(deliveryId);
    expect(detail).toMatchObject({ state: 'delivered', attempts: 2, sent_as: event.id, next_attempt: null });
    expect(detail.attempt_log.map(({ number, redelivery }) => [number, redelivery])).toEqual([
      [2, true],
      [1, false],
    ]);
    expect((await house.org.webhooks.attempt(id, attempt.id)).request).toMatchObject({
      body: String(first?.body),
      body_base64: null,
      size_bytes: first?.body.length,
    });
    expect((await house.org.deliveries.list()).data).toHaveLength(1);
  });

  it('leaves the diverted events, and comes back to them if it fails again', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));
    const { id } = await house.webhook(receiver, { failure_policy: { retry: { kind: 'none' } } });
    await house.org.events.publish({ type: 'a.b', payload: 1 });
    const diverted = async () => (await house.org.diverted.ofOrg.list()).data;
    await until(async () => (await diverted()).length === 1, { what: 'the event to be diverted' });
    const [{ id: deliveryId } = { id: '' }] = (await house.org.webhooks.deliveries(id)).data;

    expect(await house.org.deliveries.redeliver(deliveryId, { wait: true })).toMatchObject({ number: 2, status: 500 });
    expect(await diverted()).toMatchObject([{ attempts: 2 }]);
    receiver.answer(() => ({ status: 200 }));
    await house.org.deliveries.redeliver(deliveryId, { wait: true });

    expect(await diverted()).toEqual([]);
    expect(await house.org.deliveries.get(deliveryId)).toMatchObject({ state: 'delivered', attempts: 3 });
  });

  it('is not made again while it is pending, nor when its event is gone', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));
    const { id } = await house.webhook(receiver, {
      failure_policy: { retry: { kind: 'linear', interval_ms: 60_000, cap_ms: 60_000, max_attempts: 2 } },
    });
    const event = await house.org.events.publish({ type: 'a.b', payload: 1 });
    await receiver.waitFor(1);
    const [{ id: deliveryId } = { id: '' }] = (await house.org.webhooks.deliveries(id)).data;
    const again = () => house.org.deliveries.redeliver(deliveryId);

    await expect(again()).rejects.toMatchObject({ status: 409, code: 'delivery_pending' });
    const operation = await house.org.webhooks.cancelPending(id);
    await until(async () => (await house.org.operations.get(operation.id)).state === 'done', { what: 'it to end' });
    await house.pool.query('DELETE FROM events WHERE id = $1', [parseId('evt', event.id)]);
    await expect(again()).rejects.toMatchObject({ status: 410, code: 'event_gone' });
  });
});
