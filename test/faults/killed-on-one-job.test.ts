import { expect, inject, it } from 'vitest';
import { CRASH_POINTS } from '../composition/crash-points.ts';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { startReceiver } from '../support/receiver.ts';
import { newVictim } from './crash-points/victim.ts';

it('three workers die one after the other with the same job in hand: the fourth delivers it', async () => {
  await using database = await createTestDatabase();
  const victim = newVictim();
  await using fleet = await startFleet({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    composition: 'test',
    without: ['reaper'],
    // Nobody but the queue brings it back.
    env: { HOOKLANE_ENQUEUED_GRACE: '10m' },
    envOf: { worker: victim.env },
  });
  await using receiver = await startReceiver();
  await fleet.org.webhooks.create({ url: receiver.url, events: ['*'], ping: false, timeout_ms: 1_000 });
  const point = CRASH_POINTS.find(({ name }) => name === 'worker.due.claim.before');
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
