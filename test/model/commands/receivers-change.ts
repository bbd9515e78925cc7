import * as fc from 'fast-check';
import type { ModelWebhook } from '../model.ts';
import type { Manner } from '../step.ts';
import { allKept, answer } from './answers.ts';
import { command } from './command.ts';
import type { Kinds } from './kinds.ts';
import { hurried, pick } from './kinds.ts';

/** Receivers change their manners, and answer what they kept. */
export const receiverKinds: Kinds = {
  ReceiverUp: { weight: 2, commands: becomes('ReceiverUp', 'up') },
  ReceiverDown: { weight: 2, commands: becomes('ReceiverDown', 'down') },
  ReceiverSlow: { weight: 4, commands: becomes('ReceiverSlow', 'slow') },
  ReceiverGone: { weight: 2, commands: becomes('ReceiverGone', 'gone') },
  ReceiverThrottled: { weight: 2, commands: becomes('ReceiverThrottled', 'throttled') },
  Answer: {
    weight: 7,
    commands: fc.record({ at: pick, status: fc.constantFrom(200, 500, 410, 429), hurried }).map((drawn) =>
      command({
        name: 'Answer',
        details: [drawn.at, drawn.status],
        hurried: drawn.hurried,
        possible: (model) => model.webhooks.some(mayHold),
        async play(model, scene) {
          const kept = allKept(model, scene);
          const one = kept[drawn.at % kept.length];
          if (one !== undefined) answer(model, scene, { ...one, status: drawn.status });
        },
      }),
    ),
  },
};

function mayHold({ worlds, manner }: ModelWebhook): boolean {
  const flights = worlds.flatMap((world) => Object.values(world.deliveries).flatMap((delivery) => delivery.flights));
  return manner === 'slow' || flights.some(({ phase }) => phase.is === 'held');
}

function becomes(name: string, manner: Manner) {
  return fc.record({ at: pick, hurried }).map((drawn) =>
    command({
      name,
      details: [drawn.at],
      hurried: drawn.hurried,
      possible: (model) => model.webhook(drawn.at).manner !== manner,
      async play(model, { system }) {
        const webhook = model.webhook(drawn.at);
        system.receivers.behave(webhook.path, manner);
        // Until now it had its old manners.
        model.happened(webhook, (world) => [world]);
        webhook.manner = manner;
      },
    }),
  );
}
