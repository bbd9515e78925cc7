import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrivals, Sight } from './agreement.ts';
import { adopt, contradictions } from './agreement.ts';
import { atRest } from './futures.ts';
import type { Model, ModelWebhook } from './model.ts';
import type { Observed } from './observed.ts';
import { hashOf, observe } from './observed.ts';
import { checkRequests } from './requests.ts';
import type { Scene } from './scene.ts';
import { uuidOf } from './system.ts';
import { distinct } from './world.ts';

/** Longer than a job is missed that was in the hands of a worker when it was killed (9 s). */
const PATIENCE_MS = 30_000;
/** When nothing is left to do and nothing moves, waiting longer will not help. */
const STANDSTILL_MS = 2_000;
/** A worker that lives sends within this what it has claimed. */
const SENDS_WITHIN_MS = 1_000;
/** Time to ask whether a worker could not do what it wanted. */
const SUSPICIOUS_MS = 1_000;
const ASK_EVERY_MS = 15;

/**
 * Waits until what is to be seen is one of the worlds at rest, and goes on from the world that was seen.
 * @throws Error telling how it differs from the worlds closest to it.
 */
export async function settle(model: Model, scene: Scene): Promise<void> {
  const { pool } = scene.system.database;
  const began = performance.now();
  const stillFor = stopwatch(began);
  for (;;) {
    const observed = await observe(pool, scene.org.id);
    const found = model.webhooks.map((webhook) => match(model, scene, { webhook, observed }));
    const stillMs = stillFor(found);
    // A claim whose request is not there yet looks like one that a dead worker has left behind.
    const isSure = heldOnly(found) || stillMs > SENDS_WITHIN_MS;
    if (isSure && found.every(({ wrong }) => wrong.length === 0)) return accept(model, scene, { observed, found });
    const standsStill = observed.idle && heldOnly(found) && stillMs > STANDSTILL_MS;
    if (stillMs > SUSPICIOUS_MS) hearFaults(model, scene);
    if (standsStill || performance.now() - began > PATIENCE_MS)
      throw new Error(explain({ standsStill, found, complaints: scene.system.complaints() }));
    await sleep(ASK_EVERY_MS);
  }
}

/** How long what is seen has been the same, ms. */
function stopwatch(began: number): (found: readonly Match[]) => number {
  let last = '';
  let movedAt = began;
  return (found) => {
    const seen = JSON.stringify(found.map(({ sight }) => [sight.webhook, [...sight.deliveries], [...sight.arrivals]]));
    if (seen !== last) movedAt = performance.now();
    last = seen;
    return performance.now() - movedAt;
  };
}

function hearFaults(model: Model, { system }: Scene): void {
  const faults = system.faults();
  for (const webhook of model.webhooks) {
    const counts = new Map<string, number>();
    for (const { event } of faults.filter((fault) => fault.webhook === webhook.id)) {
      const name = model.eventNamed(uuidOf('evt', event));
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    webhook.faults = counts;
  }
}

/** Whoever has a claim waits for a receiver. */
function heldOnly(found: readonly Match[]): boolean {
  const claims = found.flatMap(({ sight }) => [...sight.deliveries.values()]).filter(({ due }) => due?.claimed_until);
  const held = found.flatMap(({ sight }) => [...sight.arrivals.values()]).reduce((sum, one) => sum + one.held, 0);
  return claims.length <= held;
}

interface Match {
  readonly webhook: ModelWebhook;
  readonly sight: Sight;
  /** The worlds that were seen, with exact times. */
  readonly worlds: ModelWebhook['worlds'];
  /** When none was: what contradicts the one closest. */
  readonly wrong: readonly string[];
}

function match(
  model: Model,
  scene: Scene,
  { webhook, observed }: { webhook: ModelWebhook; observed: Observed },
): Match {
  const sight = sightOf(model, scene, { webhook, observed });
  const resting = atRest(webhook.worlds, model.setting(webhook)).map((world) => ({
    world,
    wrong: contradictions(world, sight),
  }));
  const fitting = resting.filter(({ wrong }) => wrong.length === 0);
  const [closest] = resting.toSorted((a, b) => a.wrong.length - b.wrong.length);
  return {
    webhook,
    sight,
    worlds: distinct(fitting.map(({ world }) => adopt(world, sight))),
    wrong: fitting.length > 0 ? [] : (closest?.wrong ?? ['no order of steps leads to the answers that were given']),
  };
}

function sightOf(
  model: Model,
  { system }: Scene,
  { webhook, observed }: { webhook: ModelWebhook; observed: Observed },
): Sight {
  const seen = observed.webhooks.get(webhook.uuid) ?? null;
  const named = (id: string) => model.eventNamed(id) ?? `unknown event ${id}`;
  const arrivals = new Map<string, Arrivals>();
  const count = (id: unknown, kind: keyof Arrivals) => {
    const event = named(uuidOf('evt', String(id)));
    const before = arrivals.get(event) ?? { requests: 0, held: 0 };
    arrivals.set(event, { ...before, [kind]: before[kind] + 1 });
  };
  for (const { headers } of system.receivers.requestsAt(webhook.path)) count(headers['webhook-id'], 'requests');
  for (const { request } of system.receivers.heldAt(webhook.path)) count(request.headers['webhook-id'], 'held');
  const deliveries = [...(observed.deliveries.get(webhook.uuid) ?? [])];
  return { webhook: seen, deliveries: new Map(deliveries.map(([id, delivery]) => [named(id), delivery])), arrivals };
}

interface Seen {
  readonly standsStill: boolean;
  readonly complaints: readonly string[];
  readonly found: readonly Match[];
}

function accept(
  model: Model,
  scene: Scene,
  { observed, found }: { observed: Observed; found: readonly Match[] },
): void {
  for (const { webhook, worlds } of found) webhook.worlds = [...worlds];
  model.seen(observed);
  checkEvents(model, observed);
  checkRequests(model, scene);
}

/** What was acknowledged is there byte for byte, and nothing else. */
function checkEvents(model: Model, observed: Observed): void {
  for (const { name, uuid, payload, kept } of model.events.values()) {
    const seen = observed.events.get(uuid);
    if (kept && seen !== hashOf(payload))
      throw new Error(`${name} was acknowledged, and its payload is ${seen ?? 'gone'}`);
  }
  const phantom = [...observed.events.keys()].find((id) => model.eventNamed(id) === undefined);
  if (phantom !== undefined) throw new Error(`event ${phantom} was never acknowledged`);
}

function explain({ standsStill, found, complaints }: Seen): string {
  const lines = found.flatMap(({ webhook, wrong }) =>
    wrong.map((what) => `  ${webhook.name} (${webhook.policy}, ${webhook.manner}): ${what}`),
  );
  const state = standsStill ? 'stands still' : 'takes too long';
  return [`Hooklane ${state}, and is in none of the worlds that the model allows:`, ...lines, ...complaints].join('\n');
}
