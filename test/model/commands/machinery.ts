import * as fc from 'fast-check';
import { withFlights } from '../steps.ts';
import { DAY_MS } from '../system.ts';
import type { World } from '../world.ts';
import { deliveryOf, withDelivery } from '../world.ts';
import { command } from './command.ts';
import type { Kinds } from './kinds.ts';
import { hurried } from './kinds.ts';
import { prune } from './pruning.ts';

const MINUTE_MS = 60_000;

/** Enough for a quick retry or a claim; for a retry; for what a throttled receiver asks; for keys; for days; for all. */
const STEPS_OF_TIME = {
  '61 s': 61_000,
  '2 min': 2 * MINUTE_MS,
  '15 min': 15 * MINUTE_MS,
  '2 h': 120 * MINUTE_MS,
  '3 d': 3 * DAY_MS,
  '32 d': 32 * DAY_MS,
  '91 d': 91 * DAY_MS,
};
const DRAWN: ReadonlyArray<keyof typeof STEPS_OF_TIME> = [
  ...(['61 s', '2 min', '2 min', '15 min', '15 min', '15 min', '2 h'] as const),
  ...(['3 d', '32 d', '91 d'] as const),
];

/** What befalls Hooklane itself. */
export const machineryKinds: Kinds = {
  AdvanceClock: {
    weight: 6,
    commands: fc.constantFrom(...DRAWN).map((by) =>
      command({
        name: 'AdvanceClock',
        details: [by],
        hurried: false,
        needsRest: true,
        async play(model, { system }) {
          await system.advanceClock(STEPS_OF_TIME[by]);
          // What came due in the meantime came by the old time.
          for (const webhook of model.webhooks) model.happened(webhook, (world) => [world]);
          model.moved(STEPS_OF_TIME[by]);
        },
      }),
    ),
  },
  KillWorkers: {
    weight: 2,
    commands: hurried.map((isHurried) =>
      command({
        name: 'KillWorkers',
        hurried: isHurried,
        async play(model, { system }) {
          await system.replaceWorkers();
          for (const webhook of model.webhooks) model.happened(webhook, withDeadWorkers);
        },
      }),
    ),
  },
  LoseQueue: {
    weight: 2,
    commands: hurried.map((isHurried) =>
      command({ name: 'LoseQueue', hurried: isHurried, play: (_, { system }) => system.loseQueue() }),
    ),
  },
  Prune: {
    weight: 2,
    commands: fc.constant(command({ name: 'Prune', hurried: false, needsRest: true, play: prune })),
  },
};

/** Nobody has anything in hand any more. A request that was being sent may still have arrived. */
function withDeadWorkers(world: World): World[] {
  const undecided = { ...world, suspensions: [] };
  return Object.keys(world.deliveries).reduce<World[]>(
    (worlds, event) => {
      const { flights, requests } = deliveryOf(world, event);
      const sending = flights.some(({ phase }) => phase.is === 'claimed');
      return worlds.flatMap((one) => {
        const idle = withFlights(one, event, () => null);
        return sending ? [idle, withDelivery(idle, event, { requests: requests + 1 })] : [idle];
      });
    },
    [undecided],
  );
}
