import type { NextStep, OrgId } from '@hooklane/domain';
import { encodingOf, NO_BRAND, standingOf, stepWithoutSending, triggerOf } from '@hooklane/domain';
import type {
  AcceptVerdict,
  AttemptRecord,
  Claim,
  DueRef,
  DueStore,
  EventDraft,
  EventStore,
  Publication,
  StoredEvent,
  TakeRequest,
  TakeShare,
  WaitingWebhook,
} from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import type { DueRow, WebhookRow, WorkRows, WorkTimes } from './work-rows.ts';
import { NEVER } from './work-rows.ts';

export class MemoryEventStore implements EventStore {
  readonly #rows: WorkRows;
  readonly #times: WorkTimes;

  constructor(rows: WorkRows, times: WorkTimes) {
    this.#rows = rows;
    this.#times = times;
  }

  async accept(draft: EventDraft): Promise<AcceptVerdict> {
    const given = this.#answerGiven(draft);
    if (given !== null) return given;
    const { publication, configVersion } = draft;
    if (configVersion !== null && configVersion !== this.#rows.configVersions.get(publication.orgId))
      return { kind: 'stale' };
    this.#store(draft);
    return { kind: 'stored' };
  }

  async answered(publication: Publication): Promise<GivenAnswer | null> {
    return this.#answerGiven({ publication });
  }

  #answerGiven(draft: Pick<EventDraft, 'publication'>): GivenAnswer | null {
    const key = keyOf(draft);
    const used = key === null ? undefined : this.#rows.usedKeys.get(key);
    if (used === undefined || used.expiresMs < this.#rows.nowMs) return null;
    const isSame = draft.publication.idempotency?.requestHash.equals(used.requestHash) ?? false;
    return isSame ? { kind: 'repeated', accepted: used.accepted } : { kind: 'conflict' };
  }

  #store(draft: EventDraft): void {
    const { publication, eventId, deliveries, origin, queued } = draft;
    const { events, deliveries: history, due, usedKeys, nowMs } = this.#rows;
    const { orgId, idempotency } = publication;
    events.set(eventId, storedEvent(draft, new Date(nowMs)));
    if (publication.traceparent != null) this.#rows.traceparents.set(eventId, publication.traceparent);
    for (const { deliveryId, webhookId } of deliveries) {
      history.set(deliveryId, { state: 'pending', reason: null, attempts: 0 });
      const enqueuedUntilMs = queued ? nowMs + this.#times.enqueuedMs : NEVER;
      const work = { deliveryId, eventId, webhookId, orgId, origin, attempt: 1, createdMs: nowMs, dueMs: nowMs };
      due.set(deliveryId, { ...work, enqueuedUntilMs, encoding: null, claimNo: 0, claimedUntilMs: NEVER });
    }
    if (idempotency === null) return;
    usedKeys.set(`${orgId}/${idempotency.key}`, {
      requestHash: idempotency.requestHash,
      accepted: { eventId, deliveries: deliveries.length },
      expiresMs: nowMs + this.#times.idempotencyMs,
    });
  }
}

function storedEvent(
  { eventId: id, publication, schemaVersion = null }: EventDraft,
  createdAt: Date,
): StoredEvent & { orgId: OrgId } {
  const { orgId, type, payload, attributes, externalId, requestId, occurredAt } = publication;
  const told = { orgId, type, schemaVersion, payload, attributes, externalId, requestId };
  return { id, ...told, occurredAt: occurredAt ?? createdAt, createdAt };
}

function sentEvent({ type, payload, occurredAt, requestId }: StoredEvent): Claim['event'] {
  return { type, payload, occurredAt, requestId };
}

type GivenAnswer = Extract<AcceptVerdict, { kind: 'repeated' | 'conflict' }>;

function keyOf({ publication: { orgId, idempotency } }: Pick<EventDraft, 'publication'>): string | null {
  return idempotency && `${orgId}/${idempotency.key}`;
}

