import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';

onBothQueues('a receiver that asks for time', (open) => {
  it('is given it: Retry-After stretches the wait on 429 and 503', async () => {
    await using house = await open();
    await using receiver = await startReceiver((_, index) => {
      return index === 0 ? { status: 429, headers: { 'retry-after': '2' } } : { status: 200 };
    });
    await house.webhook(receiver);

    await house.org.events.publish({ type: 'a.b', payload: 1 });

    const [first, second] = await receiver.waitFor(2);
    const waited = (second?.receivedAt ?? 0) - (first?.receivedAt ?? 0);
    expect(waited).toBeGreaterThanOrEqual(1_750);
    expect(waited).toBeLessThan(6_000);
  });

  it('is not given it where the header means nothing', async () => {
    await using house = await open();
    await using receiver = await startReceiver((_, index) => {
      return index === 0 ? { status: 500, headers: { 'retry-after': '3600' } } : { status: 200 };
    });
    await house.webhook(receiver);

    await house.org.events.publish({ type: 'a.b', payload: 1 });

    await receiver.waitFor(2, 5_000);
  });
});
