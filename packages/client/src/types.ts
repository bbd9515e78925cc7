// The words of the wire. Names are the API's own, in snake_case, so that its documentation reads the same as your code.
// Times are ISO 8601 texts in UTC.

/** A JSON value; `unknown` members, because interfaces are no index types. */
export type Json = string | number | boolean | null | readonly unknown[] | object;

// Orgs and keys

export interface Org {
  id: string;
  /** Names the org in paths. */
  slug: string;
  /** The slug where none was given. */
  name: string;
  created_at: string;
}

export interface NewOrg {
  slug: string;
  name?: string;
}

export type Scope =
  | 'org:read'
  | `events:${'write' | 'read'}`
  | `event-types:${'write' | 'read'}`
  | `webhooks:${'read' | 'list' | 'create' | 'update' | 'delete'}`
  | `deliveries:${'read' | 'resend'}`
  | `diverted:${'read' | 'list' | 'resend' | 'delete'}`
  | 'stats:read'
  | 'audit:read';

export interface ApiKey {
  id: string;
  name: string;
  /** The last four characters of the key. */
  hint: string;
  scopes: Scope[];
  expires_at: string | null;
  /** To the minute. */
  last_used_at: string | null;
  created_at: string;
}

/** The key itself is told only here. */
export interface CreatedApiKey extends ApiKey {
  key: string;
}

export interface NewApiKey {
  name: string;
  scopes: readonly Scope[];
  expires_at?: string;
}

// Events

export interface PublishedEvent {
  id: string;
  /** How many webhooks will get it. */
  deliveries: number;
}

export interface EventRecord {
  id: string;
  /** Your own id, if it was given one. */
  external_id: string | null;
  type: string;
  payload: unknown;
  attributes: Record<string, string>;
  occurred_at: string;
  created_at: string;
  deliveries: Delivery[];
}

// Webhooks

export interface Suspension {
  at: string;
  reason: 'failures' | 'gone' | 'manual';
}

/** Header values may be lists: they are sent as repeated lines. */
export type WebhookHeaderValues = Readonly<Record<string, string | readonly string[]>>;

/** Which failures are retried: classes, or single status codes such as `404`. */
export type Trigger = '1xx' | '3xx' | '4xx' | '5xx' | 'timeout' | 'network' | `${number}`;

export type RetryPolicy =
  | { kind: 'none' }
  | { kind: 'linear'; interval_ms: number; cap_ms: number; max_attempts: number }
  | { kind: 'exponential'; interval_ms: number; factor: number; cap_ms: number; max_attempts: number }
  | { kind: 'list'; delays_ms: readonly number[] };

export interface FailurePolicy {
  retry_on: readonly Trigger[];
  retry: RetryPolicy;
  /** An attempt that would start later than this after the event was accepted is not made; null: no limit. */
  expire_after_ms: number | null;
  /** Both must hold; null: never suspended for failing. */
  suspend: { after_failures: number; after_ms: number } | null;
  /** Keep events that could not be delivered. */
  divert: boolean;
}

export interface Webhook {
  id: string;
  /** The host of the URL where none was given. */
  name: string;
  description: string | null;
  url: string;
  /** Event types or patterns: `invoice.paid`, `invoice.*`, `*`. */
  events: string[];
  /** Event attribute → allowed values; all must match. */
  filters: Record<string, string[]> | null;
  /** Values of names that look like credentials are masked; a mask sent back in `update` means unchanged. */
  headers: WebhookHeaderValues;
  enabled: boolean;
  suspended: Suspension | null;
  /** Enabled and not suspended. */
  active: boolean;
  failure_policy: FailurePolicy;
  timeout_ms: number;
  created_at: string;
  updated_at: string;
  /** Enough of the secret to tell which one it is. */
  secret_hint: string | null;
  last_delivery: { at: string; outcome: Attempt['outcome']; status: number | null } | null;
}

/** The secret is told only here. */
export interface CreatedWebhook extends Webhook {
  secret: string;
}

export interface NewWebhook {
  url: string;
  events: readonly string[];
  name?: string;
  description?: string;
  filters?: Readonly<Record<string, readonly string[]>>;
  headers?: WebhookHeaderValues;
  enabled?: boolean;
  failure_policy?: Partial<FailurePolicy>;
  timeout_ms?: number;
  /** `whsec_` and the base64 of 24 to 64 bytes. Made by the API when left out. */
  secret?: string;
  /** Send a trial request after it was created; its failure never fails the creation. Default true. */
  ping?: boolean;
}

