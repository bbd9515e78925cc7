export type { Admin } from './admin.ts';
export type { QueryOf } from './api.ts';
export type { Audit } from './audit.ts';
export type { Client, ClientOptions, OrgClient } from './client.ts';
export { createClient } from './client.ts';
export type { Deliveries } from './deliveries.ts';
export type { Diverted } from './diverted.ts';
export type { FieldError } from './errors.ts';
export { HooklaneConnectionError, HooklaneError } from './errors.ts';
export type { NewBatchEvent, NewEvent } from './event-body.ts';
export type { EventTypes } from './event-types.ts';
export type { Events, PublishOptions } from './events.ts';
export type { ConnectionOptions } from './http.ts';
export type { Keys } from './keys.ts';
export type { Operations } from './operations.ts';
export type { Orgs } from './orgs.ts';
export type { Listing, Page } from './paging.ts';
export { NotANameError } from './paths.ts';
export type {
  ApiKey,
  Attempt,
  AuditEntry,
  BatchItem,
  CreatedApiKey,
  CreatedWebhook,
  Delivery,
  DeliveryDetail,
  DeliveryState,
  DivertedEvent,
  DivertedEventWithPayload,
  DivertedFilter,
  DivertReason,
  DryRun,
  ErasureDryRun,
  EventPage,
  EventRecord,
  EventType,
  EventTypeBody,
  EventTypeSummary,
  FailurePolicy,
  Json,
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
  ResendOptions,
  RetryPolicy,
  SchemaVersion,
  Scope,
  Secret,
  SecretRotation,
  StartedDelivery,
  StoredEvent,
  UnsuspendedWebhooks,
  Webhook,
  WebhookPatch,
} from './types.ts';
export type { WaitOrStart } from './waiting.ts';
export type { Expected, Webhooks } from './webhooks.ts';
