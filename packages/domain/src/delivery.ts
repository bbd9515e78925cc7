/**
 * The words of Hooklane.
 *
 * An **event** is a fact an org published. Each **webhook** subscribed to it gets a **delivery** (one event × one
 * webhook), which is made by **attempts** (one HTTP request each). What an attempt came to is its **outcome**; what
 * follows from that is the **next step**.
 *
 *     pending ──accepted──────────────▶ delivered
 *        │ ▲
 *        │ └─retry (a later attempt)
 *        ├──retries ran out, or webhook not active──▶ diverted ──resend──▶ pending
 *        └──webhook deleted, or diverting is off────▶ discarded
 *
 * Redeliver and replay make any of the three pending again. An event has one delivery for a webhook at most, ever: what is
 * sent again goes on where it ended, its attempts numbered on.
 */
export type DeliveryState = 'pending' | 'delivered' | 'diverted' | 'discarded';

/** Why there is work to do: it decides whether failures are retried, counted and diverted. */
export type Origin =
  /** The event matched the webhook when it was published. */
  | 'event'
  /** A trial: made once, never retried, diverted or counted as a failure. Only a 410 is believed of it. */
  | 'ping'
  /** Tells a webhook's alert URL what befell the webhook. Retried, but never counted against it nor diverted. */
  | 'alert'
  /** A diverted event sent again. */
  | 'resend'
  /** A delivery that had ended, made again because somebody asked for this one. */
  | 'redeliver'
  /** Made, or made again, by the replay of a time range. */
  | 'replay';

/** Whether the work was asked for after its delivery had ended, or after its event was published. */
export function isRedelivery(origin: Origin): boolean {
  return origin === 'resend' || origin === 'redeliver' || origin === 'replay';
}

/** What one attempt came to. A receiver's 500 is a value, not an exception. */
export type Outcome =
  /** A 2xx status line was received. */
  | { kind: 'accepted'; status: number }
  /** Any other status. `retryAfterMs` is the receiver's own wish, already parsed, not yet bounded. */
  | { kind: 'rejected'; status: number; retryAfterMs?: number }
  /** The total deadline passed in this phase; once there is a status line, the status decides. */
  | { kind: 'timed-out'; phase: 'connect' | 'headers' }
  /** No answer could be had. */
  | { kind: 'unreachable'; code: UnreachableCode }
  /** Our own policy forbade the address; nothing was sent. */
  | { kind: 'blocked'; reason: string };

export type UnreachableCode =
  | 'dns_error'
  | 'connection_refused'
  | 'connection_reset'
  | 'network_unreachable'
  | 'tls_error'
  /** The operator's egress proxy refused, or spoke no HTTP. */
  | 'proxy_error'
  | 'protocol_error'
  | 'network_error';

/** Why an event was set aside. */
export type DivertReason = 'retries_exhausted' | 'expired' | 'not_retried' | 'suspended' | 'disabled' | 'gone';

/** Why a delivery ended for good without reaching its webhook. */
export type DiscardReason =
  | DivertReason
  | 'deleted'
  | 'ping_failed'
  | 'alert_failed'
  | 'event_missing'
  | 'cancelled'
  | 'divert_removed'
  | 'divert_expired';

/** Why the system (or a person) stopped sending to a webhook. */
export type SuspendReason = 'failures' | 'gone' | 'manual';