/** What is named is replaced; removals are done before additions. */
export interface WebhookPatch {
  url?: string;
  events?: readonly string[];
  add_events?: readonly string[];
  remove_events?: readonly string[];
  name?: string | null;
  description?: string | null;
  filters?: Readonly<Record<string, readonly string[]>> | null;
  headers?: WebhookHeaderValues;
  add_headers?: WebhookHeaderValues;
  remove_headers?: readonly string[];
  enabled?: boolean;
  failure_policy?: Partial<FailurePolicy>;
  timeout_ms?: number;
}

export type WebhookQuery = {
  limit?: number;
  cursor?: string;
  sort?: string;
  direction?: 'asc' | 'desc';
  name?: string;
  enabled?: boolean;
  suspended?: boolean;
  active?: boolean;
  /** Several: subscribed to any of them. */
  event_type?: string | readonly string[];
};

export interface SecretRotation {
  /** Made by the API when left out. */
  secret?: string;
  /** How long the old secret goes on signing beside the new one. */
  overlap_seconds?: number;
}

// Deliveries and attempts

export type DeliveryState = 'pending' | 'delivered' | 'diverted' | 'discarded';

export interface Delivery {
  id: string;
  event_id: string;
  webhook_id: string;
  origin: Origin;
  state: DeliveryState;
  /** Why it was diverted or discarded. */
  reason: string | null;
  /** Attempts made, told when the delivery has ended. */
  attempts: number;
  created_at: string;
  finished_at: string | null;
}

/** Why there was something to send. */
export type Origin = 'event' | 'ping' | 'resend';

export type DeliveryQuery = { limit?: number; cursor?: string; state?: DeliveryState };

export interface Attempt {
  id: string;
  webhook_id: string;
  delivery_id: string;
  event_id: string;
  event_type: string;
  /** From 1; a retry is an attempt after the first. */
  number: number;
  origin: Origin;
  outcome: 'accepted' | 'rejected' | 'timed-out' | 'unreachable' | 'blocked';
  /** Phase, network code or reason of an outcome without a status. */
  detail: string | null;
  /** HTTP status of the receiver; null when it gave none. */
  status: number | null;
  started_at: string;
  duration_ms: number;
  /** The body only where one attempt is asked for; null when its event is gone. */
  request: { method: string; url: string; headers: Record<string, string | string[]>; body?: string | null };
  response: { status: number; headers: Record<string, string | string[]>; body: string; truncated: boolean } | null;
  next_step: 'delivered' | 'retry' | 'divert' | 'discard';
  next_attempt_at: string | null;
}

export type AttemptQuery = { limit?: number; cursor?: string; status?: 'success' | 'failed' };

/** What was begun; the attempt itself is made by a worker. */
export interface StartedDelivery {
  delivery_id: string;
  webhook_id: string;
  /** Number of the attempt that was begun. */
  attempt: number;
}

// Diverted events and operations

export interface DivertedEvent {
  org_id: string;
  event_id: string;
  webhook_id: string;
  event_type: string;
  attempts: number;
  reason: DivertReason;
  /** What failed last: a status code, `timeout` or `network`; null when it was set aside unsent. */
  trigger: string | null;
  message: string;
  diverted_at: string;
  /** When one diverted event is asked for. */
  payload?: unknown;
}

export type DivertReason = 'retries_exhausted' | 'expired' | 'not_retried' | 'suspended' | 'disabled' | 'gone';

export type DivertedQuery = {
  limit?: number;
  cursor?: string;
  /** Several: any of them. */
  reason?: DivertReason | readonly DivertReason[];
  event_type?: string | readonly string[];
  since?: string;
  until?: string;
};

/** Empty: all that were diverted before the call. */
export interface DivertedFilter {
  reasons?: readonly DivertReason[];
  event_types?: readonly string[];
  since?: string;
  until?: string;
}

export type AdminDivertedQuery = DivertedQuery & { org?: string; webhook_id?: string };

export interface AdminDivertedFilter extends DivertedFilter {
  org?: string;
  webhook_id?: string;
}

/** Work that goes on after the answer; `operations.get` tells how far it is. */
export interface Operation {
  id: string;
  kind: 'resend';
  state: 'running' | 'done';
  filter: DivertedFilter & { org_id?: string; webhook_id?: string };
  per_second: number;
  /** Rows that matched when it began, and those sent again since. */
  total: number;
  moved: number;
  created_at: string;
  finished_at: string | null;
}

export interface ResendOptions {
  /** 1 to 1,000. Default 100. */
  perSecond?: number;
}
