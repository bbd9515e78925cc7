import * as fc from 'fast-check';
import type { Model, ModelEvent } from '../model.ts';
import { wants } from '../model.ts';
import { POLICIES } from '../policy.ts';
import { eventsIn } from '../world.ts';
import type { Act } from './acts.ts';
import { perform } from './acts.ts';
import { command } from './command.ts';
import type { Kinds } from './kinds.ts';
import { hurried, pick } from './kinds.ts';
import { publishing } from './publishing.ts';

const MOST_EVENTS = 16;
/** For one webhook that may be suspended at any moment: each order of their attempts is another world. */
const MOST_AT_STAKE = 4;

export const eventType = fc.constantFrom('a.x', 'a.y', 'b.z');

export const publishKinds: Kinds = {
  Publish: {
    weight: 8,
    commands: fc.record({ type: eventType, hurried }).map((drawn) =>
      command({
        name: 'Publish',
        details: [drawn.type],
        hurried: drawn.hurried,
        possible: (model) => hasRoom(model, drawn.type),
        play: (model, scene) => perform(model, scene, [newEvent(model, drawn.type)]),
      }),
    ),
  },
  PublishAgain: {
    weight: 2,
    commands: fc.record({ at: pick, body: fc.constantFrom('same', 'other'), hurried }).map((drawn) =>
      command({
        name: 'PublishAgain',
        details: [drawn.at, drawn.body],
        hurried: drawn.hurried,
        possible: (model) =>
          model.events.size > 0 && [...model.events.values()].every(({ type }) => hasRoom(model, type)),
        async play(model, scene) {
          const known = keyed(model, drawn.at);
          const payload = drawn.body === 'same' ? known.payload : known.payload.replace('1.0', '1.00');
          await perform(model, scene, [publishing({ type: known.type, key: known.key, payload }, known)]);
        },
      }),
    ),
  },
};

/** Spelt as no serialiser would. */
export function newEvent(model: Model, type: string): Act {
  const key = `k${model.events.size + 1}`;
  return publishing({ type, key, payload: `{ "n":1.0,"key" :"${key} é \\u0000" }` }, null);
}

export function hasRoom(model: Model, type: string): boolean {
  return (
    model.events.size < MOST_EVENTS &&
    model.webhooks
      .filter((webhook) => POLICIES[webhook.policy].suspend !== null && wants(webhook, type))
      .every(({ worlds }) =>
        worlds.every((world) => eventsIn(world, 'pending').length + eventsIn(world, 'diverted').length < MOST_AT_STAKE),
      )
  );
}

/** Of several events with one key, the newest is the one it stands for. */
function keyed(model: Model, at: number): ModelEvent {
  const all = [...new Map([...model.events.values()].map((event) => [event.key, event])).values()];
  const one = all[at % all.length];
  if (one === undefined) throw new RangeError('nothing was published');
  return one;
}
