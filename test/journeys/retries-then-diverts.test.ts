import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

onBothQueues('a delivery that keeps failing', (open) => {
  it('is retried with the same id and body, then diverted, and listed with the reason', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500, body: 'out of paper' }));
    const webhook = await house.webhook(receiver);

    const event = await house.org.events.publish({ type: 'invoice.paid', payload: { total: 12 } });

    const attempts = await receiver.waitFor(3);
    expect(new Set(attempts.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
    const [diverted] = await until(
      async () => {
        const { data } = await house.org.diverted.list(webhook.id);
        return data.length > 0 && data;
      },
      { what: 'the event to be diverted' },
    );
    expect(diverted).toMatchObject({ event_id: event.id, reason: 'retries_exhausted', trigger: '500', attempts: 3 });

    const log = await house.org.webhooks.attempts(webhook.id);
    expect(log.data.map((attempt) => [attempt.number, attempt.status, attempt.next_step])).toEqual([
      [3, 500, 'divert'],
      [2, 500, 'retry'],
      [1, 500, 'retry'],
    ]);
    expect(receiver.requests).toHaveLength(3);
  });
});
