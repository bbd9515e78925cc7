import * as fc from 'fast-check';
import { allKept, answer } from './commands/answers.ts';
import type { ModelCommand } from './commands/command.ts';
import type { WebhookPlan } from './commands/webhooks.ts';
import { createWebhook } from './commands/webhooks.ts';
import { TooManyWorldsError } from './futures.ts';
import { Model } from './model.ts';
import { observe } from './observed.ts';
import type { Scene } from './scene.ts';
import { settle } from './settle.ts';
import type { System } from './system.ts';
import { DAY_MS } from './system.ts';
import { eventsIn } from './world.ts';

/** Commands on an org of their own, which begins with a few webhooks; and in the end, whatever was left undone. */
export async function play(
  system: System,
  {
    plans,
    commands,
    executed,
  }: { plans: readonly WebhookPlan[]; commands: Iterable<ModelCommand>; executed: Scene['executed'] },
): Promise<'played' | 'given up'> {
  const org = await system.newOrg();
  const scene: Scene = { system, org, checked: new Map(), executed };
  const model = new Model(await observe(system.database.pool, org.id));
  for (const plan of plans) await createWebhook(model, scene, plan);
  try {
    await fc.asyncModelRun(() => ({ model, real: scene }), commands);
    await playOut(model, scene);
    return 'played';
  } catch (error) {
    if (error instanceof TooManyWorldsError) return 'given up';
    throw error;
  } finally {
    for (const { held } of allKept(model, scene)) held.answer(200);
    await org.delete();
  }
}

/** Receivers answer, and time passes until nothing is pending: everything that was acknowledged has ended. */
async function playOut(model: Model, scene: Scene): Promise<void> {
  await settle(model, scene);
  for (const webhook of model.webhooks.filter(({ manner }) => manner === 'slow')) {
    webhook.manner = 'up';
    scene.system.receivers.behave(webhook.path, 'up');
  }
  for (const kept of allKept(model, scene)) {
    answer(model, scene, { ...kept, status: 200 });
    await settle(model, scene);
  }
  for (let days = 0; model.webhooks.some(isPending); days++) {
    if (days > MOST_DAYS) throw new Error(`something is pending after ${days} days`);
    await scene.system.advanceClock(DAY_MS);
    model.moved(DAY_MS);
    await settle(model, scene);
  }
}

/** More than any policy here takes. */
const MOST_DAYS = 10;

function isPending({ worlds }: Model['webhooks'][number]): boolean {
  return worlds.some((world) => eventsIn(world, 'pending').length > 0);
}
