import { describe, expect, inject, it } from 'vitest';
import { CRASH_POINTS } from '../composition/crash-points.ts';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { startReceiver } from '../support/receiver.ts';
import { newVictim } from './crash-points/victim.ts';

describe.each([
  // Nobody but the queue brings it back: the relay trusts it for ten minutes.
  { how: 'with its job of the queue', redis: true, name: 'worker.due.claim.before', enqueuedGrace: '10m' },
  { how: 'with their claim of it (with Redis)', redis: true, name: 'worker.sender.send.before', enqueuedGrace: '1s' },
  {
    how: 'with their claim of it (on Postgres alone)',
    redis: false,
    name: 'worker.sender.send.before',
    enqueuedGrace: '1s',
  },
])('three workers die one after the other $how', ({ redis, name, enqueuedGrace }) => {
  it('and the fourth delivers it', async () => {
    await using database = await createTestDatabase();
    const victim = newVictim();
    await using fleet = await startFleet({
      databaseUrl: database.url,
      redisUrl: redis ? inject('redisUrl') : undefined,
      composition: 'test',
      without: ['reaper'],
      env: { HOOKLANE_ENQUEUED_GRACE: enqueuedGrace },
      envOf: { worker: victim.env },
    });
    await using receiver = await startReceiver();
    await fleet.org.webhooks.create({ url: receiver.url, events: ['*'], ping: false, timeout_ms: 1_000 });
    const point = CRASH_POINTS.find((one) => one.name === name);
    if (point === undefined) throw new Error('There is no such crash point');

    victim.arm(point);
    await fleet.org.events.publish({ type: 'a.b', payload: 1 });
    for (let death = 1; death <= 3; death++) {
      await victim.diesAndIsReplaced(point, fleet.worker, { armAgain: death < 3 });
    }

    await receiver.waitFor(1, 30_000);
    expect(receiver.requests).toHaveLength(1);
    victim.dispose();
  });
});
