import type { OrgId, SuspendReason, WebhookId } from '@hooklane/domain';
import type { Author } from './audit.ts';

/** What there is to do, over all orgs, at one moment. */
export interface QueueFigures {
  /** Deliveries by where they are; their sum is all that is pending. */
  pending: {
    /** Due, and nobody is at it. */
    due: number;
    /** Due, and announced to the queue. */
    queued: number;
    /** A worker is making the attempt. */
    inFlight: number;
    /** A retry that is due later. */
    scheduled: number;
  };
  /** How long the oldest delivery that nobody is at has been due, ms; null when there is none. */
  oldestDueMs: number | null;
  /** The webhooks with most pending deliveries, the most first; 20 at most. */
  backlogs: Array<{ orgId: OrgId; webhookId: WebhookId; pending: number; due: number }>;
  /** Diverted events by reason. */
  diverted: Readonly<Record<string, number>>;
  operationsRunning: number;
}

/** Which suspended webhooks are meant; all that is given must fit. */
export interface SuspendedFilter {
  orgId?: OrgId | undefined;
  webhookIds?: readonly WebhookId[] | undefined;
  reasons?: readonly SuspendReason[] | undefined;
  /** Since when they are suspended. `since` is included, `until` is not. */
  since?: Date | undefined;
  until?: Date | undefined;
}

export interface SuspendedWebhook {
  orgId: OrgId;
  id: WebhookId;
  name: string;
  reason: SuspendReason;
  suspendedAt: Date;
}

/** What the operator sees and does over all orgs. */
export interface OperatorStore {
  queues(): Promise<QueueFigures>;
  /** How many fit; and the first `limit` of them, suspended longest. */
  suspended(filter: SuspendedFilter, limit: number): Promise<{ count: number; webhooks: SuspendedWebhook[] }>;
  /** Unsuspends up to `limit`, suspended longest first, in one transaction: those that were. */
  unsuspend(filter: SuspendedFilter, call: { limit: number; by: Author }): Promise<SuspendedWebhook[]>;
}

/** Per transaction: it holds the rows of so many webhooks, and of their orgs. */
const UNSUSPEND_STEP = 200;

/** So many in one call; whoever has more calls again. */
export const UNSUSPEND_MOST = 2_000;

/** Unsuspends all that fit, up to {@link UNSUSPEND_MOST}, in steps that hold nobody up for long. */
export async function unsuspendMany(
  store: Pick<OperatorStore, 'unsuspend'>,
  filter: SuspendedFilter,
  by: Author,
): Promise<SuspendedWebhook[]> {
  const done: SuspendedWebhook[] = [];
  while (done.length < UNSUSPEND_MOST) {
    const step = await store.unsuspend(filter, { limit: UNSUSPEND_STEP, by });
    done.push(...step);
    if (step.length < UNSUSPEND_STEP) break;
  }
  return done;
}
