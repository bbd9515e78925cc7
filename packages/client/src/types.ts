// The words of the wire. Names are the API's own, in snake_case, so that its documentation reads the same as your code.
// Times are ISO 8601 texts in UTC.

/** A JSON value; `unknown` members, because interfaces are no index types. */
export type Json = string | number | boolean | null | readonly unknown[] | object;

// Orgs and keys

export interface Org {
  /** Names the org in paths. */
  slug: string;
  name: string | null;
  created_at: string;
}

export interface NewOrg {
  slug: string;
  name?: string;
}

export type Scope =
  | 'events:write'
  | 'events:read'
  | 'event-types:write'
  | `webhooks:${'read' | 'list' | 'create' | 'update' | 'delete'}`
  | `deliveries:${'read' | 'resend'}`
  | `diverted:${'read' | 'list' | 'resend' | 'delete'}`
  | 'stats:read';

export interface ApiKey {
  id: string;
  name: string;
  scopes: Scope[];
  expires_at: string | null;
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
  type: string;
  payload: unknown;
  attributes: Record<string, string>;
  occurred_at: string;
  created_at: string;
  /** When one event is asked for. */
  deliveries?: Delivery[];
}

export type EventQuery = {
  limit?: number;
  cursor?: string;
  since?: string;
  until?: string;
  type?: string;
  request_id?: string;
};

// Webhooks

export type ContentType = 'json' | 'form';

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
  alert_url?: string | null;
}

export interface Webhook {
  id: string;
  name: string | null;
  description: string | null;
  url: string;
  /** Event types or patterns: `invoice.paid`, `invoice.*`, `*`. */
  events: string[];
  /** Event attribute → allowed values; all must match. */
  filters: Record<string, string[]> | null;
  headers: WebhookHeaderValues;
  content_type: ContentType;
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
  last_delivery?: { status: string; at: string } | null;
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
  content_type?: ContentType;
  enabled?: boolean;
  failure_policy?: Partial<FailurePolicy>;
  timeout_ms?: number;
  /** `whsec_` and the base64 of 24 to 64 bytes. Made by the API when left out. */
  secret?: string;
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
  content_type?: ContentType;
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

export interface RotatedSecret {
  secret: string;
}

// Deliveries and attempts

export type DeliveryState = 'pending' | 'delivered' | 'diverted' | 'discarded';

export interface Delivery {
  id: string;
  event_id: string;
  webhook_id: string;
  state: DeliveryState;
  /** Attempts made so far. */
  attempts: number;
  created_at: string;
}

export type DeliveryQuery = { limit?: number; cursor?: string; state?: DeliveryState };

export interface Attempt {
  id: string;
  delivery_id: string;
  event_id: string;
  /** From 1; a retry is an attempt after the first. */
  number: number;
  outcome: 'accepted' | 'rejected' | 'timed-out' | 'unreachable' | 'blocked';
  /** HTTP status of the receiver; null when it gave none. */
  status: number | null;
  duration_ms: number;
  request: { headers: Record<string, string | string[]>; body?: string } | null;
  response: { status: number; headers: Record<string, string | string[]>; body: string; truncated: boolean } | null;
}

export type AttemptQuery = { limit?: number; cursor?: string; status?: 'success' | 'failed' };

/** What was begun; the attempt itself is made by a worker. */
export interface StartedDelivery {
  delivery_id: string;
}

// Diverted events and operations

export interface DivertedEvent {
  event_id: string;
  webhook_id: string;
  event_type: string;
  reason: string;
  message: string | null;
  diverted_at: string;
  /** When one diverted event is asked for. */
  payload?: unknown;
}

export type DivertedQuery = {
  limit?: number;
  cursor?: string;
  reason?: string;
  event_type?: string;
  since?: string;
  until?: string;
};

/** Empty: all that were diverted before the call. */
export interface DivertedFilter {
  reason?: string;
  event_type?: string;
  since?: string;
  until?: string;
}

export interface AdminDivertedFilter extends DivertedFilter {
  org?: string;
  webhook_id?: string;
}

/** Stored events of a time range, sent to one webhook again. */
export interface Replay {
  since: string;
  until: string;
  event_types?: readonly string[];
  /** For receivers that lost their data: they would take the old ids for duplicates. */
  new_ids?: boolean;
}

/** Work that goes on after the answer; `operations.get` tells how far it is. */
export interface Operation {
  id: string;
  kind: string;
  state: 'pending' | 'running' | 'done' | 'failed';
  total: number | null;
  done: number;
  created_at: string;
  finished_at: string | null;
}
