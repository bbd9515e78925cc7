export {
  KEPT_ATTEMPTS,
  READ_BODY_BYTES,
  READ_HEADER_BYTES,
  repairText,
  STORED_BODY_BYTES,
  storedBody,
} from './attempt-log.ts';
export type { BasicAuth } from './basic-auth.ts';
export { basicAuthorization, basicAuthProblems, PASSWORD_CHARS, USERNAME_CHARS } from './basic-auth.ts';
export type {
  CaBundle,
  CertificateFacts,
  CertificatesVerdict,
  ClientCertificate,
  Expiry,
  JudgedClientCertificate,
} from './certificates.ts';
export {
  CA_BUNDLE_CERTIFICATES,
  CA_BUNDLE_CHARS,
  CLIENT_CERTIFICATE_CHARS,
  CLIENT_CERTIFICATES,
  CLIENT_KEY_CHARS,
  expiryOf,
  keyProblem,
  readCertificates,
} from './certificates.ts';
export type {
  DeliveryState,
  DiscardReason,
  DivertReason,
  Origin,
  Outcome,
  SuspendReason,
  UnreachableCode,
} from './delivery.ts';
export { isRedelivery } from './delivery.ts';
export type { ErrorCode, ErrorContext, Problem } from './errors.ts';
export { DomainError, ERRORS } from './errors.ts';
export type { KnownType, TypeRules, TypeVerdict } from './event-type.ts';
export { judgeType } from './event-type.ts';
export type { FailurePolicy, RetryPolicy, Trigger } from './failure-policy.ts';
export { DEFAULT_FAILURE_POLICY, DEFAULT_RETRY } from './failure-policy.ts';
export type { HeadersVerdict } from './header-policy.ts';
export {
  CUSTOM_HEADER_BYTES,
  CUSTOM_HEADERS,
  checkCustomHeaders,
  HEADER_NAME_CHARS,
  HEADER_VALUE_CHARS,
  isHeaderPrefix,
  isSensitiveHeader,
  MASK,
  maskHeaders,
  SENSITIVE_HEADERS,
} from './header-policy.ts';
export type {
  AttemptId,
  AuditId,
  DeliveryId,
  EventId,
  IdPrefix,
  Ids,
  KeyId,
  OperationId,
  OrgId,
  SecretId,
  WebhookId,
} from './ids.ts';
export { asId, firstUuidAt, formatId, parseId, timeOfUuid, uuidV7 } from './ids.ts';
export type { BatchScan, PublishScan, ScanFailure, Span } from './json-span.ts';
export { scanBatchBody, scanJson, scanPublishBody } from './json-span.ts';
export type { BusyLane, LaneRecord, LaneRules, LaneSign, Load, Speed } from './lane.ts';
export { afterAttempt, laneRoom, laneRules, newLane, speedOf } from './lane.ts';
export { LATENCY_BUCKETS, latencyBucket, latencyQuantile } from './latency.ts';
export type { FreezeRule, HostCounts } from './mass-failure.ts';
export { AT_ONCE_MS, FAILING_AT_MOST_MS, suspensionsFrozen } from './mass-failure.ts';
export {
  ATTRIBUTE_NAME,
  ATTRIBUTE_NAME_CHARS,
  ATTRIBUTE_VALUE_CHARS,
  ATTRIBUTES,
  attributeProblems,
  EVENT_PATTERN,
  EVENT_TYPE,
  EVENT_TYPE_CHARS,
  isAttributeName,
  isEventPattern,
  isEventType,
  isOrgSlug,
  isStorableText,
  ORG_SLUG,
} from './names.ts';
export type { AttemptResult, NextStep } from './next-step.ts';
export { nextStep, stepWithoutSending, triggerOf } from './next-step.ts';
export type { OperationKind, OperationWait, Pace } from './operation-pace.ts';
export { DUE_HIGH_WATER, PENDING_HIGH_WATER, paceOf } from './operation-pace.ts';
export type { OperationalType } from './operational-events.ts';
export { isOperational, OPERATIONAL_PATTERNS, OPERATIONAL_TYPES } from './operational-events.ts';
export type { ContentType, Encoding } from './profiles/encoding.ts';
export { CONTENT_TYPES, encode, encodingNumber, encodingOf, profileOf } from './profiles/encoding.ts';
export type { Dispatch, PingSubject, Profile, ProfileName } from './profiles/profile.ts';
export { PROFILE_NAMES } from './profiles/profile.ts';
export { CROWDED, mayQueue, ORG_SHARE, SHARE_WINDOW_MS } from './queue-share.ts';
export type { BucketLevel, RateLimit } from './rate-limit.ts';
export { limitOf, tokensAt, waitForTokensMs } from './rate-limit.ts';
export { LONGEST_RETRY_AFTER_MS, parseRetryAfter } from './retry-after.ts';
export { honourRetryAfter, JITTER, maxAttempts, RETRY_AFTER_CAP_MS, retryDelayMs } from './retry-schedule.ts';
export type { SecretKind, SigningKey, SigningKeys } from './secret.ts';
export { ed25519Pair, hintOf, keyFromSecret, kindOfSecret, SECRET_CHARS, secretFromKey, signingKey } from './secret.ts';
export type { Share, Wish } from './share-out.ts';
export { shareOut } from './share-out.ts';
export type { FailureRun } from './suspension.ts';
export { healthSign, suspensionDue } from './suspension.ts';
export type { Throttled, ThrottleReason, ThrottleRules, WaitReason } from './throttle.ts';
export {
  asksForLess,
  FULL_BUCKET,
  levelAfter,
  narrowestRule,
  shareOfWorker,
  throttleRoom,
  UNTHROTTLED,
} from './throttle.ts';
export type { TlsSettings } from './tls-settings.ts';
export type { UrlRules, UrlVerdict } from './url-policy.ts';
export { hostOfUrl, parseDestinationUrl, URL_CHARS } from './url-policy.ts';
export type { Brand, Destination, Standing, Subscription } from './webhook.ts';
export { matches, matchesType, NO_BRAND, standingOf } from './webhook.ts';
