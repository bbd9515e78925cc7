/** What stands in the ledgers. Times are ms since 1970 on this machine's clock. */

/** The producer is about to send. Written before the first try of each event. */
export interface SentRecord {
  readonly kind: 'sent';
  readonly n: number;
  readonly key: string;
  readonly type: string;
  /** Of the payload: hex SHA-256. No two payloads of a run are the same. */
  readonly sha: string;
  readonly t: number;
}

/** A 202 came. Synced before it is counted. */
export interface AckedRecord {
  readonly kind: 'acked';
  readonly n: number;
  readonly eventId: string;
  readonly deliveries: number;
  readonly t: number;
  /** Tries before this one whose fate nobody told: timeouts, resets, 5xx. */
  readonly ambiguous: number;
}

/** A try had no clear answer. The event may or may not exist. */
export interface AmbiguousRecord {
  readonly kind: 'ambiguous';
  readonly n: number;
  readonly why: string;
  readonly t: number;
}

/** An acknowledged event was sent once more: the same request, or another one under its key. */
export interface AgainRecord {
  readonly kind: 'again';
  readonly n: number;
  readonly same: boolean;
  readonly status: number;
  readonly eventId: string | null;
}

/** A clear answer that is neither an acknowledgement nor "later". */
export interface RefusedRecord {
  readonly kind: 'refused';
  readonly n: number;
  readonly status: number;
  readonly code: string;
}

export type ProducerRecord = SentRecord | AckedRecord | AmbiguousRecord | AgainRecord | RefusedRecord;

/** A request came in whole. Written before it is answered. */
export interface ReceiptRecord {
  readonly kind: 'receipt';
  readonly seq: number;
  readonly webhook: string;
  /** The header `webhook-id`. */
  readonly id: string;
  readonly sha: string;
  /** Its signature verifies, and it carries the headers of its webhook. */
  readonly genuine: boolean;
  /** The header `webhook-timestamp`, as ms. */
  readonly stampedAt: number;
  readonly t: number;
  readonly answer: number | 'reset' | 'none';
}

/** The sender went away before it had the whole answer. */
export interface AbortedRecord {
  readonly kind: 'aborted';
  readonly seq: number;
}

export type ReceiverRecord = ReceiptRecord | AbortedRecord;
