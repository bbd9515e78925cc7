import type {
  BasicAuth,
  CaBundle,
  CertificateFacts,
  DivertReason,
  FailurePolicy,
  JudgedClientCertificate,
  RetryPolicy,
  Trigger,
} from '@hooklane/domain';
import { asId } from '@hooklane/domain';
import type { DivertedFilter, OrgSettings, Pause, ReplayRange, WebhookSecret } from '@hooklane/engine';
import { DEFAULT_ORG_SETTINGS } from '@hooklane/engine';
import { z } from 'zod';

/** JSON that comes out of the database was written by us, perhaps by an older version of us: it is parsed like any other. */

const named: Trigger[] = ['4xx', '5xx', '3xx', '1xx', 'timeout', 'network'];
const trigger = z.custom<Trigger>((text) => named.includes(text as Trigger) || /^\d{3}$/.test(String(text)));
const ms = z.number().nonnegative();

const retry: z.ZodType<RetryPolicy> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('linear'), intervalMs: ms, capMs: ms, maxAttempts: z.int() }),
  z.object({ kind: z.literal('exponential'), intervalMs: ms, factor: z.number(), capMs: ms, maxAttempts: z.int() }),
  z.object({ kind: z.literal('list'), delaysMs: z.array(ms) }),
]);

/** `webhooks.failure_policy`. */
export const failurePolicyColumn: z.ZodType<FailurePolicy> = z.object({
  retryOn: z.array(trigger),
  retry,
  expireAfterMs: ms.nullable(),
  suspend: z.object({ afterFailures: z.int(), afterMs: ms }).nullable(),
  divert: z.boolean(),
  alertUrl: z.string().nullable(),
});

/** `webhooks.filters`, and what is sealed in `webhooks.sealed_headers`: name → values. */
export const listsColumn = z.record(z.string(), z.array(z.string()));

export const divertReason = z.enum([
  'retries_exhausted',
  'expired',
  'not_retried',
  'suspended',
  'disabled',
  'gone',
]) satisfies z.ZodType<DivertReason>;

const perSecond = z.int().positive().nullable();

/** `orgs.settings`; what is missing was never decided. */
export const orgSettingsColumn: z.ZodType<OrgSettings> = z.object({
  duplicateUrls: z.enum(['allow', 'refuse']).default(DEFAULT_ORG_SETTINGS.duplicateUrls),
  unknownEventTypes: z.enum(['allow', 'refuse']).default(DEFAULT_ORG_SETTINGS.unknownEventTypes),
  maxWebhooks: z.int().positive().nullable().default(DEFAULT_ORG_SETTINGS.maxWebhooks),
  maxWebhooksPerHost: z.int().positive().nullable().default(DEFAULT_ORG_SETTINGS.maxWebhooksPerHost),
  brand: z
    .object({ headerPrefix: z.string().nullable(), userAgent: z.string().nullable() })
    .default(DEFAULT_ORG_SETTINGS.brand),
  rateLimits: z
    .object({ requestsPerSecond: perSecond, eventsPerSecond: perSecond })
    .default(DEFAULT_ORG_SETTINGS.rateLimits),
});

/** A row of `pauses`, as it is told with an org or a webhook. */
export const pauseColumn: z.ZodType<Pause | null> = z
  .object({ scope: z.enum(['all', 'org', 'webhook']), at: z.coerce.date() })
  .nullable();

/** `audit_log.details`. */
export const auditDetailsColumn = z.record(z.string(), z.string());

/** What is sealed in `webhooks.sealed_auth`. */
export const basicAuthColumn: z.ZodType<BasicAuth> = z.object({ username: z.string(), password: z.string() });

const certificateFacts: z.ZodType<CertificateFacts> = z.object({
  subject: z.string(),
  fingerprint: z.string(),
  notBeforeMs: z.number(),
  notAfterMs: z.number(),
});

/** What is sealed in `webhooks.sealed_client_certificate`. */
export const clientCertificateColumn: z.ZodType<JudgedClientCertificate> = z.object({
  certificate: z.string(),
  key: z.string(),
  facts: certificateFacts.nullable(),
});

/** `webhooks.ca_bundle`. */
export const caBundleColumn: z.ZodType<CaBundle> = z.object({
  pem: z.string(),
  certificates: z.array(certificateFacts),
});

/** Rows of `webhook_secrets`, aggregated. */
export const secretRows: z.ZodType<WebhookSecret[]> = z.array(
  z.object({
    id: z.string().transform((id) => asId('sec', id)),
    kind: z.enum(['whsec', 'text', 'ed25519']),
    hint: z.string(),
    tag: z.string().nullable(),
    publicKey: z.string().nullable(),
    createdAt: z.coerce.date(),
    expiresAt: z
      .string()
      .nullable()
      .transform((text) => (text === null ? null : new Date(text))),
  }),
);

/** `operations.details` of a resend. */
export const divertedFilterColumn: z.ZodType<DivertedFilter> = z.object({
  orgId: z
    .string()
    .transform((id) => asId('org', id))
    .optional(),
  webhookId: z
    .string()
    .transform((id) => asId('wh', id))
    .optional(),
  reasons: z.array(divertReason).optional(),
  eventTypes: z.array(z.string()).optional(),
  since: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
});

/** `operations.details` of a replay. */
export const replayRangeColumn: z.ZodType<ReplayRange> = z.object({
  since: z.coerce.date(),
  until: z.coerce.date(),
  eventTypes: z.array(z.string()).optional(),
  newIds: z.boolean(),
  onlyMissing: z.boolean(),
});

/** `operations.details` of an erasure. */
export const erasureColumn = z.object({ orgId: z.guid().transform((id) => asId('org', id)) });

/** `operations.details` of a resealing. */
export const resealingColumn = z.object({ keyId: z.string() });
