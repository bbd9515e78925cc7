import type { OrgClient } from '@hooklane/client';
import { formatId } from '@hooklane/domain';
import type { Pool } from 'pg';
import type { ModelEvent, ModelWebhook } from '../model.ts';
import type { Delivery, Operation, Range, World } from '../world.ts';
import { ended, eventsIn, resent, standingOf } from '../world.ts';
import type { Act, Answer, Asking } from './acts.ts';
import { answerOf, inWords } from './acts.ts';

/** What people do with one webhook. `event` names one by its place among all that were published. */
export const WEBHOOK_ACTS = {
  Suspend: act({
    ask: ({ api, id }) => api.webhooks.suspend(id),
    refusal: unlessThere,
    follow: (world) => [{ ...world, suspended: world.suspended ?? 'manual' }],
  }),
  Unsuspend: act({
    ask: ({ api, id }) => api.webhooks.unsuspend(id),
    refusal: unlessThere,
    follow: (world) => [{ ...world, suspended: null, failures: 0, firstFailure: null }],
  }),
  Disable: act({
    ask: ({ api, id }) => api.webhooks.update(id, { enabled: false }),
    refusal: unlessThere,
    follow: (world) => [{ ...world, enabled: false }],
  }),
  Enable: act({
    ask: ({ api, id }) => api.webhooks.update(id, { enabled: true }),
    refusal: unlessThere,
    follow: (world) => [{ ...world, enabled: true }],
  }),
  DeleteWebhook: act({
    ask: ({ api, id }) => api.webhooks.delete(id),
    refusal: unlessThere,
    follow: (world, { now }) => [{ ...world, deleted: now }],
  }),
  ResendOne: act({
    ask: ({ api, id, event }) => api.diverted.resend(id, event.id),
    refusal: (world, about) => unlessActive(world) ?? unlessDiverted(world, about),
    // It looks at the webhook first, and only then at the event.
    refusedLate: (world) => (standingOf(world) === 'active' ? [] : ['not_diverted']),
    follow: (world, { event, now }) => [resent(world, event.name, now)],
  }),
  DropDiverted: act({
    ask: ({ api, id, event }) => api.diverted.delete(id, event.id),
    refusal: (world, about) => unlessThere(world) ?? unlessDiverted(world, about),
    refusedLate: (world) => (standingOf(world) === 'deleted' ? ['not_diverted'] : []),
    follow: (world, { event, now }) => [
      ended(world, event.name, { state: 'discarded', reason: 'divert_removed', now }),
    ],
  }),
  ResendAll: act({
    ask: ({ api, id }) => api.diverted.resendAll(id, {}, { perSecond: 1_000 }),
    refusal: unlessActive,
    follow(world, { value: { total }, alone, now }) {
      const isRight = !alone || total === eventsIn(world, 'diverted').length;
      return isRight ? [withOperation(world, { kind: 'resend', created: now })] : [];
    },
  }),
  RetryNow: act({
    ask: ({ api, id }) => api.webhooks.retryNow(id),
    refusal: unlessActive,
    follow: (world, { now }) => [withOperation(world, { kind: 'retry_now', created: now })],
  }),
  CancelPending: act({
    ask: ({ api, id }) => api.webhooks.cancelPending(id),
    refusal: unlessThere,
    follow: (world, { now }) => [withOperation(world, { kind: 'cancel_pending', created: now })],
  }),
  Redeliver: act({
    ask: async (asked) => asked.api.deliveries.redeliver(await deliveryId(asked)),
    refusal: (world, { event }) => unlessRemembered(world, event) ?? unlessActive(world) ?? unlessEnded(world, event),
    // It looks at the webhook first, then at the delivery, and then whoever is faster has it.
    refusedLate: () => ['webhook_not_active', 'delivery_pending'],
    follow: (world, { event, now }) => [resent(world, event.name, now)],
  }),
} as const;

export type WebhookActName = keyof typeof WEBHOOK_ACTS;

export interface Target {
  readonly webhook: ModelWebhook;
  readonly event: ModelEvent;
}

interface Asked {
  readonly api: OrgClient;
  readonly pool: Pool;
  /** Of the webhook. */
  readonly id: string;
  readonly webhook: ModelWebhook;
  readonly event: ModelEvent;
}

interface ActOptions<T> {
  ask(asked: Asked): Promise<T>;
  /** The code it is refused with in such a world. */
  refusal(world: World, target: Target): string | undefined;
  /** The code if the world became such a one while the call was under way. */
  refusedLate?(world: World): readonly string[];
  follow(world: World, about: { event: Target['event']; now: Range; value: T; alone: boolean }): World[];
}

function act<T>(options: ActOptions<T>): (target: Target) => Act {
  const { ask, refusal, refusedLate = () => [], follow } = options;
  return (target) => ({
    concerns: (webhook) => webhook === target.webhook,
    async ask({ scene: { org, system }, alone }: Asking) {
      const answer: Answer<T> = await answerOf(
        ask({ api: org.api, pool: system.database.pool, id: target.webhook.id, ...target }),
      );
      const happened =
        answer.is === 'done'
          ? (world: World, now: Range) => follow(world, { event: target.event, now, value: answer.value, alone })
          : (world: World) => [world];
      const codes = (world: World) => [refusal(world, target), ...(alone ? [] : refusedLate(world))];
      return {
        answer: inWords(answer),
        follow: (world, { now }) => (isPossible(answer, codes(world)) ? happened(world, now) : []),
      };
    },
  });
}

/** The first code is that of the moment in which it was asked; without one, it is done. */
function isPossible(answer: Answer<unknown>, codes: ReadonlyArray<string | undefined>): boolean {
  return answer.is === 'done' ? codes[0] === undefined : codes.includes(answer.code);
}

function unlessThere(world: World): string | undefined {
  return world.deleted === null ? undefined : 'not_found';
}

function unlessActive(world: World): string | undefined {
  return unlessThere(world) ?? (standingOf(world) === 'active' ? undefined : 'webhook_not_active');
}

function unlessDiverted(world: World, { event }: Target): string | undefined {
  const delivery: Delivery | undefined = world.deliveries[event.name];
  return delivery?.state === 'diverted' ? undefined : 'not_diverted';
}

/** The history knows it. */
function unlessRemembered(world: World, event: ModelEvent): string | undefined {
  return world.deliveries[event.name]?.history === true ? undefined : 'not_found';
}

function unlessEnded(world: World, event: ModelEvent): string | undefined {
  if (world.deliveries[event.name]?.state === 'pending') return 'delivery_pending';
  return event.kept ? undefined : 'event_gone';
}

function withOperation(world: World, operation: Operation): World {
  return { ...world, operations: [...world.operations, operation] };
}

/** As it stands in a list of deliveries; where there is none, of one that never was. */
async function deliveryId({ pool, webhook, event }: Asked): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM deliveries WHERE webhook_id = $1 AND event_id = $2',
    [webhook.uuid, event.uuid],
  );
  return formatId('dlv', rows[0]?.id ?? '01890000-0000-7000-8000-000000000000');
}
