// Made by `npm run api:types` from the OpenAPI document; a test compares. Not to be changed by hand.

/** Stored; it will be delivered. */
export interface AcceptedBatchItem {
  status: 202;
  id: string;
  /** How many webhooks will get it. */
  deliveries: number;
  /** There where the catalogue calls its type deprecated. */
  deprecated?: true;
}

export interface AdminDivertedEventPage {
  data: DivertedEvent[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface AdminOperationPage {
  data: Operation[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface ApiKey {
  id: string;
  name: string;
  /** The last four characters of the key. */
  hint: string;
  scopes: Scope[];
  /** Of this key alone; those of its org apply too. */
  rate_limits: RateLimits;
  expires_at: string | null;
  /** To the minute. */
  last_used_at: string | null;
  created_at: string;
}

export interface ApiKeyPage {
  data: ApiKey[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

/** One HTTP request of a delivery. */
export interface Attempt {
  id: string;
  webhook_id: string;
  delivery_id: string;
  event_id: string;
  event_type: string;
  /** From 1; a retry is an attempt after the first. */
  number: number;
  origin: Origin;
  /** Whether somebody asked for it: by a resend, a redelivery or a replay. */
  redelivery: boolean;
  outcome: Outcome;
  /** Phase, network code or reason of an outcome without a status. */
  detail: string | null;
  /** The HTTP status of the receiver; null when it gave none. */
  status: number | null;
  /** Whether it was held up, or the next one is, so that the receiver gets no more than it can take. */
  throttled: boolean;
  /** By what: the receiver asked for less (a 429, or a 502, 503 or 504 with `Retry-After`); or before it was sent it waited for the `rate_limit` or `max_in_flight` of its webhook, or for what the operator lets one host get. */
  throttled_by: 'receiver' | 'rate_limit' | 'max_in_flight' | 'host' | null;
  started_at: string;
  duration_ms: number;
  /** What was sent. Values of headers that look like credentials are masked. The body is there only where one attempt is asked for, and while its event is stored. */
  request: {
    method: 'POST';
    url: string;
    headers: Record<string, string | string[]>;
    /** As text. Where it is not UTF-8 the rest of it is replaced: then `body_base64` is exact. */
    body?: string;
    /** The exact bytes, where they are not UTF-8 text; otherwise null. */
    body_base64?: string | null;
    size_bytes?: number;
  };
  response: {
    status: number;
    headers: Record<string, string | string[]>;
    /** As text. Where it is not UTF-8 the rest of it is replaced: then `body_base64` is exact. */
    body: string;
    /** The exact bytes, where they are not UTF-8 text; otherwise null. */
    body_base64: string | null;
    size_bytes: number;
    /** There was more: the first 4 KiB are kept. */
    truncated: boolean;
  } | null;
  next_step: 'delivered' | 'retry' | 'divert' | 'discard';
  next_attempt_at: string | null;
}

export interface AttemptPage {
  data: Attempt[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface AuditEntry {
  id: string;
  at: string;
  /** Null: what the operator did across orgs. */
  org: {
    id: string;
    slug: string;
  } | null;
  actor: {
    /** `system`: a rule of ours did it, such as the one that suspends. */
    kind: 'operator' | 'key' | 'system';
    key_id: string | null;
    /** As the key was called then. */
    key_name: string | null;
  };
  /** What was done, such as `webhook.updated`. */
  action: string;
  /** What it was done to: an id, or the name of an event type. */
  target: string;
  /** The fields that were given other values. Their values are not kept. */
  fields: string[];
  /** What one wants to know at once, such as a name or a reason. */
  details: Record<string, string>;
  request_id: string | null;
}

export interface AuditPage {
  data: AuditEntry[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface BatchAnswer {
  /** In the order of the events. */
  data: (AcceptedBatchItem | RefusedBatchItem)[];
}

export interface Certificate {
  subject: string;
  /** SHA-256, in hex with colons. */
  fingerprint: string;
  not_after: string;
}

export interface CreatedApiKey {
  id: string;
  name: string;
  /** The last four characters of the key. */
  hint: string;
  scopes: Scope[];
  /** Of this key alone; those of its org apply too. */
  rate_limits: RateLimits;
  expires_at: string | null;
  /** To the minute. */
  last_used_at: string | null;
  created_at: string;
  /** The key itself. Told here and never again. */
  key: string;
}

/** One event for one webhook. */
export interface Delivery {
  id: string;
  event_id: string;
  /** Null when the event is not stored any more. */
  event_type: string | null;
  webhook_id: string;
  origin: Origin;
  state: DeliveryState;
  /** Why it was diverted or discarded. */
  reason: string | null;
  /** Attempts made by the time it ended last. */
  attempts: number;
  created_at: string;
  finished_at: string | null;
}

/** A delivery with all that is known of it. */
export interface DeliveryDetail {
  id: string;
  event_id: string;
  /** Null when the event is not stored any more. */
  event_type: string | null;
  webhook_id: string;
  origin: Origin;
  state: DeliveryState;
  /** Why it was diverted or discarded. */
  reason: string | null;
  /** Attempts made by the time it ended last. */
  attempts: number;
  created_at: string;
  finished_at: string | null;
  /** What `webhook-id` says: the id of the event, unless a replay gave it a new one. */
  sent_as: string;
  /** While it is pending. */
  next_attempt: {
    number: number;
    due_at: string;
    /** A worker is making it at this moment. */
    in_flight: boolean;
  } | null;
  /** Its attempts, newest first, those among the last 100 of the webhook. Without the bodies that were sent. */
  attempt_log: Attempt[];
}

export interface DeliveryPage {
  data: Delivery[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

/** Where a delivery stands. */
export type DeliveryState = 'pending' | 'delivered' | 'diverted' | 'discarded';

/** Why an event was set aside. */
export type DivertReason = 'retries_exhausted' | 'expired' | 'not_retried' | 'suspended' | 'disabled' | 'gone';

export interface DivertedEvent {
  org_id: string;
  webhook_id: string;
  event_id: string;
  event_type: string;
  attempts: number;
  reason: DivertReason;
  /** What failed last: a status code, `timeout` or `network`; null when it was set aside unsent. */
  trigger: string | null;
  /** For people. */
  message: string;
  diverted_at: string;
}

export interface DivertedEventPage {
  data: DivertedEvent[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface DivertedEventWithPayload {
  org_id: string;
  webhook_id: string;
  event_id: string;
  event_type: string;
  attempts: number;
  reason: DivertReason;
  /** What failed last: a status code, `timeout` or `network`; null when it was set aside unsent. */
  trigger: string | null;
  /** For people. */
  message: string;
  diverted_at: string;
  /** As it was published; null when the event is gone. */
  payload: unknown;
}

export interface DryRun {
  dry_run: true;
  /** If it began now. Null: more than 100,000 would have to be looked at. */
  would_send: number | null;
}

export interface Erasure {
  /** Its id, not its slug: another org may have that by now. */
  org_id: string;
  /** Rows touched each second, at most: it is work for the database that everything else needs, too. */
  per_second?: number;
  /** Only tell what it would come to (200, and nothing is begun or deleted). */
  dry_run?: boolean;
}

export interface ErasureDryRun {
  dry_run: true;
  org_id: string;
  /** The one it has, or had when it was deleted. */
  slug: string;
  /** Whether it is deleted already. */
  deleted: boolean;
  /** Rows, besides those of the org and its webhooks. Null: more than 100,000. */
  would_erase: number | null;
}

export interface Event {
  id: string;
  /** The producer's own id, if it gave one. */
  external_id: string | null;
  /** The producer's name for what caused it, or the id of the request that published it. */
  request_id: string;
  type: string;
  /** Of the schema that its payload was checked by; null: by none. */
  schema_version: number | null;
  attributes: Record<string, string>;
  occurred_at: string;
  /** When it was accepted. */
  created_at: string;
  /** Byte for byte as it was published. */
  payload: unknown;
  /** The first 100, oldest first. */
  deliveries: Delivery[];
  /** For the list of its deliveries, which goes on where these end; null when these are all. */
  deliveries_next_cursor: string | null;
}

export interface EventDeliveryPage {
  data: Delivery[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface EventPage {
  data: StoredEvent[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
  /** Keep it, and pass it as `cursor` later: the answer then has what was stored since, and nothing twice. */
  resume_cursor: string;
}

export interface EventType {
  type: string;
  description: string | null;
  /** A heading to list it under. */
  group: string | null;
  /** Still taken; whoever publishes it is told. */
  deprecated: boolean;
  /** Of the schema that payloads are checked by; null: by none. */
  schema_version: number | null;
  created_at: string;
  updated_at: string;
  /** The schema that holds now, or of the version asked for. */
  schema: JsonSchema | null;
  /** Payloads as they may be. */
  examples: unknown[];
}

export interface EventTypeBody {
  description?: string | null;
  /** A heading to list it under. */
  group?: string | null;
  /** Still taken; whoever publishes it is told. */
  deprecated?: boolean;
  /** A JSON Schema of draft 2020-12 (the default) or draft-07, at most 32 KiB and 200 subschemas, that refers to nothing but itself and has patterns without look-around and back-references. Checked are the formats `date`, `time`, `date-time`, `duration`, `uri`, `uri-reference`, `email`, `hostname`, `ipv4`, `ipv6`, `uuid` and `json-pointer`. Default: payloads are not checked. */
  schema?: JsonSchema | null;
  /** Payloads; they must fit the schema. */
  examples?: readonly unknown[];
}

export interface EventTypePage {
  data: EventTypeSummary[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface EventTypeSummary {
  type: string;
  description: string | null;
  /** A heading to list it under. */
  group: string | null;
  /** Still taken; whoever publishes it is told. */
  deprecated: boolean;
  /** Of the schema that payloads are checked by; null: by none. */
  schema_version: number | null;
  created_at: string;
  updated_at: string;
}

export interface FailurePolicy {
  /** Failures that are retried: classes, or single status codes. */
  retry_on: string[];
  retry: RetryPolicy;
  /** An attempt that would start later than this after the event was accepted is not made. Null: no limit. */
  expire_after_ms: number | null;
  /** Suspended when both hold; null: never for failing. */
  suspend: {
    after_failures: number;
    after_ms: number;
  } | null;
  /** Keep events that could not be delivered. */
  divert: boolean;
  /** Told, signed like any other delivery, when the webhook fails, is suspended, or has events set aside. */
  alert_url: string | null;
}

/** What is given replaces what there is; what is left out stays. */
export interface FailurePolicyInput {
  retry_on?: readonly string[];
  retry?: RetryPolicyInput;
  expire_after_ms?: number | null;
  suspend?: {
    after_failures?: number;
    after_ms?: number;
  } | null;
  divert?: boolean;
  alert_url?: string | null;
}

export type JsonSchema = boolean | Readonly<Record<string, unknown>>;

/** Milliseconds that half, 95 % and 99 % of the attempts did not exceed, within 12.5 %. */
export interface Latency {
  p50: number;
  p95: number;
  p99: number;
}

export interface Liveness {
  live: true;
}

export interface NewApiKey {
  name: string;
  scopes: readonly Scope[];
  rate_limits?: RateLimitsChange;
  /** Must be in the future. Default: never. */
  expires_at?: string | null;
}

export interface NewBatchEvent {
  type: string;
  /** The producer's own id of the event. Without an idempotency key it serves as one. */
  id?: string;
  /** What webhooks may filter by: at most 32. */
  attributes?: Readonly<Record<string, string>>;
  /** Default: when it was accepted. */
  occurred_at?: string;
  /** The producer's own name for what caused the event; events can be listed by it. Default: the id of this request, as in `x-request-id` of its answer. */
  request_id?: string;
  /** The version of its schema that the payload is checked by. Default: the current one, if there is one. */
  schema_version?: number;
  /** As the header `Idempotency-Key` of an event that is published alone; the two are the same keys. */
  idempotency_key?: string;
  /** Any JSON. Receivers get these very bytes. */
  payload: unknown;
}

export interface NewEvent {
  type: string;
  /** The producer's own id of the event. Without an idempotency key it serves as one. */
  id?: string;
  /** What webhooks may filter by: at most 32. */
  attributes?: Readonly<Record<string, string>>;
  /** Default: when it was accepted. */
  occurred_at?: string;
  /** The producer's own name for what caused the event; events can be listed by it. Default: the id of this request, as in `x-request-id` of its answer. */
  request_id?: string;
  /** The version of its schema that the payload is checked by. Default: the current one, if there is one. */
  schema_version?: number;
  /** Any JSON. Receivers get these very bytes. */
  payload: unknown;
}

export interface NewEventBatch {
  /** For the events that have none of their own. */
  request_id?: string;
  events: readonly NewBatchEvent[];
}

export interface NewOrg {
  slug: string;
  /** Default: the slug. */
  name?: string;
}

export interface NewWebhook {
  /** Null: the host of the URL. */
  name?: string | null;
  description?: string | null;
  /** Event attribute → allowed values; all attributes must match. */
  filters?: Readonly<Record<string, readonly string[]>> | null;
  /** Extra headers of every request; several values are sent as repeated lines. A masked value means unchanged. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as Basic authorization. A masked password means unchanged. */
  auth?: {
    username: string;
    password: string;
  } | null;
  /** False: any certificate of the receiver is taken. Only where the operator permits it. Default: true. */
  verify_tls?: boolean;
  /** Up to 16 certificates in PEM, trusted instead of the public authorities. Null: those. */
  ca_bundle?: string | null;
  /** Shown to a receiver that asks for one (mutual TLS). Null: none. */
  client_certificate?: {
    /** PEM; first its own, then those up to the authority. */
    certificate: string;
    /** PEM, not encrypted. Stored sealed and never shown. */
    key: string;
  } | null;
  /** Whose conventions it is sent in. Default: `standard`. */
  profile?: 'standard' | 'github' | 'snyk' | 'infraaudit' | 'socket' | 'socotra';
  /** Default: `json`. `form` sends `payload=` and the JSON. */
  content_type?: 'json' | 'form';
  /** False: new events make no delivery. */
  enabled?: boolean;
  failure_policy?: FailurePolicyInput;
  /** Of one attempt as a whole. Default: 15 s. */
  timeout_ms?: number;
  /** Attempts that may begin in a second. Null: no limit. */
  rate_limit?: number | null;
  /** Attempts at the same time. Null: what its lanes hold. */
  max_in_flight?: number | null;
  /** https, a public host, no user name or fragment. */
  url: string;
  /** Event types or patterns: `invoice.paid`, `invoice.*`, `*`. */
  events: readonly string[];
  /** For the profile `standard`: `whsec_` and the base64 of 24 to 64 bytes; for the others any text of 1 to 512 characters. Made when left out. Null: none, and `signing` is off. */
  secret?: string | null;
  /** `ed25519`: a pair is made, of which only the public half is ever shown. For the profile `standard`. */
  secret_kind?: 'hmac' | 'ed25519';
  /** Your name for the secret. Valid secrets of a webhook have different ones. */
  tag?: string | null;
  /** False: sent unsigned. Default: whether there is a secret. */
  signing?: boolean;
  /** Send a trial request. Its failure never fails the creation. */
  ping?: boolean;
}

export type NoFields = Record<string, never>;

/** Work on many deliveries that goes on after the answer. It survives restarts, and is bounded to what was there when it began. */
export interface Operation {
  id: string;
  kind: OperationKind;
  state: OperationState;
  /** Null when it is not on one webhook. */
  webhook_id: string | null;
  /** Why it stands still at the moment: the webhook is not active, or has as much work before it as it should have. */
  waiting_for: 'webhook' | 'backlog' | null;
  filter: {
    org_id?: string;
    webhook_id?: string;
    reasons?: DivertReason[];
    event_types?: string[];
    since?: string;
    until?: string;
    new_ids?: boolean;
    only_missing?: boolean;
  };
  /** Deliveries, or rows, touched each second, at most. */
  per_second: number;
  /** What there was to look at when it began; null when that was too much to count. */
  total: number | null;
  /** Looked at so far. */
  examined: number;
  /** Of these, the deliveries that were touched; or rows erased, or values sealed anew. */
  moved: number;
  created_at: string;
  finished_at: string | null;
}

/** What is done to many deliveries; or to all that an org had, or all that is sealed. */
export type OperationKind = 'resend' | 'replay' | 'retry_now' | 'cancel_pending' | 'erase' | 'reseal';

export interface OperationPage {
  data: Operation[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

/** `cancelled` by a call, or because the webhook was deleted. */
export type OperationState = 'running' | 'done' | 'cancelled';

export interface Org {
  id: string;
  /** Names the org in paths. */
  slug: string;
  /** The slug where none was given. */
  name: string;
  settings: OrgSettings;
  /** Nothing is sent for now: events are taken, and wait. Null: not paused. */
  paused: {
    /** The widest pause there is. */
    scope: 'all' | 'org' | 'webhook';
    at: string;
  } | null;
  created_at: string;
}

export interface OrgChange {
  name?: string;
  settings?: OrgSettingsChange;
}

export interface OrgDeliveryPage {
  data: Delivery[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface OrgDivertedEventPage {
  data: DivertedEvent[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface OrgPage {
  data: Org[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface OrgSettings {
  /** Whether two webhooks of the org may have the same URL. Those there are stay. */
  duplicate_urls: 'allow' | 'refuse';
  /** What becomes of events whose type is not in the catalogue. */
  unknown_event_types: 'allow' | 'refuse';
  /** How many webhooks the org may have; null: as many as `HOOKLANE_WEBHOOKS_PER_ORG` says. */
  max_webhooks: number | null;
  /** How many of them may have the same host in their URLs, on whatever ports; null: as many as `HOOKLANE_WEBHOOKS_PER_HOST` says. Those there are stay. */
  max_webhooks_per_host: number | null;
  /** How requests to receivers look. */
  brand: {
    /** In the place of `webhook` in the headers of the profile `standard`: `acme` makes `acme-id`. */
    header_prefix: string | null;
    /** Of all requests to receivers. Null: that of `HOOKLANE_USER_AGENT`. */
    user_agent: string | null;
  };
  /** Of all keys of the org together. */
  rate_limits: RateLimits;
}

export interface OrgSettingsChange {
  /** Whether two webhooks of the org may have the same URL. Those there are stay. */
  duplicate_urls?: 'allow' | 'refuse';
  /** What becomes of events whose type is not in the catalogue. */
  unknown_event_types?: 'allow' | 'refuse';
  /** How many webhooks the org may have; null: as many as `HOOKLANE_WEBHOOKS_PER_ORG` says. */
  max_webhooks?: number | null;
  /** How many of them may have the same host in their URLs, on whatever ports; null: as many as `HOOKLANE_WEBHOOKS_PER_HOST` says. Those there are stay. */
  max_webhooks_per_host?: number | null;
  brand?: {
    /** In the place of `webhook` in the headers of the profile `standard`: `acme` makes `acme-id`. */
    header_prefix?: string | null;
    /** Of all requests to receivers. Null: that of `HOOKLANE_USER_AGENT`. */
    user_agent?: string | null;
  };
  rate_limits?: RateLimitsChange;
}

/** Why there was something to send. */
export type Origin = 'event' | 'ping' | 'alert' | 'resend' | 'redeliver' | 'replay';

/** What an attempt came to. */
export type Outcome = 'accepted' | 'rejected' | 'timed-out' | 'unreachable' | 'blocked';

export interface Pauses {
  counts: {
    /** 0 or 1. */
    all: number;
    org: number;
    webhook: number;
  };
  /** The first 100 of them, the widest first, then the oldest. */
  pauses: ({
    scope: 'all' | 'org' | 'webhook';
    org_id: string | null;
    webhook_id: string | null;
    at: string;
  })[];
}

export interface Problem {
  /** `urn:hooklane:error:` and the code. */
  type: string;
  /** The same each time. */
  title: string;
  status: number;
  /** Decide by this. Codes are added, never renamed. */
  code: 'malformed_request' | 'headers_too_large' | 'request_timeout' | 'expectation_failed' | 'malformed_json' | 'unknown_field' | 'invalid_field' | 'payload_too_large' | 'payload_too_deep' | 'body_too_large' | 'unsupported_media_type' | 'unauthenticated' | 'forbidden' | 'not_found' | 'route_not_found' | 'method_not_allowed' | 'idempotency_conflict' | 'idempotency_key_invalid' | 'unknown_event_type' | 'payload_schema_mismatch' | 'schema_invalid' | 'schema_timeout' | 'event_type_limit_reached' | 'slug_taken' | 'webhook_limit_reached' | 'host_limit_reached' | 'duplicate_url' | 'precondition_failed' | 'webhook_not_active' | 'not_diverted' | 'delivery_pending' | 'event_gone' | 'too_many_operations' | 'invalid_cursor' | 'url_not_allowed' | 'header_not_allowed' | 'secret_invalid' | 'too_many_secrets' | 'rate_limited' | 'secret_in_use' | 'overloaded' | 'unavailable' | 'newer_version' | 'internal';
  /** About this one occurrence. */
  detail?: string;
  /** Where single fields are to blame. At most 50; the last then says how many more there are. */
  errors?: ({
    field: string;
    message: string;
  })[];
  /** Also in the header `x-request-id`. */
  request_id: string;
}

export interface PublishedEvent {
  id: string;
  /** How many webhooks will get it. */
  deliveries: number;
  /** There where the catalogue calls its type deprecated. */
  deprecated?: true;
}

export interface Queues {
  /** How this API process finds the queue; `away` also where there is none. */
  queue: 'accepting' | 'full' | 'away';
  /** Deliveries by where they are. */
  pending: {
    /** Due, and nobody is at it. */
    due: number;
    /** Due, and announced to the queue. */
    queued: number;
    /** A worker is making the attempt. */
    in_flight: number;
    /** A retry that is due later. */
    scheduled: number;
  };
  /** How long the oldest delivery that nobody is at has been due, paused ones too; null when there is none. */
  oldest_due_ms: number | null;
  /** The webhooks with most pending deliveries, at most 20. */
  backlogs: ({
    org_id: string;
    webhook_id: string;
    pending: number;
    due: number;
  })[];
  /** Diverted events by reason. */
  diverted: Record<string, number>;
  operations_running: number;
}

export interface RateLimits {
  /** Requests to the API, of whatever kind; null: no limit here. */
  requests_per_second: number | null;
  /** Events published, a batch by its size; null: no limit here. */
  events_per_second: number | null;
}

export interface RateLimitsChange {
  /** Requests to the API, of whatever kind; null: no limit here. */
  requests_per_second?: number | null;
  /** Events published, a batch by its size; null: no limit here. */
  events_per_second?: number | null;
}

export interface Readiness {
  /** May this process get work? */
  ready: boolean;
  checks: Record<string, 'ok' | 'degraded' | 'failed'>;
}

/** Not stored; with 503, not known to be: send it again with the same key. */
export interface RefusedBatchItem {
  /** As it would be answered alone. */
  status: number;
  error: {
    type: string;
    title: string;
    status: number;
    code: string;
    detail?: string;
    errors?: ({
      field: string;
      message: string;
    })[];
  };
}

export interface Replay {
  /** Events accepted at this time or later. */
  since: string;
  /** Events accepted before this time. Default: now. */
  until?: string;
  /** Types or patterns. Default: all. */
  event_types?: readonly string[];
  /** Send each under a new `webhook-id`: for a receiver that lost its data, but not what it has seen. */
  new_ids?: boolean;
  /** Leave out what the webhook has accepted already. */
  only_missing?: boolean;
  /** What is sent again per second, at most. */
  per_second?: number;
  /** Only tell how many would be sent (200, and nothing is begun). */
  dry_run?: boolean;
}

export interface ReplayDiverted {
  filter: {
    reasons?: readonly DivertReason[];
    event_types?: readonly string[];
    /** Diverted at this time or later. */
    since?: string;
    /** Diverted before this time. */
    until?: string;
    org?: string;
    webhook_id?: string;
  };
  /** What is sent again per second, at most. */
  per_second?: number;
  /** Only tell how many would be sent (200, and nothing is begun). */
  dry_run?: boolean;
}

export interface Resealing {
  /** Rows touched each second, at most: it is work for the database that everything else needs, too. */
  per_second?: number;
  /** Only tell what it would come to (200, and nothing is begun or deleted). */
  dry_run?: boolean;
}

export interface ResealingDryRun {
  dry_run: true;
  /** Of the key that would seal. */
  key_id: string;
  /** What is sealed with another key, also if no key opens it. Null: more than 100,000. */
  would_seal: number | null;
}

export interface ResendDiverted {
  filter?: {
    reasons?: readonly DivertReason[];
    event_types?: readonly string[];
    /** Diverted at this time or later. */
    since?: string;
    /** Diverted before this time. */
    until?: string;
  };
  /** What is sent again per second, at most. */
  per_second?: number;
  /** Only tell how many would be sent (200, and nothing is begun). */
  dry_run?: boolean;
}

export type RetryPolicy = {
  kind: 'none';
} | {
  kind: 'linear';
  interval_ms: number;
  cap_ms: number;
  max_attempts: number;
} | {
  kind: 'exponential';
  interval_ms: number;
  factor: number;
  cap_ms: number;
  max_attempts: number;
} | {
  kind: 'list';
  delays_ms: number[];
};

export type RetryPolicyInput = {
  kind: 'none';
} | {
  kind: 'linear';
  interval_ms?: number;
  cap_ms?: number;
  max_attempts?: number;
} | {
  kind: 'exponential';
  interval_ms?: number;
  factor?: number;
  cap_ms?: number;
  max_attempts?: number;
} | {
  kind: 'list';
  delays_ms: readonly number[];
};

export interface RotateSecret {
  /** For the profile `standard`: `whsec_` and the base64 of 24 to 64 bytes; for the others any text of 1 to 512 characters. Made when left out. */
  secret?: string;
  /** `ed25519`: a pair is made, of which only the public half is ever shown. For the profile `standard`. */
  secret_kind?: 'hmac' | 'ed25519';
  /** Your name for the secret. Valid secrets of a webhook have different ones. */
  tag?: string | null;
  /** How long the secrets before it go on signing beside it. */
  overlap_seconds?: number;
}

export interface RowCount {
  count: number;
  /** There are more than that; nobody counted on. */
  capped: boolean;
}

export interface SchemaVersion {
  version: number;
  created_at: string;
}

export interface SchemaVersionPage {
  data: SchemaVersion[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

/** What a key may do. */
export type Scope = 'org:read' | 'events:write' | 'events:read' | 'event-types:write' | 'event-types:read' | 'webhooks:read' | 'webhooks:list' | 'webhooks:create' | 'webhooks:update' | 'webhooks:delete' | 'deliveries:read' | 'deliveries:resend' | 'diverted:read' | 'diverted:list' | 'diverted:resend' | 'diverted:delete' | 'stats:read' | 'audit:read';

export interface Secret {
  id: string;
  kind: 'hmac' | 'ed25519';
  tag: string | null;
  /** Its last four characters (of a pair: of the public key); empty for a very short one. */
  hint: string;
  /** Of ed25519: `whpk_…`, with which receivers verify. */
  public_key: string | null;
  /** False: replaced, but still signing until it ends. */
  in_use: boolean;
  created_at: string;
  /** Null for the one in use. */
  expires_at: string | null;
}

export interface SecretPage {
  data: Secret[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface StartedDelivery {
  delivery_id: string;
  webhook_id: string;
  /** The number of the attempt that was begun. */
  attempt: number;
}

/** Workers write down what they counted every few seconds. */
export interface Stats {
  /** Deliveries to be made now or later. */
  pending: RowCount;
  /** Events set aside now. */
  diverted: RowCount;
  /** Of the attempts in the log; of a webhook only. */
  last_success_at: string | null;
  /** Of the attempts in the log; of a webhook only. */
  last_failure_at: string | null;
  /** The last 60 minutes and the one under way. */
  hour: StatsWindow;
  /** The last 24 hours and the one under way. */
  day: StatsWindow;
}

export interface StatsWindow {
  since: string;
  /** By outcome. */
  attempts: {
    accepted: number;
    rejected: number;
    timed_out: number;
    unreachable: number;
    blocked: number;
  };
  /** Accepted ÷ all attempts; null when there were none. */
  success_rate: number | null;
  /** Deliveries that ended well. */
  delivered: number;
  /** Deliveries set aside by workers. */
  diverted: number;
  /** Deliveries given up, as the failure policy says. */
  discarded: number;
  latency_ms: Latency | null;
}

export interface StoredEvent {
  id: string;
  /** The producer's own id, if it gave one. */
  external_id: string | null;
  /** The producer's name for what caused it, or the id of the request that published it. */
  request_id: string;
  type: string;
  /** Of the schema that its payload was checked by; null: by none. */
  schema_version: number | null;
  attributes: Record<string, string>;
  occurred_at: string;
  /** When it was accepted. */
  created_at: string;
  /** Byte for byte as it was published. */
  payload: unknown;
}

export interface UnsuspendWebhooks {
  filter: {
    org?: string;
    webhook_ids?: readonly string[];
    reasons?: readonly ('failures' | 'gone' | 'manual')[];
    /** Suspended at this time or later. */
    since?: string;
    /** Suspended before this time. */
    until?: string;
  };
  /** Only tell which they are. */
  dry_run?: boolean;
}

export interface UnsuspendedWebhooks {
  dry_run: boolean;
  unsuspended: number;
  /** Those that fit and are still suspended. Call again for them. */
  remaining: number;
  /** The first 100 of them, suspended longest, as they were before. */
  webhooks: ({
    id: string;
    org_id: string;
    name: string;
    suspended: {
      at: string;
      reason: 'failures' | 'gone' | 'manual';
    };
  })[];
}

export interface Webhook {
  id: string;
  /** Stands for the webhook where a profile wants an integer, as in `X-GitHub-Hook-ID`. */
  number: number;
  /** The host of the URL where none was given. */
  name: string;
  description: string | null;
  url: string;
  /** Event types or patterns: `invoice.paid`, `invoice.*`, `*`. */
  events: string[];
  /** Event attribute → allowed values; all attributes must match. */
  filters: Record<string, string[]> | null;
  /** Extra headers of every request. Values of names that look like credentials are masked. */
  headers: Record<string, string | string[]>;
  /** Sent as Basic authorization. */
  auth: {
    username: string;
    /** Masked. */
    password: string;
  } | null;
  /** False: any certificate of the receiver is taken. */
  verify_tls: boolean;
  /** Trusted instead of the public authorities; null: those. */
  ca_bundle: Certificate[] | null;
  /** Shown to a receiver that asks for one. Its key is never told. */
  client_certificate: Certificate | null;
  /** Whose conventions it is sent in. */
  profile: 'standard' | 'github' | 'snyk' | 'infraaudit' | 'socket' | 'socotra';
  content_type: 'json' | 'form';
  /** False: sent unsigned. */
  signing: boolean;
  enabled: boolean;
  suspended: {
    at: string;
    reason: 'failures' | 'gone' | 'manual';
  } | null;
  /** Enabled and not suspended. */
  active: boolean;
  /** Nothing is sent for now: events are taken, and wait. Null: not paused. */
  paused: {
    /** The widest pause there is. */
    scope: 'all' | 'org' | 'webhook';
    at: string;
  } | null;
  failure_policy: FailurePolicy;
  timeout_ms: number;
  /** Attempts that may begin in a second; null: no limit. */
  rate_limit: number | null;
  /** Attempts at the same time; null: what its lanes hold. */
  max_in_flight: number | null;
  /** The name of the secret in use. */
  tag: string | null;
  /** The last four characters of the secret in use; null without one. */
  secret_hint: string | null;
  last_delivery: {
    at: string;
    outcome: Outcome;
    status: number | null;
  } | null;
  /** Raised by every change. In quotes it is the `ETag`, for `If-Match`. */
  version: number;
  created_at: string;
  updated_at: string;
}

export interface WebhookPage {
  data: Webhook[];
  /** Pass it back as `cursor` for the next page; null on the last one. */
  next_cursor: string | null;
}

export interface WebhookPatch {
  /** Null: the host of the URL. */
  name?: string | null;
  description?: string | null;
  /** Event attribute → allowed values; all attributes must match. */
  filters?: Readonly<Record<string, readonly string[]>> | null;
  /** Extra headers of every request; several values are sent as repeated lines. A masked value means unchanged. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as Basic authorization. A masked password means unchanged. */
  auth?: {
    username: string;
    password: string;
  } | null;
  /** False: any certificate of the receiver is taken. Only where the operator permits it. Default: true. */
  verify_tls?: boolean;
  /** Up to 16 certificates in PEM, trusted instead of the public authorities. Null: those. */
  ca_bundle?: string | null;
  /** Shown to a receiver that asks for one (mutual TLS). Null: none. */
  client_certificate?: {
    /** PEM; first its own, then those up to the authority. */
    certificate: string;
    /** PEM, not encrypted. Stored sealed and never shown. */
    key: string;
  } | null;
  /** Whose conventions it is sent in. Default: `standard`. */
  profile?: 'standard' | 'github' | 'snyk' | 'infraaudit' | 'socket' | 'socotra';
  /** Default: `json`. `form` sends `payload=` and the JSON. */
  content_type?: 'json' | 'form';
  /** False: new events make no delivery. */
  enabled?: boolean;
  failure_policy?: FailurePolicyInput;
  /** Of one attempt as a whole. Default: 15 s. */
  timeout_ms?: number;
  /** Attempts that may begin in a second. Null: no limit. */
  rate_limit?: number | null;
  /** Attempts at the same time. Null: what its lanes hold. */
  max_in_flight?: number | null;
  url?: string;
  /** Takes a secret to sign with. */
  signing?: boolean;
  events?: readonly string[];
  add_events?: readonly string[];
  remove_events?: readonly string[];
  add_headers?: Readonly<Record<string, string | readonly string[]>>;
  remove_headers?: readonly string[];
}

export interface WebhookWithSecret {
  id: string;
  /** Stands for the webhook where a profile wants an integer, as in `X-GitHub-Hook-ID`. */
  number: number;
  /** The host of the URL where none was given. */
  name: string;
  description: string | null;
  url: string;
  /** Event types or patterns: `invoice.paid`, `invoice.*`, `*`. */
  events: string[];
  /** Event attribute → allowed values; all attributes must match. */
  filters: Record<string, string[]> | null;
  /** Extra headers of every request. Values of names that look like credentials are masked. */
  headers: Record<string, string | string[]>;
  /** Sent as Basic authorization. */
  auth: {
    username: string;
    /** Masked. */
    password: string;
  } | null;
  /** False: any certificate of the receiver is taken. */
  verify_tls: boolean;
  /** Trusted instead of the public authorities; null: those. */
  ca_bundle: Certificate[] | null;
  /** Shown to a receiver that asks for one. Its key is never told. */
  client_certificate: Certificate | null;
  /** Whose conventions it is sent in. */
  profile: 'standard' | 'github' | 'snyk' | 'infraaudit' | 'socket' | 'socotra';
  content_type: 'json' | 'form';
  /** False: sent unsigned. */
  signing: boolean;
  enabled: boolean;
  suspended: {
    at: string;
    reason: 'failures' | 'gone' | 'manual';
  } | null;
  /** Enabled and not suspended. */
  active: boolean;
  /** Nothing is sent for now: events are taken, and wait. Null: not paused. */
  paused: {
    /** The widest pause there is. */
    scope: 'all' | 'org' | 'webhook';
    at: string;
  } | null;
  failure_policy: FailurePolicy;
  timeout_ms: number;
  /** Attempts that may begin in a second; null: no limit. */
  rate_limit: number | null;
  /** Attempts at the same time; null: what its lanes hold. */
  max_in_flight: number | null;
  /** The name of the secret in use. */
  tag: string | null;
  /** The last four characters of the secret in use; null without one. */
  secret_hint: string | null;
  last_delivery: {
    at: string;
    outcome: Outcome;
    status: number | null;
  } | null;
  /** Raised by every change. In quotes it is the `ETag`, for `If-Match`. */
  version: number;
  created_at: string;
  updated_at: string;
  /** The signing secret. Told here and never again. Null for a pair of keys: see its public key. */
  secret: string | null;
  /** Of a pair of keys: `whpk_…`, with which receivers verify. */
  public_key: string | null;
}

/** What each operation takes and gives. */
export interface Operations {
  getDocs: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: string;
  };
  getLiveness: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Liveness;
  };
  getOpenApi: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: {
  openapi: string;
};
  };
  getReadiness: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Readiness;
  };
  listAllAudit: {
    params: Record<string, never>;
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      /** `operator`, `system`, or the id of a key. */
      actor?: 'operator' | 'system' | string;
      action?: 'org.created' | 'org.updated' | 'org.deleted' | 'org.paused' | 'org.resumed' | 'key.created' | 'key.revoked' | 'webhook.created' | 'webhook.updated' | 'webhook.enabled' | 'webhook.disabled' | 'webhook.suspended' | 'webhook.unsuspended' | 'webhook.paused' | 'webhook.resumed' | 'webhook.deleted' | 'secret.rotated' | 'secret.removed' | 'event_type.created' | 'event_type.updated' | 'event_type.deleted' | 'operation.started' | 'operation.cancelled' | 'deliveries.hastened' | 'deliveries.cancelled' | 'deliveries.paused' | 'deliveries.resumed' | 'diverted.deleted';
      /** An id, or the name of an event type. */
      target?: string;
      /** Included. */
      since?: string;
      /** Not included. */
      until?: string;
      /** Of orgs that have, or had, this slug. */
      org?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: AuditPage;
  };
  listAllDiverted: {
    params: Record<string, never>;
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      reason?: readonly DivertReason[];
      event_type?: readonly string[];
      /** Diverted at this time or later. */
      since?: string;
      /** Diverted before this time. */
      until?: string;
      org?: string;
      webhook_id?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: AdminDivertedEventPage;
  };
  replayDiverted: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: ReplayDiverted;
    answer: DryRun | Operation;
  };
  eraseOrg: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: Erasure;
    answer: ErasureDryRun | Operation;
  };
  listAllOperations: {
    params: Record<string, never>;
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      kind?: OperationKind;
      state?: OperationState;
      org?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: AdminOperationPage;
  };
  getAnyOperation: {
    params: {
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Operation;
  };
  cancelAnyOperation: {
    params: {
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Operation;
  };
  pauseAll: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Pauses;
  };
  getPauses: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Pauses;
  };
  getQueues: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Queues;
  };
  reseal: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: Resealing;
    answer: ResealingDryRun | Operation;
  };
  resumeAll: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Pauses;
  };
  unsuspendWebhooks: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: UnsuspendWebhooks;
    answer: UnsuspendedWebhooks;
  };
  listOrgs: {
    params: Record<string, never>;
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: OrgPage;
  };
  createOrg: {
    params: Record<string, never>;
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NewOrg;
    answer: Org;
  };
  getOrg: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Org;
  };
  updateOrg: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: OrgChange;
    answer: Org;
  };
  deleteOrg: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  listAudit: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      /** `operator`, `system`, or the id of a key. */
      actor?: 'operator' | 'system' | string;
      action?: 'org.created' | 'org.updated' | 'org.deleted' | 'org.paused' | 'org.resumed' | 'key.created' | 'key.revoked' | 'webhook.created' | 'webhook.updated' | 'webhook.enabled' | 'webhook.disabled' | 'webhook.suspended' | 'webhook.unsuspended' | 'webhook.paused' | 'webhook.resumed' | 'webhook.deleted' | 'secret.rotated' | 'secret.removed' | 'event_type.created' | 'event_type.updated' | 'event_type.deleted' | 'operation.started' | 'operation.cancelled' | 'deliveries.hastened' | 'deliveries.cancelled' | 'deliveries.paused' | 'deliveries.resumed' | 'diverted.deleted';
      /** An id, or the name of an event type. */
      target?: string;
      /** Included. */
      since?: string;
      /** Not included. */
      until?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: AuditPage;
  };
  listOrgDeliveries: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      state?: DeliveryState;
      event_type?: readonly string[];
      /** Made at this time or later. */
      since?: string;
      /** Made before this time. */
      until?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: OrgDeliveryPage;
  };
  getDelivery: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: DeliveryDetail;
  };
  redeliver: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: {
      /** Wait for the attempt and answer with it. */
      wait?: boolean;
    };
    headers: Record<string, never>;
    body: NoFields;
    answer: Attempt | StartedDelivery;
  };
  listOrgDiverted: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      reason?: readonly DivertReason[];
      event_type?: readonly string[];
      /** Diverted at this time or later. */
      since?: string;
      /** Diverted before this time. */
      until?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: OrgDivertedEventPage;
  };
  resendOrgDiverted: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: ResendDiverted;
    answer: DryRun | Operation;
  };
  listEventTypes: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      group?: string;
      deprecated?: boolean;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: EventTypePage;
  };
  getEventType: {
    params: {
      /** The slug of the org. */
      org: string;
      type: string;
    };
    query: {
      /** Show the schema of this version, not the current one; 404 when there is none. */
      version?: number;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: EventType;
  };
  putEventType: {
    params: {
      /** The slug of the org. */
      org: string;
      type: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: EventTypeBody;
    answer: EventType;
  };
  deleteEventType: {
    params: {
      /** The slug of the org. */
      org: string;
      type: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  listSchemaVersions: {
    params: {
      /** The slug of the org. */
      org: string;
      type: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: SchemaVersionPage;
  };
  listEvents: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      /** Accepted at or after. */
      since?: string;
      /** Accepted before. */
      until?: string;
      /** Event types or patterns, of which one must fit. */
      type?: readonly string[];
      /** Published with this `request_id`, or by this request. */
      request_id?: string;
      /** The producer's own id; old ones may be used again. */
      external_id?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: EventPage;
  };
  publishEvent: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: {
      /** A request that comes again with the same key within 48 hours is answered as the first time and makes no second event. Default: the `id` of the event, if it has one. */
      'idempotency-key'?: string;
    };
    body: NewEvent;
    answer: PublishedEvent;
  };
  getEvent: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Event;
  };
  listEventDeliveries: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: EventDeliveryPage;
  };
  publishEvents: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: {
      /** Serves the events that have neither an `idempotency_key` nor an `id`: each is known by this key and its place in the batch, so that the same batch may be sent again. */
      'idempotency-key'?: string;
    };
    body: NewEventBatch;
    answer: BatchAnswer;
  };
  listKeys: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: ApiKeyPage;
  };
  createKey: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NewApiKey;
    answer: CreatedApiKey;
  };
  getKey: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: ApiKey;
  };
  revokeKey: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  listOperations: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      kind?: OperationKind;
      state?: OperationState;
      webhook_id?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: OperationPage;
  };
  getOperation: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Operation;
  };
  cancelOperation: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Operation;
  };
  pauseOrg: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Org;
  };
  resumeOrg: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Org;
  };
  getOrgStats: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Stats;
  };
  listWebhooks: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      sort?: 'created_at' | 'name';
      direction?: 'asc' | 'desc';
      name?: string;
      enabled?: boolean;
      suspended?: boolean;
      /** Enabled and not suspended. */
      active?: boolean;
      /** Subscribed to exactly this type or pattern; with several, to any of them. */
      event_type?: readonly string[];
    };
    headers: Record<string, never>;
    body: undefined;
    answer: WebhookPage;
  };
  createWebhook: {
    params: {
      /** The slug of the org. */
      org: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NewWebhook;
    answer: WebhookWithSecret;
  };
  getWebhook: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Webhook;
  };
  updateWebhook: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: {
      /** The `ETag` that was read: 412 where the webhook has changed since. Left out: changed as it is. */
      'if-match'?: string;
    };
    body: WebhookPatch;
    answer: Webhook;
  };
  deleteWebhook: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: {
      /** The `ETag` that was read: 412 where the webhook has changed since. Left out: changed as it is. */
      'if-match'?: string;
    };
    body: undefined;
    answer: undefined;
  };
  listAttempts: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      status?: 'success' | 'failed';
      event?: string;
      delivery?: string;
      /** Begun at this time or later. */
      since?: string;
      /** Begun before this time. */
      until?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: AttemptPage;
  };
  getAttempt: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
      attempt: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Attempt;
  };
  cancelPending: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Operation;
  };
  listDeliveries: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      state?: DeliveryState;
      event_type?: readonly string[];
      /** Made at this time or later. */
      since?: string;
      /** Made before this time. */
      until?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: DeliveryPage;
  };
  listDiverted: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: {
      /** How many at most. */
      limit?: number;
      /** `next_cursor` of the page before, unchanged. */
      cursor?: string;
      reason?: readonly DivertReason[];
      event_type?: readonly string[];
      /** Diverted at this time or later. */
      since?: string;
      /** Diverted before this time. */
      until?: string;
    };
    headers: Record<string, never>;
    body: undefined;
    answer: DivertedEventPage;
  };
  getDiverted: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
      event: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: DivertedEventWithPayload;
  };
  deleteDiverted: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
      event: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  resendDiverted: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
      event: string;
    };
    query: {
      /** Wait for the attempt and answer with it. */
      wait?: boolean;
    };
    headers: Record<string, never>;
    body: NoFields;
    answer: Attempt | StartedDelivery;
  };
  resendAllDiverted: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: ResendDiverted;
    answer: DryRun | Operation;
  };
  pauseWebhook: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Webhook;
  };
  pingWebhook: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: {
      /** Wait for the attempt and answer with it. */
      wait?: boolean;
    };
    headers: Record<string, never>;
    body: NoFields;
    answer: Attempt | StartedDelivery;
  };
  replayEvents: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: Replay;
    answer: DryRun | Operation;
  };
  resumeWebhook: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Webhook;
  };
  retryNow: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Operation;
  };
  listSecrets: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: SecretPage;
  };
  expireSecret: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
      secret: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: undefined;
  };
  rotateSecret: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: RotateSecret;
    answer: WebhookWithSecret;
  };
  getWebhookStats: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: undefined;
    answer: Stats;
  };
  suspendWebhook: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Webhook;
  };
  unsuspendWebhook: {
    params: {
      /** The slug of the org. */
      org: string;
      id: string;
    };
    query: Record<string, never>;
    headers: Record<string, never>;
    body: NoFields;
    answer: Webhook;
  };
}

