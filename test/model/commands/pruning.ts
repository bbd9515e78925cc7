import { timeOfUuid } from '@hooklane/domain';
import type { Model } from '../model.ts';
import type { Observed } from '../observed.ts';
import { observe } from '../observed.ts';
import type { Scene } from '../scene.ts';
import { DAY_MS, KEPT_ATTEMPTS, RETAINED_MS } from '../system.ts';
import type { Range, World } from '../world.ts';
import { deliveryOf, ended, eventsIn, withDelivery } from '../world.ts';

/** One pass of a reaper. Nothing may be missing afterwards that was not past its limit. */
export async function prune(model: Model, scene: Scene): Promise<void> {
  await scene.system.prune();
  const now = model.now();
  const observed = await observe(scene.system.database.pool, scene.org.id);
  for (const webhook of model.webhooks) {
    const history = observed.deliveries.get(webhook.uuid) ?? new Map();
    const isMissing = (event: string) => !history.get(model.event(event).uuid)?.history;
    model.happened(webhook, (world) =>
      expired(shortened(world, now), now).map((pruned) => withoutHistory(pruned, { model, now, isMissing })),
    );
  }
  forgetEvents(model, observed, now);
}

/** A deleted webhook keeps its log for a day. */
function shortened(world: World, now: Range): World {
  const keep = world.deleted !== null && world.deleted.max < now.min - DAY_MS ? 0 : KEPT_ATTEMPTS;
  return { ...world, logged: Math.min(world.logged, keep) };
}

/** One world, or two where a diverted event is so old that it may or may not have been in time. */
function expired(world: World, now: Range): World[] {
  return eventsIn(world, 'diverted').reduce<World[]>(
    (worlds, event) =>
      worlds.flatMap((one) => {
        const { diverted } = deliveryOf(one, event);
        const gone = ended(one, event, { state: 'discarded', reason: 'divert_expired', now });
        const may = diverted !== null && diverted.min < now.max - RETAINED_MS.divertedMs;
        const must = diverted !== null && diverted.max < now.min - RETAINED_MS.divertedMs;
        return [...(may ? [gone] : []), ...(must ? [] : [one])];
      }),
    [world],
  );
}

/** A day is dropped as a whole, unless something of it is due or the day is in use: it may stay, but not go too early. */
function withoutHistory(
  world: World,
  { model, now, isMissing }: { model: Model; now: Range; isMissing: (event: string) => boolean },
): World {
  return Object.keys(world.deliveries)
    .filter((event) => isMissing(event) && deliveryOf(world, event).state !== 'pending')
    .filter((event) => isPast(model.event(event).uuid, now, RETAINED_MS.deliveriesMs))
    .reduce((pruned, event) => withDelivery(pruned, event, { history: false }), world);
}

function forgetEvents(model: Model, observed: Observed, now: Range): void {
  for (const event of model.events.values()) {
    const isNeeded = model.webhooks.some(({ worlds }) =>
      worlds.some((world) => ['pending', 'diverted'].includes(world.deliveries[event.name]?.state ?? '')),
    );
    const mayGo = !isNeeded && isPast(event.uuid, now, RETAINED_MS.eventsMs);
    if (mayGo && !observed.events.has(event.uuid)) event.kept = false;
  }
}

function isPast(uuid: string, now: Range, retainedMs: number): boolean {
  const endOfDay = (Math.floor(timeOfUuid(uuid) / DAY_MS) + 1) * DAY_MS;
  return endOfDay + retainedMs <= now.max;
}
