import type { Model, ModelWebhook } from '../model.ts';
import type { Held } from '../receivers.ts';
import type { Scene } from '../scene.ts';
import { settle } from '../settle.ts';
import { withFlights } from '../steps.ts';
import { uuidOf } from '../system.ts';
import { deliveryOf } from '../world.ts';

/** A receiver answers a request that it kept. */
export function answer(model: Model, scene: Scene, { webhook, held, status }: Kept & { status: number }): void {
  const id = String(held.request.headers['webhook-id']);
  const before = scene.system.receivers
    .heldAt(webhook.path)
    .filter(({ request }) => request.headers['webhook-id'] === id);
  const rank = before.indexOf(held);
  held.answer(status);
  const event = model.eventNamed(uuidOf('evt', id));
  if (event === undefined) throw new Error(`${webhook.name} got a request with the unknown id ${id}`);
  model.happened(webhook, (world) => {
    const kept = world.deliveries[event] === undefined ? [] : heldFlights(deliveryOf(world, event).flights);
    const claimNo = kept[rank]?.claimNo;
    if (claimNo === undefined) return [];
    const phase = { is: 'answered', status } as const;
    return [withFlights(world, event, (flight) => (flight.claimNo === claimNo ? { ...flight, phase } : flight))];
  });
}

export interface Kept {
  readonly webhook: ModelWebhook;
  readonly held: Held;
}

export function allKept(model: Model, { system }: Scene): Kept[] {
  return model.webhooks.flatMap((webhook) => system.receivers.heldAt(webhook.path).map((held) => ({ webhook, held })));
}

/** Well before the deadline of the attempt. */
const OVERDUE_MS = 20_000;

/** A receiver that keeps a request too long would have it timed out, which no model could foresee. */
export async function answerOverdue(model: Model, scene: Scene): Promise<void> {
  for (const kept of allKept(model, scene)) {
    if (performance.now() - kept.held.sinceMs <= OVERDUE_MS) continue;
    answer(model, scene, { ...kept, status: 200 });
    await settle(model, scene);
  }
}

function heldFlights(flights: ReturnType<typeof deliveryOf>['flights']) {
  return flights.filter(({ phase }) => phase.is === 'held');
}