export const OPERATIONS = {
  getDocs: { method: 'GET', path: '/docs' },
  getLiveness: { method: 'GET', path: '/healthz' },
  getOpenApi: { method: 'GET', path: '/openapi.json' },
  getReadiness: { method: 'GET', path: '/readyz' },
  listAllAudit: { method: 'GET', path: '/v1/admin/audit' },
  listAllDiverted: { method: 'GET', path: '/v1/admin/diverted' },
  replayDiverted: { method: 'POST', path: '/v1/admin/diverted/replay' },
  eraseOrg: { method: 'POST', path: '/v1/admin/erasures' },
  listAllOperations: { method: 'GET', path: '/v1/admin/operations' },
  getAnyOperation: { method: 'GET', path: '/v1/admin/operations/{id}' },
  cancelAnyOperation: { method: 'POST', path: '/v1/admin/operations/{id}/cancel' },
  pauseAll: { method: 'POST', path: '/v1/admin/pause' },
  getPauses: { method: 'GET', path: '/v1/admin/pauses' },
  getQueues: { method: 'GET', path: '/v1/admin/queues' },
  reseal: { method: 'POST', path: '/v1/admin/reseal' },
  resumeAll: { method: 'POST', path: '/v1/admin/resume' },
  unsuspendWebhooks: { method: 'POST', path: '/v1/admin/webhooks/unsuspend' },
  listOrgs: { method: 'GET', path: '/v1/orgs' },
  createOrg: { method: 'POST', path: '/v1/orgs' },
  getOrg: { method: 'GET', path: '/v1/orgs/{org}' },
  updateOrg: { method: 'PATCH', path: '/v1/orgs/{org}' },
  deleteOrg: { method: 'DELETE', path: '/v1/orgs/{org}' },
  listAudit: { method: 'GET', path: '/v1/orgs/{org}/audit' },
  listOrgDeliveries: { method: 'GET', path: '/v1/orgs/{org}/deliveries' },
  getDelivery: { method: 'GET', path: '/v1/orgs/{org}/deliveries/{id}' },
  redeliver: { method: 'POST', path: '/v1/orgs/{org}/deliveries/{id}/redeliver' },
  listOrgDiverted: { method: 'GET', path: '/v1/orgs/{org}/diverted' },
  resendOrgDiverted: { method: 'POST', path: '/v1/orgs/{org}/diverted/resend' },
  listEventTypes: { method: 'GET', path: '/v1/orgs/{org}/event-types' },
  getEventType: { method: 'GET', path: '/v1/orgs/{org}/event-types/{type}' },
  putEventType: { method: 'PUT', path: '/v1/orgs/{org}/event-types/{type}' },
  deleteEventType: { method: 'DELETE', path: '/v1/orgs/{org}/event-types/{type}' },
  listSchemaVersions: { method: 'GET', path: '/v1/orgs/{org}/event-types/{type}/versions' },
  listEvents: { method: 'GET', path: '/v1/orgs/{org}/events' },
  publishEvent: { method: 'POST', path: '/v1/orgs/{org}/events' },
  getEvent: { method: 'GET', path: '/v1/orgs/{org}/events/{id}' },
  listEventDeliveries: { method: 'GET', path: '/v1/orgs/{org}/events/{id}/deliveries' },
  publishEvents: { method: 'POST', path: '/v1/orgs/{org}/events/batch' },
  listKeys: { method: 'GET', path: '/v1/orgs/{org}/keys' },
  createKey: { method: 'POST', path: '/v1/orgs/{org}/keys' },
  getKey: { method: 'GET', path: '/v1/orgs/{org}/keys/{id}' },
  revokeKey: { method: 'DELETE', path: '/v1/orgs/{org}/keys/{id}' },
  listOperations: { method: 'GET', path: '/v1/orgs/{org}/operations' },
  getOperation: { method: 'GET', path: '/v1/orgs/{org}/operations/{id}' },
  cancelOperation: { method: 'POST', path: '/v1/orgs/{org}/operations/{id}/cancel' },
  pauseOrg: { method: 'POST', path: '/v1/orgs/{org}/pause' },
  resumeOrg: { method: 'POST', path: '/v1/orgs/{org}/resume' },
  getOrgStats: { method: 'GET', path: '/v1/orgs/{org}/stats' },
  listWebhooks: { method: 'GET', path: '/v1/orgs/{org}/webhooks' },
  createWebhook: { method: 'POST', path: '/v1/orgs/{org}/webhooks' },
  getWebhook: { method: 'GET', path: '/v1/orgs/{org}/webhooks/{id}' },
  updateWebhook: { method: 'PATCH', path: '/v1/orgs/{org}/webhooks/{id}' },
  deleteWebhook: { method: 'DELETE', path: '/v1/orgs/{org}/webhooks/{id}' },
  listAttempts: { method: 'GET', path: '/v1/orgs/{org}/webhooks/{id}/attempts' },
  getAttempt: { method: 'GET', path: '/v1/orgs/{org}/webhooks/{id}/attempts/{attempt}' },
  cancelPending: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/cancel-pending' },
  listDeliveries: { method: 'GET', path: '/v1/orgs/{org}/webhooks/{id}/deliveries' },
  listDiverted: { method: 'GET', path: '/v1/orgs/{org}/webhooks/{id}/diverted' },
  getDiverted: { method: 'GET', path: '/v1/orgs/{org}/webhooks/{id}/diverted/{event}' },
  deleteDiverted: { method: 'DELETE', path: '/v1/orgs/{org}/webhooks/{id}/diverted/{event}' },
  resendDiverted: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/diverted/{event}/resend' },
  resendAllDiverted: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/diverted/resend' },
  pauseWebhook: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/pause' },
  pingWebhook: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/ping' },
  replayEvents: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/replay' },
  resumeWebhook: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/resume' },
  retryNow: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/retry-now' },
  listSecrets: { method: 'GET', path: '/v1/orgs/{org}/webhooks/{id}/secrets' },
  expireSecret: { method: 'DELETE', path: '/v1/orgs/{org}/webhooks/{id}/secrets/{secret}' },
  rotateSecret: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/secrets/rotate' },
  getWebhookStats: { method: 'GET', path: '/v1/orgs/{org}/webhooks/{id}/stats' },
  suspendWebhook: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/suspend' },
  unsuspendWebhook: { method: 'POST', path: '/v1/orgs/{org}/webhooks/{id}/unsuspend' },
} as const;

