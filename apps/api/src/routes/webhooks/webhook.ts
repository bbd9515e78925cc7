import type { CertificateFacts } from '@hooklane/domain';
import { CONTENT_TYPES, formatId, MASK, maskHeaders, PROFILE_NAMES } from '@hooklane/domain';
import type { Webhook, WithSecret } from '@hooklane/engine';
import { z } from 'zod';
import { eventPattern, idText, time, timestamp } from '../../contract/fields.ts';
import { pausedField, presentPaused } from '../../contract/pause.ts';
import { outcomeSchema } from '../deliveries/attempt.ts';
import { failurePolicySchema, presentFailurePolicy } from './failure-policy.ts';

const certificate = z
  .strictObject({
    subject: z.string(),
    fingerprint: z.string().describe('SHA-256, in hex with colons.'),
    not_after: timestamp,
  })
  .meta({
    id: 'Certificate',
    examples: [
      {
        subject: 'CN=hooks.example.com, O=Example',
        fingerprint: Array.from({ length: 32 }, (_, n) => (n + 160).toString(16).toUpperCase()).join(':'),
        not_after: '2027-01-01T00:00:00.000Z',
      },
    ],
  });

const fields = {
  id: idText('wh'),
  number: z.int().describe('Stands for the webhook where a profile wants an integer, as in `X-GitHub-Hook-ID`.'),
  name: z.string().describe('The host of the URL where none was given.'),
  description: z.string().nullable(),
  url: z.string(),
  events: z.array(eventPattern).describe('Event types or patterns: `invoice.paid`, `invoice.*`, `*`.'),
  filters: z
    .record(z.string(), z.array(z.string()))
    .nullable()
    .describe('Event attribute → allowed values; all attributes must match.'),
  headers: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .describe('Extra headers of every request. Values of names that look like credentials are masked.'),
  auth: z
    .strictObject({ username: z.string(), password: z.string().describe('Masked.') })
    .nullable()
    .describe('Sent as Basic authorization.'),
  verify_tls: z.boolean().describe('False: any certificate of the receiver is taken.'),
  ca_bundle: z.array(certificate).nullable().describe('Trusted instead of the public authorities; null: those.'),
  client_certificate: certificate.nullable().describe('Shown to a receiver that asks for one. Its key is never told.'),
  profile: z.enum(PROFILE_NAMES).describe('Whose conventions it is sent in.'),
  content_type: z.enum(CONTENT_TYPES),
  signing: z.boolean().describe('False: sent unsigned.'),
  enabled: z.boolean(),
  suspended: z.strictObject({ at: timestamp, reason: z.enum(['failures', 'gone', 'manual']) }).nullable(),
  active: z.boolean().describe('Enabled and not suspended.'),
  paused: pausedField,
  failure_policy: failurePolicySchema,
  timeout_ms: z.int(),
  rate_limit: z.int().nullable().describe('Attempts that may begin in a second; null: no limit.'),
  max_in_flight: z.int().nullable().describe('Attempts at the same time; null: what its lanes hold.'),
  tag: z.string().nullable().describe('The name of the secret in use.'),
  secret_hint: z.string().nullable().describe('The last four characters of the secret in use; null without one.'),
  last_delivery: z.strictObject({ at: timestamp, outcome: outcomeSchema, status: z.int().nullable() }).nullable(),
  version: z.int().describe('Raised by every change. In quotes it is the `ETag`, for `If-Match`.'),
  created_at: timestamp,
  updated_at: timestamp,
};

