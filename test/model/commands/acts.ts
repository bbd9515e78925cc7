import { HooklaneError } from '@hooklane/client';
import { reachable } from '../futures.ts';
import type { Model, ModelWebhook } from '../model.ts';
import type { Scene } from '../scene.ts';
import type { Range, World } from '../world.ts';
import { distinct } from '../world.ts';

/** Something that is asked of the API and happens in one moment. */
export interface Act {
  concerns(webhook: ModelWebhook): boolean;
  /** Resolves, after the answer, with where that leads. */
  ask(about: Asking): Promise<Outcome>;
}

export interface Asking {
  readonly model: Model;
  readonly scene: Scene;
  /** Nothing else goes on: what the answer counts can be foretold. */
  readonly alone: boolean;
}

/** The worlds that one may have become, given the answer; none: with that answer it cannot have been the one. */
export type Follow = (world: World, about: { webhook: ModelWebhook; now: Range }) => World[];

export interface Outcome {
  readonly follow: Follow;
  readonly answer: string;
}

/** Asks for all of it at the same time: it may have happened in any order. */
export async function perform(model: Model, scene: Scene, acts: readonly Act[]): Promise<void> {
  const alone = model.wasAtRest && acts.length === 1;
  const asked = acts.map(async (act) => ({ act, outcome: await act.ask({ model, scene, alone }) }));
  const done = await Promise.all(asked);
  for (const webhook of model.webhooks) {
    const mine = done.filter(({ act }) => act.concerns(webhook)).map(({ outcome }) => outcome);
    if (mine.length === 0) continue;
    webhook.worlds = distinct(orders(mine).flatMap((order) => inOrder(model, webhook, order)));
    if (webhook.worlds.length > 0) continue;
    const answers = mine.map(({ answer }) => answer).join(', ');
    throw new Error(
      `${webhook.name} is in none of the worlds that the model allows in which the API would answer ${answers}`,
    );
  }
}

function inOrder(model: Model, webhook: ModelWebhook, order: readonly Outcome[]): World[] {
  const setting = model.setting(webhook);
  return order.reduce<readonly World[]>(
    (worlds, { follow }) =>
      distinct(reachable(worlds, setting).flatMap((world) => follow(world, { webhook, now: setting.now }))),
    webhook.worlds,
  ) as World[];
}

function orders<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, n) => orders(items.filter((_, other) => other !== n)).map((rest) => [first, ...rest]));
}

/** An answer, or the code of the refusal. */
export type Answer<T> = { readonly is: 'done'; readonly value: T } | { readonly is: 'refused'; readonly code: string };

export async function answerOf<T>(asking: Promise<T>): Promise<Answer<T>> {
  try {
    return { is: 'done', value: await asking };
  } catch (error) {
    if (error instanceof HooklaneError) return { is: 'refused', code: error.code };
    throw error;
  }
}

export function inWords(answer: Answer<unknown>): string {
  return answer.is === 'done' ? 'done' : answer.code;
}
