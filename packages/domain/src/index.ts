export {
  KEPT_ATTEMPTS,
  READ_BODY_BYTES,
  READ_HEADER_BYTES,
  repairText,
  STORED_BODY_BYTES,
  storedBody,
} from './attempt-log.ts';
export type {
  DeliveryState,
  DiscardReason,
  DivertReason,
  Origin,
  Outcome,
  SuspendReason,
  UnreachableCode,
} from './delivery.ts';
export type { ErrorCode, ErrorContext, Problem } from './errors.ts';
export { DomainError, ERRORS } from './errors.ts';
export type { FailurePolicy, RetryPolicy, Trigger } from './failure-policy.ts';
export { DEFAULT_FAILURE_POLICY, DEFAULT_RETRY } from './failure-policy.ts';
export type { HeadersVerdict } from './header-policy.ts';
export {
  CUSTOM_HEADER_BYTES,
  CUSTOM_HEADERS,
  checkCustomHeaders,
  HEADER_NAME_CHARS,
  HEADER_VALUE_CHARS,
  isSensitiveHeader,
  MASK,
  maskHeaders,
  SENSITIVE_HEADERS,
} from './header-policy.ts';
export type {
  AttemptId,
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
export { LONGEST_RETRY_AFTER_MS, parseRetryAfter } from './retry-after.ts';
export { honourRetryAfter, JITTER, maxAttempts, RETRY_AFTER_CAP_MS, retryDelayMs } from './retry-schedule.ts';
export type { SignedContent, SigningKeys } from './signature.ts';
export { keyFromSecret, secretFromKey, standardHeaders, verifies } from './signature.ts';
export type { FailureRun } from './suspension.ts';
export { healthSign, suspensionDue } from './suspension.ts';
export type { TlsSettings } from './tls-settings.ts';
export type { UrlRules, UrlVerdict } from './url-policy.ts';
export { parseDestinationUrl, URL_CHARS } from './url-policy.ts';
export type { Destination, Standing, Subscription } from './webhook.ts';
export { matches, matchesType, standingOf } from './webhook.ts';
