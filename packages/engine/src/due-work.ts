import type {
  AttemptId,
  DeliveryId,
  Destination,
  Encoding,
  EventId,
  NextStep,
  OrgId,
  Origin,
  SigningKeys,
  Standing,
  WaitReason,
  WebhookId,
} from '@hooklane/domain';
import type { SendReport } from './sending.ts';

/** Points at work that is, or will be, due. All that a job in the queue carries: ids, never payloads or secrets. */
export interface DueRef {
  deliveryId: DeliveryId;
  webhookId: WebhookId;
  /** The attempt this is about, over all rounds; a job for another attempt is out of date and does nothing. */
  attempt: number;
}

/** The right to make one attempt, and everything needed for it. It lapses by itself; with `attempt`, `claimNo` is the fence. */
export interface Claim extends DueRef {
  claimNo: number;
  /** What the attempt will be logged as. Given here, so that a record that is written again is known to be the same. */
  attemptId: AttemptId;
  /** On the database clock, ms since 1970, whole: the logs and signatures of workers whose clocks differ still agree. */
  claimedAtMs: number;
  orgId: OrgId;
  eventId: EventId;
  /** What `webhook-id` says: the event's id, unless a replay gave it a new one. */
  sentAs: EventId;
  origin: Origin;
  /** Number within the round, from 1; a resend begins a new round with the whole retry budget. */
  attemptInRound: number;
  /** Since the round began, on the database clock. */
  ageMs: number;
  /** How long after it was due it was claimed, ms; on the database clock. */
  lateMs: number;
  /** Null when the event's row is gone: nothing can be sent. */
  event: { type: string; payload: Buffer; occurredAt: Date; requestId: string } | null;
  /** Of the request that published the event, where that was traced. */
  traceparent: string | null;
  standing: Standing;
  destination: Destination;
  /** Pinned by the first claim of the round: a change of the webhook between attempts never changes the bytes. */
  encoding: Encoding;
  /** Empty: nothing is signed. */
  keys: SigningKeys;
}

/** What was sent and answered. */
export interface SentAttempt {
  report: SendReport;
  /** As sent; the store masks sensitive values before it writes them. */
  requestHeaders: Readonly<Record<string, string | readonly string[]>>;
  startedAtMs: number;
  /** The limit for which it was sent later than it was due; null: none that is known of. */
  waitedFor: WaitReason | null;
}

/** What became of a claim. Written only while its `attempt` and `claimNo` still match. */
export interface AttemptRecord {
  claim: Claim;
  step: NextStep;
  /** Null when nothing was attempted (the webhook was not active). */
  sent: SentAttempt | null;
  /** The retry is handed to the queue: the relay leaves it alone until shortly after it is due. */
  queued: boolean;
}

/** Where undone work lives. */
export interface DueStore {
  /** Claims one delivery for the attempt named; null when it is not due, claimed by another, past that attempt, or paused. */
  claim(ref: DueRef): Promise<Claim | null>;
  /** Claims due work straight from the store, oldest first, whosever it is. Of what is paused nothing is claimed or relayed, here and below. */
  take(request: TakeRequest): Promise<Claim[]>;
  /** Claims due work of certain webhooks, up to a limit for each; of each the oldest first. */
  takeShares(shares: readonly TakeShare[]): Promise<Claim[]>;
  /** The webhooks that have work which is, or was a moment ago, due. Some of it may be queued or claimed. */
  waiting(): Promise<WaitingWebhook[]>;
  /** Whether there is work that may not be claimed because it is paused: all there is, or some. */
  pauses(): Promise<'none' | 'some' | 'all'>;
  /**
   * Writes attempt, new state and the webhook's health in one transaction. False: the claim was lost meanwhile. May be
   * called again with the same record when it is not known whether it was written: that changes nothing, and is true again.
   */
  record(record: AttemptRecord): Promise<boolean>;
  /** Gives claims back unused and due at once: what a worker does with what it has not begun. */
  release(claims: readonly Claim[]): Promise<void>;
  /** Marks due work that is neither queued nor claimed as queued, oldest first, and returns it. */
  relay(limit: number): Promise<DueRef[]>;
  /** Forgets that these were queued, so that the relay finds them at once. */
  unqueue(refs: readonly DueRef[]): Promise<void>;
  /** Forgets it for all: the queue lost its data. */
  unqueueAll(): Promise<void>;
  /** Sets aside up to `limit` deliveries of webhooks that are not active; returns how many there were. */
  drainInactive(limit: number): Promise<number>;
}

export interface TakeRequest {
  limit: number;
  /** Also what is marked as queued: the queue is away and may have lost it. */
  includeQueued: boolean;
}

/** How much of a webhook's due work to claim. */
export interface TakeShare {
  webhookId: WebhookId;
  limit: number;
  /** As above, or because the work was parked: its jobs are gone from the queue. */
  includeQueued: boolean;
}

export interface WaitingWebhook {
  orgId: OrgId;
  webhookId: WebhookId;
}

/** The fast path beside the store. Losing everything in it costs only time. */
export interface JobQueue {
  /** `accepting`: what is announced arrives; `full`: above the high-water mark; `away`: work is taken from the store. */
  readonly state: 'accepting' | 'full' | 'away';
  /** Jobs that nobody has taken yet: a quarter of a second ago, and what was announced from here since. */
  readonly waiting: number;
  /** Hands over ids. Never throws, answers within a bound. False: they may not have arrived. */
  announce(refs: readonly DueRef[], delayMs?: number): Promise<boolean>;
}

/** The queue, with the store behind it: what the one shall not have, the workers take from the other. */
export interface DueQueue extends Omit<JobQueue, 'waiting'> {
  /**
   * Whether so many deliveries of an org may be announced now; if they may, they count. `isLater`: with a delay. What may
   * not goes to {@link leaveToStore} after it is stored.
   */
  admits(orgId: OrgId, count: number, options?: { isLater?: boolean }): boolean;
  /** Tells the workers that there is work in the store. */
  leaveToStore(delayMs?: number): void;
}

/** Tells workers that there is due work in the store. A hint: who misses it finds the work by polling. */
export interface Wake {
  /** Coalesced: many calls make few signals. */
  soon(delayMs?: number): void;
}
