import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

onBothQueues('a webhook that is changed between two attempts', (open) => {
  it('gets the next one at its new URL, with the same id and bytes', async () => {
    await using house = await open();
    await using before = await startReceiver(() => ({ status: 500 }));
    await using after = await startReceiver();
    const webhook = await house.webhook(before, {
      failure_policy: { retry: { kind: 'list', delays_ms: [1_500, 1_500] } },
    });
    await house.org.events.publish({ type: 'a.b', payload: { total: 1e2 } });
    const [first] = await before.waitFor(1);

    await house.org.webhooks.update(webhook.id, { url: after.url });

    const [second] = await after.waitFor(1);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toEqual(first?.body);
    expect(before.requests).toHaveLength(1);
  });

  it('keeps its encoding, whatever is changed, until its events are resent', async () => {
    await using house = await open();
    await using receiver = await startReceiver((_, index) => ({ status: index < 2 ? 500 : 200 }));
    const webhook = await house.webhook(receiver, { failure_policy: { retry: { kind: 'list', delays_ms: [1_500] } } });
    const { id } = await house.org.events.publish({ type: 'a.b', payload: { total: 1e2 } });
    await receiver.waitFor(1);

    await house.org.webhooks.update(webhook.id, { profile: 'infraaudit', content_type: 'form' });

    const [first, second] = await receiver.waitFor(2);
    expect(second?.body).toEqual(first?.body);
    expect(second?.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': id });
    const isDiverted = async () => (await house.org.diverted.list(webhook.id)).data.length === 1;
    await until(isDiverted, { what: 'the event to be diverted' });
    await house.org.diverted.resend(webhook.id, id);
    const [, , third] = await receiver.waitFor(3);
    expect(JSON.parse(new URLSearchParams(third?.body.toString()).get('payload') ?? '')).toMatchObject({
      event: 'a.b',
      data: { total: 100 },
    });
  });

  it('or deleted gets no further one, and the delivery ends as discarded', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));
    const webhook = await house.webhook(receiver, {
      failure_policy: { retry: { kind: 'list', delays_ms: [1_500, 1_500] } },
    });
    await house.org.events.publish({ type: 'a.b', payload: 1 });
    await receiver.waitFor(1);

    await house.org.webhooks.delete(webhook.id);

    const ended = async () => {
      const { rows } = await house.pool.query('SELECT state, reason FROM deliveries WHERE finished_at IS NOT NULL');
      return rows.length > 0 && rows;
    };
    expect(await until(ended, { what: 'the delivery to end' })).toEqual([{ state: 'discarded', reason: 'deleted' }]);
    expect(receiver.requests).toHaveLength(1);
  });
});