const example = {
  id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
  number: 4711,
  name: 'billing',
  description: null,
  url: 'https://example.com/hooks',
  events: ['invoice.*'],
  filters: { region: ['eu', 'uk'] },
  headers: { 'x-tenant': 'acme' },
  auth: null,
  verify_tls: true,
  ca_bundle: null,
  client_certificate: null,
  profile: 'standard',
  content_type: 'json',
  signing: true,
  enabled: true,
  suspended: null,
  active: true,
  paused: null,
  failure_policy: {
    retry_on: ['1xx', '3xx', '4xx', '5xx', 'timeout', 'network'],
    retry: { kind: 'exponential', interval_ms: 5000, factor: 4, cap_ms: 86_400_000, max_attempts: 11 },
    expire_after_ms: null,
    suspend: { after_failures: 20, after_ms: 3_600_000 },
    divert: true,
    alert_url: null,
  },
  timeout_ms: 15_000,
  rate_limit: null,
  max_in_flight: null,
  tag: '2026',
  secret_hint: 'a8Q=',
  last_delivery: { at: '2026-01-02T03:04:05.000Z', outcome: 'accepted', status: 204 },
  version: 3,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};

export const webhookSchema = z.strictObject(fields).meta({ id: 'Webhook', examples: [example] });

export const webhookWithSecretSchema = z
  .strictObject({
    ...fields,
    secret: z
      .string()
      .nullable()
      .describe('The signing secret. Told here and never again. Null for a pair of keys: see its public key.'),
    public_key: z.string().nullable().describe('Of a pair of keys: `whpk_…`, with which receivers verify.'),
  })
  .meta({
    id: 'WebhookWithSecret',
    examples: [
      {
        ...example,
        last_delivery: null,
        secret: 'whsec_q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWa8Q=',
        public_key: null,
      },
    ],
  });

/** The secret is not among its fields: it is shown once, on create and on rotate. */
export function presentWebhook(webhook: Webhook) {
  const { suspended, lastDelivery, auth } = webhook;
  return {
    id: formatId('wh', webhook.id),
    number: webhook.number,
    name: webhook.name,
    description: webhook.description,
    url: webhook.url,
    events: [...webhook.events],
    filters: webhook.filters,
    headers: presentHeaders(webhook.headers),
    auth: auth && { ...auth, password: MASK },
    ...presentTls(webhook),
    profile: webhook.profile,
    content_type: webhook.contentType,
    signing: webhook.signing,
    enabled: webhook.enabled,
    suspended: suspended && { at: time(suspended.at), reason: suspended.reason },
    active: webhook.enabled && suspended === null,
    paused: presentPaused(webhook.paused),
    failure_policy: presentFailurePolicy(webhook.failurePolicy),
    timeout_ms: webhook.timeoutMs,
    rate_limit: webhook.rateLimit,
    max_in_flight: webhook.maxInFlight,
    tag: webhook.secrets[0]?.tag ?? null,
    secret_hint: webhook.secrets[0]?.hint ?? null,
    last_delivery: lastDelivery && { ...lastDelivery, at: time(lastDelivery.at) },
    version: webhook.version,
    created_at: time(webhook.createdAt),
    updated_at: time(webhook.updatedAt),
  };
}

function presentTls({ verifyTls, caBundle, clientCertificate }: Webhook) {
  return {
    verify_tls: verifyTls,
    ca_bundle: caBundle?.certificates.map(presentCertificate) ?? null,
    client_certificate: clientCertificate?.facts ? presentCertificate(clientCertificate.facts) : null,
  };
}

function presentCertificate({ subject, fingerprint, notAfterMs }: CertificateFacts) {
  return { subject, fingerprint, not_after: time(new Date(notAfterMs)) };
}

/** The webhook with what is told once, when a secret is new. */
export function presentWithSecret({ webhook, secret }: WithSecret) {
  return { ...presentWebhook(webhook), secret, public_key: webhook.secrets[0]?.publicKey ?? null };
}

/** One value as text, several as a list. */
function presentHeaders(headers: Webhook['headers']): Record<string, string | string[]> {
  const single = Object.entries(headers).map(([name, values]): [string, string | readonly string[]] => {
    const [only, ...others] = values;
    return [name, only !== undefined && others.length === 0 ? only : values];
  });
  return maskHeaders(Object.fromEntries(single));
}
