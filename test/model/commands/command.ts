import type { AsyncCommand } from 'fast-check';
import type { Model } from '../model.ts';
import type { Scene } from '../scene.ts';
import { settle } from '../settle.ts';
import type { World } from '../world.ts';
import { eventsIn } from '../world.ts';
import { answerOverdue } from './answers.ts';

export type ModelCommand = AsyncCommand<Model, Scene>;

export interface CommandOptions {
  readonly name: string;
  /** What tells it from others of its name, in a counterexample. */
  readonly details?: readonly unknown[];
  /** The next command follows at once, while Hooklane is still at work. */
  readonly hurried: boolean;
  /** What it does can only be told apart when nothing else goes on. */
  readonly needsRest?: boolean;
  readonly possible?: (model: Model) => boolean;
  readonly play: (model: Model, scene: Scene) => Promise<void>;
}

export function command(options: CommandOptions): ModelCommand {
  const { name, details = [], hurried, needsRest = false, possible = () => true, play } = options;
  return {
    // fast-check's `Readonly` takes the class for its public fields.
    check: (model) => possible(model as Model),
    async run(model, scene) {
      await answerOverdue(model, scene);
      if (!model.atRest && (needsRest || isCrowded(model))) await settle(model, scene);
      scene.executed.set(name, (scene.executed.get(name) ?? 0) + 1);
      if (process.env['MODEL_TRACE'] !== undefined) process.stderr.write(`${model.atRest ? '' : '… '}${this}\n`);
      model.wasAtRest = model.atRest;
      model.atRest = false;
      await play(model, scene);
      if (!hurried) await settle(model, scene);
    },
    toString: () => `${name}(${details.join(', ')})${hurried ? ' in a hurry' : ''}`,
  };
}

/** More at once would have more possible orders than can be looked at. */
export const MOST_UNDER_WAY = 3;
const MOST_WORLDS = 300;

function isCrowded({ webhooks }: Model): boolean {
  return webhooks.some(
    ({ worlds }) => worlds.length > MOST_WORLDS || worlds.some((world) => underWay(world) > MOST_UNDER_WAY),
  );
}

function underWay(world: World): number {
  const resending = world.operations.some(({ kind }) => kind === 'resend');
  return eventsIn(world, 'pending').length + (resending ? eventsIn(world, 'diverted').length : 0);
}
