import type { CreatedWebhook } from '@hooklane/client';
import { reachable } from './futures.ts';
import type { Observed } from './observed.ts';
import type { PolicyName } from './policy.ts';
import { POLICIES } from './policy.ts';
import type { Manner, Setting } from './step.ts';
import { CLAIM_MS } from './system.ts';
import type { Range, World } from './world.ts';
import { distinct, newWorld } from './world.ts';

/** What must be true of one org of the system. */
export class Model {
  readonly webhooks: ModelWebhook[] = [];
  /** By name. */
  readonly events = new Map<string, ModelEvent>();
  /** Nothing happened since everything was seen at rest. */
  atRest = true;
  /** Nothing else had happened when the present command began. */
  wasAtRest = true;
  /** The database clock when everything was last seen at rest. */
  seenAt: number;
  #askedAt: number;

  constructor({ now, askedAt }: Seen) {
    this.seenAt = now;
    this.#askedAt = askedAt;
  }

  /** Everything was seen at rest. */
  seen({ now, askedAt }: Seen): void {
    this.atRest = true;
    this.seenAt = now;
    this.#askedAt = askedAt;
  }

  /** The clock was advanced while everything was at rest. */
  moved(byMs: number): void {
    this.seenAt += byMs;
  }

  /** From then until the present, which is rather taken for too late than for too early. */
  now(): Range {
    return { min: this.seenAt, max: this.seenAt + (performance.now() - this.#askedAt) + LEEWAY_MS };
  }

  setting({ policy, manner, faults }: ModelWebhook): Setting {
    return { policy: POLICIES[policy], manner, now: this.now(), claimMs: CLAIM_MS, faults };
  }

  webhook(pick: number): ModelWebhook {
    const webhook = this.webhooks[pick % this.webhooks.length];
    if (webhook === undefined) throw new RangeError('there is no webhook');
    return webhook;
  }

  event(name: string): ModelEvent {
    const event = this.events.get(name);
    if (event === undefined) throw new RangeError(`there is no event ${name}`);
    return event;
  }

  eventNamed(id: string): string | undefined {
    return [...this.events.values()].find((event) => event.uuid === id)?.name;
  }

  /** Hooklane may have gone on by itself; then this happened, in whichever of the worlds it is. */
  happened(webhook: ModelWebhook, follow: (world: World) => World[]): void {
    webhook.worlds = distinct(reachable(webhook.worlds, this.setting(webhook)).flatMap(follow));
  }
}

/** Two clocks need not run alike. */
const LEEWAY_MS = 50;

type Seen = Pick<Observed, 'now' | 'askedAt'>;

export interface ModelWebhook {
  /** `w1`: what it is called in counterexamples. */
  readonly name: string;
  readonly id: string;
  readonly uuid: string;
  readonly secret: string;
  readonly path: string;
  readonly policy: PolicyName;
  readonly pattern: string;
  manner: Manner;
  /** See {@link Setting}. */
  faults: ReadonlyMap<string, number>;
  /** One of them is true. */
  worlds: World[];
}

export interface ModelEvent {
  readonly name: string;
  readonly id: string;
  readonly uuid: string;
  readonly type: string;
  readonly payload: string;
  readonly key: string;
  /** How many webhooks it was for, as the producer was told. */
  readonly deliveries: number;
  /** When its key is forgotten. */
  readonly keyExpires: Range;
  /** It can still be read. */
  kept: boolean;
}

export function newWebhook(
  created: CreatedWebhook,
  about: Pick<ModelWebhook, 'name' | 'uuid' | 'path' | 'policy' | 'pattern'>,
): ModelWebhook {
  return {
    ...about,
    id: created.id,
    secret: created.secret ?? '',
    manner: 'up',
    faults: new Map(),
    worlds: [newWorld()],
  };
}

/** Whether an event of this type is for it now. What only people change is the same in all worlds. */
export function wants(webhook: ModelWebhook, type: string): boolean {
  const [world] = webhook.worlds;
  return fits(webhook, type) && world?.enabled === true && world.deleted === null;
}

export function fits({ pattern }: ModelWebhook, type: string): boolean {
  return pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));
}
