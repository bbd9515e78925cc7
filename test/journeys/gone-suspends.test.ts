import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

onBothQueues('a receiver that answers 410', (open) => {
  it('is suspended at once, its event diverted, its next events not sent', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 410 }));
    const { id } = await house.webhook(receiver);

    await house.org.events.publish({ type: 'a.b', payload: 1 });

    const suspended = await until(async () => (await house.org.webhooks.get(id)).suspended, { what: 'the suspension' });
    expect(suspended.reason).toBe('gone');
    await house.org.events.publish({ type: 'a.b', payload: 2 });
    await until(async () => (await house.org.diverted.list(id)).data.length === 2, { what: 'both to be diverted' });
    expect(receiver.requests).toHaveLength(1);
  });
});
