import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { seedDue } from '../support/seed-due.ts';
import { tell } from '../support/tell.ts';

const SLOTS = 20;
/** A quarter for the slow, and half of the rest for them and those whom nobody knows: more than that they never get. */
const FOR_THE_DOUBTFUL = 12;
const WORKER = { HOOKLANE_WORKER_SLOTS: String(SLOTS), HOOKLANE_LANE: '10' };

onBothQueues('webhooks that never answer, more of them than a worker has slots,', (open) => {
  it('do not hold up one that does', async () => {
    await using house = await open(WORKER);
    await using tarpit = await startReceiver(() => ({ hang: true }));
    await using receiver = await startReceiver();
    for (let n = 0; n < 2 * SLOTS; n++) await house.webhook(tarpit, { events: ['bad.one'], timeout_ms: 20_000 });
    await house.webhook(receiver, { events: ['good.one'] });
    for (let n = 1; n <= 3; n++) {
      await house.org.events.publish({ type: 'good.one', payload: n });
      await receiver.waitFor(n);
    }

    for (let n = 0; n < 5; n++) await house.org.events.publish({ type: 'bad.one', payload: n });
    await tarpit.waitFor(FOR_THE_DOUBTFUL);

    const tookMs: number[] = [];
    for (let n = 4; n <= 23; n++) {
      const startedMs = performance.now();
      await house.org.events.publish({ type: 'good.one', payload: n });
      await receiver.waitFor(n);
      tookMs.push(performance.now() - startedMs);
    }
    tell(`beside ${2 * SLOTS} tarpits an event took ${Math.round(Math.max(...tookMs))} ms at most`);
    expect(Math.max(...tookMs)).toBeLessThan(3_000);
    expect(tarpit.requests).toHaveLength(FOR_THE_DOUBTFUL);
  }, 40_000);
});

onBothQueues('the flood of a healthy org', (open) => {
  it('does not hold up the few events of another', async () => {
    await using house = await open(WORKER);
    await using busy = await startReceiver(() => ({ delayMs: 20 }));
    await using quiet = await startReceiver();
    const flooded = await house.webhook(busy);
    const other = await house.newOrg();
    await other.webhooks.create({ url: quiet.url, events: ['*'], ping: false });
    const flood = 20_000;
    await seedDue(house.pool, { webhookId: flooded.id, count: flood });
    await busy.waitFor(50);

    const startedMs = performance.now();
    for (let n = 0; n < 10; n++) await other.events.publish({ type: 'a.b', payload: n });
    await quiet.waitFor(10);
    const tookMs = performance.now() - startedMs;

    tell(`beside a backlog of ${flood} ten events of another org took ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(3_000);
    // It was still there all the time.
    expect(busy.requests.length).toBeLessThan(flood);
  }, 40_000);
});