/** A delayed job may fire a little before its work is due: on another machine's clock it is. */
const EARLY_MS = 250;

export class MemoryDueStore implements DueStore {
  readonly #ids = createIdFactory();
  readonly #rows: WorkRows;
  readonly #times: WorkTimes;

  constructor(rows: WorkRows, times: WorkTimes) {
    this.#rows = rows;
    this.#times = times;
  }

  async claim(ref: DueRef): Promise<Claim | null> {
    const row = this.#named(ref);
    if (row === null || row.dueMs > this.#rows.nowMs + EARLY_MS || this.#isHeldUp(row)) return null;
    return this.#give(row);
  }

  async take({ limit, includeQueued }: TakeRequest): Promise<Claim[]> {
    return this.#free()
      .filter((row) => includeQueued || !this.#rows.isQueued(row))
      .slice(0, limit)
      .map((row) => this.#give(row));
  }

  async takeShares(shares: readonly TakeShare[]): Promise<Claim[]> {
    return shares.flatMap(({ webhookId, limit, includeQueued }) =>
      this.#free()
        .filter((row) => row.webhookId === webhookId && (includeQueued || !this.#rows.isQueued(row)))
        .slice(0, limit)
        .map((row) => this.#give(row)),
    );
  }

  async waiting(): Promise<WaitingWebhook[]> {
    const due = this.#rows.dueWhere((row) => row.dueMs <= this.#rows.nowMs && !this.#rows.isPaused(row));
    const orgs = new Map(due.map(({ webhookId, orgId }) => [webhookId, orgId]));
    return [...orgs].map(([webhookId, orgId]) => ({ webhookId, orgId }));
  }

  async pauses(): Promise<'none' | 'some' | 'all'> {
    const { paused } = this.#rows;
    if (paused.has('all')) return 'all';
    return paused.size === 0 ? 'none' : 'some';
  }

  async record(record: AttemptRecord): Promise<boolean> {
    const { claim, step, sent, queued } = record;
    const row = this.#held(claim);
    if (row === null) return this.#rows.attempts.some(({ id }) => id === claim.attemptId);
    if (sent !== null) {
      const { webhookId, deliveryId, attempt: number } = row;
      this.#rows.attempts.push({ ...sent, id: claim.attemptId, webhookId, deliveryId, number });
    }
    if (step.kind === 'retry') this.#again(row, step.delayMs, queued);
    else {
      const trigger = sent && triggerOf(sent.report.outcome);
      this.#end(row, step, { attempts: sent === null ? row.attempt - 1 : row.attempt, trigger });
    }
    this.#rows.noteHealth(record);
    return true;
  }

  async release(claims: readonly Claim[]): Promise<void> {
    for (const claim of claims) {
      const row = this.#held(claim);
      if (row !== null) Object.assign(row, { claimedUntilMs: NEVER, enqueuedUntilMs: NEVER });
    }
  }

  async relay(limit: number): Promise<DueRef[]> {
    const rows = this.#free()
      .filter((row) => !this.#rows.isQueued(row))
      .slice(0, limit);
    for (const row of rows) row.enqueuedUntilMs = this.#rows.nowMs + this.#times.enqueuedMs;
    return rows.map(({ deliveryId, webhookId, attempt }) => ({ deliveryId, webhookId, attempt }));
  }

  async unqueue(refs: readonly DueRef[]): Promise<void> {
    for (const ref of refs) {
      const row = this.#named(ref);
      if (row !== null) row.enqueuedUntilMs = NEVER;
    }
  }

  async unqueueAll(): Promise<void> {
    for (const row of this.#rows.due.values()) row.enqueuedUntilMs = NEVER;
  }

  async drainInactive(limit: number): Promise<number> {
    const drained = this.#rows
      .dueWhere((row) => !this.#rows.isClaimed(row))
      .flatMap((row) => {
        const step = stepFor(row, this.#rows.webhook(row.webhookId));
        return step === null ? [] : [{ row, step }];
      })
      .slice(0, limit);
    for (const { row, step } of drained) this.#end(row, step, { attempts: row.attempt - 1, trigger: null });
    return Math.max(drained.length, this.#discardDiverted(limit));
  }

  /** What may be claimed now, oldest first. */
  #free(): DueRow[] {
    return this.#rows.dueWhere((row) => row.dueMs <= this.#rows.nowMs && !this.#isHeldUp(row));
  }

  #isHeldUp(row: DueRow): boolean {
    return this.#rows.isClaimed(row) || this.#rows.isPaused(row);
  }

  #named({ deliveryId, attempt }: DueRef): DueRow | null {
    const row = this.#rows.due.get(deliveryId);
    return row?.attempt === attempt ? row : null;
  }

  #held({ deliveryId, claimNo, attempt }: Claim): DueRow | null {
    const row = this.#rows.due.get(deliveryId);
    return row?.claimNo === claimNo && row.attempt === attempt ? row : null;
  }

  #give(row: DueRow): Claim {
    const { nowMs, events } = this.#rows;
    const event = events.get(row.eventId);
    const webhook = this.#rows.webhook(row.webhookId);
    const { timeoutMs, claimGraceMs } = this.#times;
    row.claimNo++;
    row.encoding ??= webhook.encoding;
    row.claimedUntilMs = nowMs + timeoutMs + claimGraceMs;
    const { deliveryId, webhookId, attempt, claimNo, orgId, eventId, origin } = row;
    return {
      ...{ deliveryId, webhookId, attempt, claimNo, orgId, eventId, origin },
      sentAs: eventId,
      attemptId: this.#ids.next('att', nowMs),
      claimedAtMs: nowMs,
      attemptInRound: attempt,
      ageMs: nowMs - row.createdMs,
      lateMs: Math.max(0, nowMs - row.dueMs),
      event: event === undefined ? null : sentEvent(event),
      traceparent: this.#rows.traceparents.get(row.eventId) ?? null,
      standing: standingOf(webhook),
      destination: {
        url: `https://receiver.example/${webhookId}`,
        headers: {},
        tls: null,
        timeoutMs,
        host: 'receiver.example',
        limits: webhook.limits,
        policy: webhook.policy,
        numbers: { webhook: 1, org: 1 },
        brand: NO_BRAND,
      },
      encoding: encodingOf(row.encoding) ?? unknown(row.encoding),
      keys: [webhook.key],
    };
  }

  #again(row: DueRow, delayMs: number, queued: boolean): void {
    row.attempt++;
    row.dueMs = this.#rows.nowMs + delayMs;
    row.claimedUntilMs = NEVER;
    row.enqueuedUntilMs = queued ? row.dueMs + this.#times.enqueuedMs : NEVER;
  }

  #end(row: DueRow, step: NextStep, how: { attempts: number; trigger: string | null }): void {
    const state = step.kind === 'divert' ? 'diverted' : step.kind === 'discard' ? 'discarded' : 'delivered';
    this.#rows.end(row, state, { reason: 'reason' in step ? step.reason : null, ...how });
  }

  /** What was set aside for a webhook that is deleted can never be sent again. */
  #discardDiverted(limit: number): number {
    const gone = [...this.#rows.diverted]
      .filter(([, row]) => this.#rows.webhook(row.webhookId).deleted)
      .slice(0, limit);
    for (const [key, { deliveryId, attempts }] of gone) {
      this.#rows.diverted.delete(key);
      this.#rows.deliveries.set(deliveryId, { state: 'discarded', reason: 'deleted', attempts });
    }
    return gone.length;
  }
}

function stepFor({ origin }: DueRow, webhook: WebhookRow): NextStep | null {
  return stepWithoutSending({ standing: standingOf(webhook), origin, hasEvent: true, divert: webhook.policy.divert });
}

function unknown(encoding: number): never {
  throw new TypeError(`no encoding ${encoding}`);
}
