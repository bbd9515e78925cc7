import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

onBothQueues('a ping', (open) => {
  it('is sent when a webhook is created, and its failure harms nobody', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));

    const webhook = await house.webhook(receiver, { ping: true });

    const [ping] = await receiver.waitFor(1);
    expect(JSON.parse(String(ping?.body))).toEqual({ type: 'ping', webhook_id: webhook.id });
    const log = () => house.org.webhooks.attempts(webhook.id).then(({ data }) => data);
    await until(async () => (await log()).length === 1, { what: 'the ping in the log' });
    expect(await log()).toMatchObject([{ origin: 'ping', status: 500, next_step: 'discard' }]);
    expect((await house.org.diverted.list(webhook.id)).data).toEqual([]);
  });

  it('on demand returns what the receiver answered, also while the webhook is suspended', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 202, body: 'pong' }));
    const { id } = await house.webhook(receiver);
    await house.org.webhooks.suspend(id);

    const attempt = await house.org.webhooks.ping(id, { wait: true });

    expect(attempt).toMatchObject({ outcome: 'accepted', status: 202, response: { body: 'pong' } });
  });
});
