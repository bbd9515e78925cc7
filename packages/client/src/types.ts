// The words of the wire, as the document of the API has them. Names are the API's own, in snake_case, so that its
// documentation reads the same as your code. Times are ISO 8601 texts in UTC.
export type {
  ApiKey,
  Attempt,
  AuditEntry,
  CreatedApiKey,
  Delivery,
  DeliveryDetail,
  DeliveryState,
  DivertedEvent,
  DivertedEventWithPayload,
  DivertReason,
  DryRun,
  ErasureDryRun,
  Event as EventRecord,
  EventPage,
  EventType,
  EventTypeBody,
  EventTypeSummary,
  FailurePolicy,
  NewApiKey,
  NewOrg,
  NewWebhook,
  Operation,
  Org,
  OrgChange,
  OrgSettings,
  Origin,
  Pauses,
  PublishedEvent,
  Queues,
  RateLimits,
  Replay,
  ResealingDryRun,
  RetryPolicy,
  RotateSecret as SecretRotation,
  SchemaVersion,
  Scope,
  Secret,
  StartedDelivery,
  Stats,
  StoredEvent,
  UnsuspendedWebhooks,
  Webhook,
  WebhookPatch,
  WebhookWithSecret as CreatedWebhook,
} from './api-types.ts';

import type { BatchAnswer, ResendDiverted } from './api-types.ts';

/** A JSON value; `unknown` members, because interfaces are no index types. */
export type Json = string | number | boolean | null | readonly unknown[] | object;

/** What became of one event of a batch: stored, or refused with an `error`. */
export type BatchItem = BatchAnswer['data'][number];

/** Empty: all that were diverted before the call. */
export type DivertedFilter = NonNullable<ResendDiverted['filter']>;

export interface ResendOptions {
  /** 1 to 10,000. Default 100. */
  perSecond?: number;
}
