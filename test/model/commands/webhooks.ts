import * as fc from 'fast-check';
import type { Model, ModelEvent, ModelWebhook } from '../model.ts';
import { newWebhook } from '../model.ts';
import type { PolicyName } from '../policy.ts';
import { POLICIES, wirePolicy } from '../policy.ts';
import type { Scene } from '../scene.ts';
import { TIMEOUT_MS, uuidOf } from '../system.ts';
import { eventsIn } from '../world.ts';
import type { Act } from './acts.ts';
import { perform } from './acts.ts';
import { command, MOST_UNDER_WAY } from './command.ts';
import type { Kinds } from './kinds.ts';
import { hurried, pick } from './kinds.ts';
import { eventType, hasRoom, newEvent } from './publish.ts';
import type { WebhookActName } from './webhook-acts.ts';
import { WEBHOOK_ACTS } from './webhook-acts.ts';

const MOST_WEBHOOKS = 5;
const POLICY_NAMES = Object.keys(POLICIES) as PolicyName[];

export interface WebhookPlan {
  readonly policy: PolicyName;
  readonly pattern: string;
}

export const webhookPlan: fc.Arbitrary<WebhookPlan> = fc
  .record({ policy: fc.constantFrom(...POLICY_NAMES), pattern: fc.constantFrom('*', '*', 'a.*', 'b.z') })
  .map((plan) => ({ ...plan }));

const WEIGHTS: Readonly<Record<WebhookActName, number>> = {
  Suspend: 2,
  Unsuspend: 3,
  Disable: 2,
  Enable: 2,
  DeleteWebhook: 2,
  ResendOne: 4,
  DropDiverted: 2,
  ResendAll: 3,
  Redeliver: 3,
  RetryNow: 2,
  CancelPending: 2,
};
const NAMES = Object.keys(WEIGHTS) as WebhookActName[];

/** What people do with their webhooks. */
export const webhookKinds: Kinds = {
  CreateWebhook: {
    weight: 2,
    commands: fc.record({ plan: webhookPlan, hurried }).map(({ plan, hurried: isHurried }) =>
      command({
        name: 'CreateWebhook',
        details: [plan.policy, plan.pattern],
        hurried: isHurried,
        possible: (model) => model.webhooks.filter((one) => one.worlds[0]?.deleted === null).length < MOST_WEBHOOKS,
        play: (model, scene) => createWebhook(model, scene, plan),
      }),
    ),
  },
  ...Object.fromEntries(NAMES.map((name) => [name, { weight: WEIGHTS[name], commands: alone(name) }])),
  AtOnce: { weight: 4, commands: atOnce() },
};

export async function createWebhook(model: Model, scene: Scene, { policy, pattern }: WebhookPlan): Promise<void> {
  const name = `w${model.webhooks.length + 1}`;
  const path = `/${scene.org.api.slug}/${name}`;
  const created = await scene.org.api.webhooks.create({
    url: scene.system.receivers.url + path,
    name,
    events: [pattern],
    ping: false,
    timeout_ms: TIMEOUT_MS,
    failure_policy: wirePolicy(POLICIES[policy]),
  });
  model.webhooks.push(newWebhook(created, { name, uuid: uuidOf('wh', created.id), path, policy, pattern }));
}

function alone(name: WebhookActName) {
  return fc.record({ at: pick, event: pick, hurried }).map((drawn) =>
    command({
      name,
      details: [drawn.at, drawn.event],
      hurried: drawn.hurried,
      possible: (model) => model.events.size > 0 && hasRoomForOperations(model),
      play: (model, scene) => perform(model, scene, [actOn(model, { name, ...drawn })]),
    }),
  );
}

/** Two things that are asked at the same time, for one webhook. */
function atOnce() {
  const act = fc.constantFrom(...NAMES);
  const second = fc.oneof(
    act,
    eventType.map((type) => ({ type })),
  );
  return fc.record({ at: pick, event: pick, first: act, second, hurried }).map(({ second: other, ...drawn }) =>
    command({
      name: 'AtOnce',
      details: [drawn.first, typeof other === 'string' ? other : `Publish(${other.type})`, drawn.at, drawn.event],
      hurried: drawn.hurried,
      possible: (model) =>
        model.events.size > 0 &&
        (typeof other === 'string' || hasRoom(model, other.type)) &&
        (![drawn.first, other].includes('ResendAll') || fewDiverted(model.webhook(drawn.at))) &&
        hasRoomForOperations(model),
      async play(model, scene) {
        const beside =
          typeof other === 'string' ? actOn(model, { ...drawn, name: other }) : newEvent(model, other.type);
        await perform(model, scene, [actOn(model, { ...drawn, name: drawn.first }), beside]);
      },
    }),
  );
}

/** Far fewer than an org may have: those that wait for their webhooks run on. */
const MOST_OPERATIONS = 8;

function hasRoomForOperations({ webhooks }: Model): boolean {
  const running = webhooks.map(({ worlds }) => Math.max(...worlds.map((world) => world.operations.length)));
  return running.reduce((sum, count) => sum + count, 0) < MOST_OPERATIONS;
}

function fewDiverted({ worlds }: ModelWebhook): boolean {
  return worlds.every((world) => eventsIn(world, 'diverted').length <= MOST_UNDER_WAY);
}

function actOn(model: Model, drawn: { name: WebhookActName; at: number; event: number }): Act {
  const webhook = model.webhook(drawn.at);
  return WEBHOOK_ACTS[drawn.name]({ webhook, event: eventFor(model, webhook, drawn.event) });
}

/** Rather one that is diverted, if there are some, but not always. */
function eventFor(model: Model, { worlds }: ModelWebhook, at: number): ModelEvent {
  const diverted = new Set(worlds.flatMap((world) => eventsIn(world, 'diverted')));
  const all = [...model.events.values()];
  const likely = all.filter(({ name }) => diverted.has(name));
  const among = likely.length > 0 && at % 5 > 0 ? likely : all;
  const event = among[at % among.length];
  if (event === undefined) throw new RangeError('nothing was published');
  return event;
}
