import { formatId, maskHeaders } from '@hooklane/domain';
import type { Webhook } from '@hooklane/engine';
import { z } from 'zod';
import { eventPattern, idText, time, timestamp } from '../../contract/fields.ts';
import { outcomeSchema } from '../deliveries/attempt.ts';
import { failurePolicySchema, presentFailurePolicy } from './failure-policy.ts';

const fields = {
  id: idText('wh'),
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
  enabled: z.boolean(),
  suspended: z.strictObject({ at: timestamp, reason: z.enum(['failures', 'gone', 'manual']) }).nullable(),
  active: z.boolean().describe('Enabled and not suspended.'),
  failure_policy: failurePolicySchema,
  timeout_ms: z.int(),
  secret_hint: z.string().nullable().describe('The last four characters of the newest secret.'),
  last_delivery: z.strictObject({ at: timestamp, outcome: outcomeSchema, status: z.int().nullable() }).nullable(),
  created_at: timestamp,
  updated_at: timestamp,
};

const example = {
  id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
  name: 'billing',
  description: null,
  url: 'https://example.com/hooks',
  events: ['invoice.*'],
  filters: { region: ['eu', 'uk'] },
  headers: { 'x-tenant': 'acme' },
  enabled: true,
  suspended: null,
  active: true,
  failure_policy: {
    retry_on: ['1xx', '3xx', '4xx', '5xx', 'timeout', 'network'],
    retry: { kind: 'exponential', interval_ms: 5000, factor: 4, cap_ms: 86_400_000, max_attempts: 11 },
    expire_after_ms: null,
    suspend: { after_failures: 20, after_ms: 3_600_000 },
    divert: true,
    alert_url: null,
  },
  timeout_ms: 15_000,
  secret_hint: 'a8Q=',
  last_delivery: { at: '2026-01-02T03:04:05.000Z', outcome: 'accepted', status: 204 },
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};

export const webhookSchema = z.strictObject(fields).meta({ id: 'Webhook', examples: [example] });

export const webhookWithSecretSchema = z
  .strictObject({ ...fields, secret: z.string().describe('The signing secret. Told here and never again.') })
  .meta({
    id: 'WebhookWithSecret',
    examples: [{ ...example, last_delivery: null, secret: 'whsec_q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWa8Q=' }],
  });

/** The secret is not among its fields: it is shown once, on create and on rotate. */
export function presentWebhook(webhook: Webhook) {
  const { suspended, lastDelivery } = webhook;
  return {
    id: formatId('wh', webhook.id),
    name: webhook.name,
    description: webhook.description,
    url: webhook.url,
    events: [...webhook.events],
    filters: webhook.filters,
    headers: presentHeaders(webhook.headers),
    enabled: webhook.enabled,
    suspended: suspended && { at: time(suspended.at), reason: suspended.reason },
    active: webhook.enabled && suspended === null,
    failure_policy: presentFailurePolicy(webhook.failurePolicy),
    timeout_ms: webhook.timeoutMs,
    secret_hint: webhook.secretHint,
    last_delivery: lastDelivery && { ...lastDelivery, at: time(lastDelivery.at) },
    created_at: time(webhook.createdAt),
    updated_at: time(webhook.updatedAt),
  };
}

/** One value as text, several as a list. */
function presentHeaders(headers: Webhook['headers']): Record<string, string | string[]> {
  const single = Object.entries(headers).map(([name, values]): [string, string | readonly string[]] => {
    const [only, ...others] = values;
    return [name, only !== undefined && others.length === 0 ? only : values];
  });
  return maskHeaders(Object.fromEntries(single));
}
