import type {
  AttemptId,
  DeliveryId,
  DeliveryState,
  EventId,
  FailurePolicy,
  OrgId,
  Origin,
  SigningKey,
  SuspendReason,
  ThrottleRules,
  WebhookId,
} from '@hooklane/domain';
import { healthSign, suspensionDue } from '@hooklane/domain';
import type { Accepted, AttemptRecord, SentAttempt, StoredEvent } from '@hooklane/engine';

/** How long things last in a world, ms. */
export interface WorkTimes {
  timeoutMs: number;
  claimGraceMs: number;
  enqueuedMs: number;
  idempotencyMs: number;
}

export interface WebhookRow {
  orgId: OrgId;
  policy: FailurePolicy;
  enabled: boolean;
  suspended: boolean;
  deleted: boolean;
  suspendedReason: SuspendReason | null;
  /** Failures in a row. */
  failures: number;
  firstFailureMs: number | null;
  key: SigningKey;
  encoding: number;
  limits: ThrottleRules;
}

export interface DueRow {
  deliveryId: DeliveryId;
  eventId: EventId;
  webhookId: WebhookId;
  orgId: OrgId;
  origin: Origin;
  attempt: number;
  createdMs: number;
  dueMs: number;
  enqueuedUntilMs: number;
  /** Pinned by the first claim. */
  encoding: number | null;
  claimNo: number;
  claimedUntilMs: number;
}

export interface DivertedRow {
  webhookId: WebhookId;
  eventId: EventId;
  deliveryId: DeliveryId;
  reason: string;
  attempts: number;
  trigger: string | null;
}

export interface LoggedAttempt extends SentAttempt {
  id: AttemptId;
  webhookId: WebhookId;
  deliveryId: DeliveryId;
  number: number;
}

/** A moment that is past, whatever the time: stands for "not queued" and "not claimed". */
export const NEVER = Number.NEGATIVE_INFINITY;

/** What the stores of a world share. Nothing in it awaits, so that every change of it is a transaction. */
export class WorkRows {
  readonly configVersions = new Map<OrgId, bigint>();
  readonly webhooks = new Map<WebhookId, WebhookRow>();
  /** In the order in which they were stored. */
  readonly events = new Map<EventId, StoredEvent & { orgId: OrgId }>();
  /** Of the requests that published, where they were traced. */
  readonly traceparents = new Map<EventId, string>();
  readonly due = new Map<DeliveryId, DueRow>();
  readonly deliveries = new Map<DeliveryId, { state: DeliveryState; reason: string | null; attempts: number }>();
  readonly diverted = new Map<string, DivertedRow>();
  readonly attempts: LoggedAttempt[] = [];
  readonly usedKeys = new Map<string, { requestHash: Buffer; accepted: Accepted; expiresMs: number }>();
  /** Orgs and webhooks, or `all`. */
  readonly paused = new Set<string>();
  nowMs = Date.UTC(2026, 0, 1);

  raiseConfigVersion(orgId: OrgId): void {
    this.configVersions.set(orgId, (this.configVersions.get(orgId) ?? 0n) + 1n);
  }

  webhook(id: WebhookId): WebhookRow {
    const webhook = this.webhooks.get(id);
    if (webhook === undefined) throw new TypeError(`no webhook ${id}`);
    return webhook;
  }

  /** Oldest first; of one age, in the order in which they were made. */
  dueWhere(holds: (row: DueRow) => boolean): DueRow[] {
    return [...this.due.values()].filter(holds).sort((a, b) => a.dueMs - b.dueMs);
  }

  isClaimed(row: DueRow): boolean {
    return row.claimedUntilMs >= this.nowMs;
  }

  isPaused({ orgId, webhookId }: Pick<DueRow, 'orgId' | 'webhookId'>): boolean {
    return ['all', orgId, webhookId].some((id) => this.paused.has(id));
  }

  isQueued(row: DueRow): boolean {
    return row.enqueuedUntilMs >= this.nowMs;
  }

  /** Ends a delivery, and keeps its event if it is diverted. */
  end(
    row: DueRow,
    state: DeliveryState,
    how: { reason: string | null; attempts: number; trigger: string | null },
  ): void {
    const { deliveryId, webhookId, eventId } = row;
    const { reason, attempts, trigger } = how;
    this.due.delete(deliveryId);
    this.deliveries.set(deliveryId, { state, reason, attempts });
    if (state !== 'diverted') return;
    const kept = { webhookId, eventId, deliveryId, reason: reason ?? '', attempts, trigger };
    this.diverted.set(`${webhookId}/${eventId}`, kept);
  }

  /** Counts what an attempt says about its webhook, and suspends by the rule. */
  noteHealth({ claim, step, sent }: AttemptRecord): void {
    if (sent === null) return;
    const webhook = this.webhook(claim.webhookId);
    const sign = healthSign(sent.report.outcome, claim.origin);
    if (sign === 'success') Object.assign(webhook, { failures: 0, firstFailureMs: null });
    if (sign === 'failure') {
      webhook.failures++;
      webhook.firstFailureMs ??= this.nowMs;
    }
    const isGone = 'suspend' in step && step.suspend;
    if (isGone || this.#isFailingTooLong(webhook)) this.#suspend(webhook, isGone ? 'gone' : 'failures');
  }

  /** Null: its last attempt did not fail. */
  failingForMs(webhookId: WebhookId): number | null {
    const { firstFailureMs } = this.webhook(webhookId);
    return firstFailureMs === null ? null : this.nowMs - firstFailureMs;
  }

  #isFailingTooLong({ failures, firstFailureMs, policy }: WebhookRow): boolean {
    if (firstFailureMs === null) return false;
    return suspensionDue({ failures, lastedMs: this.nowMs - firstFailureMs }, policy.suspend);
  }

  #suspend(webhook: WebhookRow, reason: SuspendReason): void {
    if (webhook.suspended || webhook.deleted) return;
    Object.assign(webhook, { suspended: true, suspendedReason: reason });
    this.raiseConfigVersion(webhook.orgId);
  }
}
