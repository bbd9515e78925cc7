import type { OperationId, OperationKind, OperationWait, OrgId, WebhookId } from '@hooklane/domain';
import type { Author } from './audit.ts';
import type { DivertedFilter } from './diverted-events.ts';
import type { DueRef } from './due-work.ts';
import type { Page, PageRequest } from './paging.ts';

/** What is to be done to many deliveries. */
export type OperationTask =
  | { kind: 'resend'; filter: DivertedFilter }
  | { kind: 'replay'; range: ReplayRange }
  | { kind: 'retry_now' }
  | { kind: 'cancel_pending' }
  | { kind: 'erase'; orgId: OrgId }
  /** `keyId`: of the key that sealed when it began. */
  | { kind: 'reseal'; keyId: string };

/** Which stored events a replay sends: those that the webhook is subscribed to now. What is pending anyway is left alone. */
export interface ReplayRange {
  /** When the event was accepted. `since` is included, `until` is not. */
  since: Date;
  until: Date;
  /** Types or patterns; undefined: all. */
  eventTypes?: readonly string[] | undefined;
  /** Every event goes out under a new `webhook-id`: for a receiver that lost its data but not what it has seen. */
  newIds: boolean;
  /** Only what the webhook has not accepted yet. */
  onlyMissing: boolean;
}

/** Work on many deliveries, told as it goes. Survives restarts; bounded to what was there when it began. */
export interface Operation {
  id: OperationId;
  /** Null: across all orgs. */
  orgId: OrgId | null;
  /** Null: of all webhooks that its filter lets through. */
  webhookId: WebhookId | null;
  task: OperationTask;
  /** Deliveries, or rows, that are touched each second, at most. */
  perSecond: number;
  /** `cancelled`: by a call, or because the webhook was deleted. */
  state: 'running' | 'done' | 'cancelled';
  /** Why it stands still at the moment; null while it goes on, and when it has ended. */
  waitingFor: OperationWait | null;
  /** What there was to look at when it began; null when that was too much to count. */
  total: number | null;
  /** Looked at so far. */
  examined: number;
  /** Of these, the deliveries that were touched; or rows erased, or values sealed anew. */
  moved: number;
  createdAt: Date;
  finishedAt: Date | null;
}

/** An operation that is to begin now. */
export interface NewOperation extends Pick<Operation, 'id' | 'orgId' | 'webhookId' | 'task' | 'perSecond'> {
  by: Author;
}

/** All that is given must fit. Without an org: of all, and those of none. */
export interface OperationFilter {
  orgId?: OrgId | undefined;
  webhookId?: WebhookId | undefined;
  kind?: OperationKind | undefined;
  state?: Operation['state'] | undefined;
}

export interface OperationStore {
  start(operation: NewOperation): Promise<Operation | 'too_many'>;
  /**
   * What one would come to if it began now: deliveries that it would send, rows that it would erase, values that it would seal
   * anew (those that no key opens among them). Null: more than are counted. Begins nothing. Not for one on what is pending.
   */
  preview(operation: Pick<NewOperation, 'orgId' | 'webhookId' | 'task'>): Promise<number | null>;
  get(orgId: OrgId | null, id: OperationId): Promise<Operation | null>;
  /** Newest first. */
  list(filter: OperationFilter, page: PageRequest): Promise<Page<Operation>>;
  /** What was done stays done. One that has ended stays as it is. */
  cancel(operation: { orgId: OrgId | null; id: OperationId; by: Author }): Promise<Operation | null>;
  /**
   * One bounded step of an operation that no other worker is at, in one transaction with the note of how far it is: no
   * event is touched twice by an operation, whoever dies. `busy`: there may be more to do at once.
   */
  advance(step: { stepMs: number }): Promise<{ refs: DueRef[]; busy: boolean }>;
}

/** Operations of one org that may run at the same time: each costs all workers a step in turn. */
export const RUNNING_PER_ORG = 20;
