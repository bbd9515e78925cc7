export type { AlertFact, AlertPorts, AlertStore } from './alerts.ts';
export { tellAlerts } from './alerts.ts';
export type { Attempted, AttemptPorts } from './attempt-delivery.ts';
export { attemptDelivery, QUEUED_RETRY_MAX_MS } from './attempt-delivery.ts';
export type { AttemptTrace, AttemptTracer } from './attempt-tracer.ts';
export type {
  Actor,
  AuditAction,
  AuditEntry,
  AuditFilter,
  AuditLog,
  AuditRecord,
  Author,
  ChangedWebhook,
} from './audit.ts';
export { AUDIT_ACTIONS, auditedUrl, changedFields, SYSTEM } from './audit.ts';
export { operationCancelled, operationStarted } from './audit-operations.ts';
export { keyCreated, keyRevoked, orgChanged, orgCreated, orgEntry } from './audit-orgs.ts';
export { divertedDeleted, webhookChanged, webhookCreated, webhookEntry } from './audit-webhooks.ts';
export { sentBody, urlOf } from './build-request.ts';
export type { DivertedEvent, DivertedFilter, DivertedPorts, DivertedStore } from './diverted-events.ts';
export { resendOne } from './diverted-events.ts';
export { queueOrWake } from './due-queue.ts';
export type {
  AttemptRecord,
  Claim,
  DueQueue,
  DueRef,
  DueStore,
  JobQueue,
  SentAttempt,
  TakeRequest,
  TakeShare,
  WaitingWebhook,
  Wake,
} from './due-work.ts';
export type { EventFilter, EventPage, EventStream, StoredEvent } from './event-stream.ts';
export { EVENT_PAGE_BYTES } from './event-stream.ts';
export type {
  CatalogueLimits,
  CataloguePorts,
  ChangedEventType,
  EventType,
  EventTypeFilter,
  EventTypeKey,
  EventTypeSettings,
  EventTypeStore,
  EventTypeSummary,
  JsonSchema,
  SchemaDraft,
  SchemaJudge,
  SchemaRef,
  SchemaVersion,
} from './event-types.ts';
export { CATALOGUE_LIMITS, eventTypeDeleted, eventTypePut, putEventType, versionFor } from './event-types.ts';
export type { FailureRuns, FailureWatchPorts, FreezeChange } from './failure-watch.ts';
export { FailureWatch, watchFailures } from './failure-watch.ts';
export type { Census, CertificateFigures, Comparison, FigureStore, Pulse } from './figures.ts';
export { ConservationWalk } from './figures.ts';
export type {
  AttemptFilter,
  AttemptView,
  DeliveryDetail,
  DeliveryFilter,
  DeliveryView,
  EventView,
  HistoryStore,
} from './history.ts';
export { LOGGED_ATTEMPTS } from './history.ts';
export type { IdFactory } from './ids.ts';
export { createIdFactory } from './ids.ts';
export type { IntakeLimits, IntakePorts } from './intake.ts';
export { Intake } from './intake.ts';
export type { KeepingDueStore, KeptChange, KeptResultsPorts } from './kept-results.ts';
export { keepResults, ResultsKeptError } from './kept-results.ts';
export type { MaintenancePorts } from './maintenance.ts';
export { eraseOrg, previewErasure, previewReseal, reseal } from './maintenance.ts';
export { expireSecret, rotateSecret } from './manage-secrets.ts';
export type { CreateWebhook, ExpectedWebhook, ManagePorts } from './manage-webhooks.ts';
export { changeWebhook, createWebhook, deleteWebhook, found } from './manage-webhooks.ts';
export type { SecretWish, WithSecret } from './new-secret.ts';
export type {
  NewOperation,
  Operation,
  OperationFilter,
  OperationStore,
  OperationTask,
  ReplayRange,
} from './operations.ts';
export { RUNNING_PER_ORG } from './operations.ts';
export type { OperatorStore, QueueFigures, SuspendedFilter, SuspendedWebhook } from './operator.ts';
export { UNSUSPEND_MOST, unsuspendMany } from './operator.ts';
export type {
  ApiKey,
  Caller,
  KeyStore,
  NewKey,
  NewOrg,
  Org,
  OrgChange,
  OrgSettings,
  OrgStore,
  RateLimits,
} from './orgs.ts';
export { DEFAULT_ORG_SETTINGS, NO_RATE_LIMITS } from './orgs.ts';
export type { Page, PageRequest } from './paging.ts';
export type { ListedPause, Pause, PauseScope, PauseStore, PauseTarget } from './pauses.ts';
export { pauseEntry } from './pauses.ts';
export { PING_TYPE, pingWebhook } from './ping-webhook.ts';
export type { PruneReport, PruneStore, Retention } from './prune.ts';
export { prune } from './prune.ts';
export type { BatchOutcome } from './publish-batch.ts';
export { publishBatch } from './publish-batch.ts';
export type {
  Accepted,
  AcceptVerdict,
  EventDraft,
  EventStore,
  OrgSubscriptions,
  Publication,
  Published,
  PublishPorts,
  Subscriptions,
} from './publish-event.ts';
export { publishEvent } from './publish-event.ts';
export type { RateDemand, RateLedger, RateQuota, RateUsage, RateVerdict } from './rate-limits.ts';
export { demandsOf, RateLimiter } from './rate-limits.ts';
export type { RedeliverPorts, RedeliverVerdict, RedeliveryStore } from './redeliver.ts';
export { redeliver } from './redeliver.ts';
export type { QueueEpoch, RelayPorts } from './relay-due.ts';
export { relayDue } from './relay-due.ts';
export type { OperationPorts } from './run-operations.ts';
export {
  advanceOperations,
  cancelPending,
  previewOn,
  previewResend,
  replayAcrossOrgs,
  replayRange,
  resendAcrossWebhooks,
  resendAll,
  retryNow,
} from './run-operations.ts';
export type { Scope } from './scopes.ts';
export { SCOPES } from './scopes.ts';
export type { DestinationGuard, Sender, SendReport, SendRequest } from './sending.ts';
export { Slots } from './slots.ts';
export type { RowCount, Stats, StatsStore, StatsWindow, Tally, WebhookTally } from './stats.ts';
export { addTo, COUNTED_ROWS, emptyTally, StatsCounter } from './stats.ts';
export type { ThrottleOptions } from './throttles.ts';
export type {
  Check,
  NewSecret,
  NewWebhook,
  Rotation,
  Webhook,
  WebhookFilter,
  WebhookLimits,
  WebhookSecret,
  WebhookSettings,
  WebhookStore,
} from './webhooks.ts';
export { duplicateUrl, hostLimitReached, limitReached, MAX_SECRETS } from './webhooks.ts';
