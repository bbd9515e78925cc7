import { describe, expect, inject, it } from 'vitest';
import { CRASH_POINTS } from '../composition/crash-points.ts';
import { startDelivering } from '../support/delivering-fleet.ts';
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
    const victim = newVictim();
    await using fleet = await startDelivering({
      redisUrl: redis ? inject('redisUrl') : undefined,
      composition: 'test',
      without: ['reaper'],
      env: { HOOKLANE_ENQUEUED_GRACE: enqueuedGrace },
      envOf: { worker: victim.env },
    });
    const point = CRASH_POINTS.find((one) => one.name === name);
    if (point === undefined) throw new Error('There is no such crash point');

    victim.arm(point);
    await fleet.publish(1);
    for (let death = 1; death <= 3; death++) {
      await victim.diesAndIsReplaced(point, fleet.worker, { armAgain: death < 3 });
    }

    await fleet.receiver.waitFor(1, 30_000);
    expect(fleet.receiver.requests).toHaveLength(1);
    victim.dispose();
  });
});
