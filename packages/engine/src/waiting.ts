import type { OrgId, WebhookId, Wish } from '@hooklane/domain';
import { shareOut } from '@hooklane/domain';
import type { TakeShare, WaitingWebhook } from './due-work.ts';

interface Waiter {
  group: string;
  /** Also what is marked as queued: its jobs found the lane full and are gone. */
  includeQueued: boolean;
}

/**
 * Webhooks that may have due work in the store which no job in the queue will bring. They take turns: orgs one after the
 * other, and within each org its webhooks.
 */
export class Waiting {
  /** By org, or by webhook where the org is not known. Who was served goes to the end. */
  readonly #groups = new Map<string, Set<WebhookId>>();
  readonly #waiters = new Map<WebhookId, Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  has(webhookId: WebhookId): boolean {
    return this.#waiters.has(webhookId);
  }

  /** A second call only adds to what the first one said. */
  add({ webhookId, orgId }: { webhookId: WebhookId; orgId: OrgId | null }, includeQueued: boolean): void {
    const known = this.#waiters.get(webhookId);
    if (known !== undefined) {
      known.includeQueued ||= includeQueued;
      if (orgId === null || known.group === orgId) return;
      this.#dropFromGroup(webhookId, known.group);
    }
    const group = orgId ?? webhookId;
    this.#waiters.set(webhookId, { group, includeQueued: known?.includeQueued ?? includeQueued });
    const members = this.#groups.get(group);
    if (members === undefined) this.#groups.set(group, new Set([webhookId]));
    else members.add(webhookId);
  }

  addAll(webhooks: readonly WaitingWebhook[], includeQueued: boolean): void {
    for (const webhook of webhooks) this.add(webhook, includeQueued);
  }

  /**
   * Who may have how much of `budget` now, by turns. They are taken out: whoever may have more is added again, at the end,
   * and whoever comes in between is not overlooked.
   */
  next(budget: number, roomOf: (webhookId: WebhookId) => number): TakeShare[] {
    const wishes: Wish<WebhookId>[][] = [];
    for (const members of this.#groups.values()) {
      // Of groups and members whose turn it is not yet, there may be thousands.
      if (wishes.length >= budget) break;
      const wish = wishesOf(members, budget, roomOf);
      if (wish.length > 0) wishes.push(wish);
    }
    return shareOut(wishes, budget).map(({ who, count }) => this.#serve(who, count));
  }

  #serve(webhookId: WebhookId, limit: number): TakeShare {
    const { group, includeQueued } = this.#waiters.get(webhookId) ?? { group: webhookId, includeQueued: false };
    this.#waiters.delete(webhookId);
    this.#dropFromGroup(webhookId, group);
    const members = this.#groups.get(group);
    if (members !== undefined) {
      this.#groups.delete(group);
      this.#groups.set(group, members);
    }
    return { webhookId, limit, includeQueued };
  }

  #dropFromGroup(webhookId: WebhookId, group: string): void {
    const members = this.#groups.get(group);
    members?.delete(webhookId);
    if (members?.size === 0) this.#groups.delete(group);
  }
}

function wishesOf(
  members: ReadonlySet<WebhookId>,
  budget: number,
  roomOf: (webhookId: WebhookId) => number,
): Wish<WebhookId>[] {
  const wishes: Wish<WebhookId>[] = [];
  for (const who of members) {
    if (wishes.length >= budget) break;
    const room = roomOf(who);
    if (room > 0) wishes.push({ who, room });
  }
  return wishes;
}
