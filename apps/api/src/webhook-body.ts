import { DEFAULT_FAILURE_POLICY } from '@hooklane/domain';
import type { WebhookSettings } from '@hooklane/engine';
import { z } from 'zod';
import { failurePolicyBody, mergeFailurePolicy } from './failure-policy-body.ts';
import { attributeName, eventPattern, nameText, storableText } from './schemas.ts';
import { unmaskHeaders } from './webhook-headers.ts';

export const MOST_PATTERNS = 32;
const NAME_CHARS = 128;
const DEFAULT_TIMEOUT_MS = 15_000;

const patterns = z.array(eventPattern).min(1).max(MOST_PATTERNS);
/** What may be in it is for `checkCustomHeaders` to say, which names every header that may not. */
const headers = z.record(z.string(), z.union([z.string(), z.array(z.string())], 'must be text or a list of texts'));
const filters = z
  .record(attributeName, z.array(storableText(256)).min(1).max(32))
  .refine((names) => Object.keys(names).length <= 16, 'at most 16 attributes');

const optional = {
  /** Null: the host of the URL. */
  name: nameText(NAME_CHARS).nullish(),
  description: storableText(1024).nullish(),
  filters: filters.nullish(),
  headers: headers.optional(),
  enabled: z.boolean().optional(),
  failure_policy: failurePolicyBody.optional(),
  timeout_ms: z.int().min(1000).max(30_000).optional(),
};

export const createWebhookBody = z.strictObject({
  ...optional,
  url: z.string(),
  events: patterns,
  secret: z.string().optional(),
  ping: z.boolean().default(true),
});

const withoutMixing = 'cannot be given together with the list it would change';

export const patchWebhookBody = z
  .strictObject({
    ...optional,
    url: z.string().optional(),
    events: patterns.optional(),
    add_events: patterns.optional(),
    remove_events: patterns.optional(),
    add_headers: headers.optional(),
    remove_headers: z.array(z.string()).max(100).optional(),
  })
  .refine((body) => !(body.events && body.add_events), { path: ['add_events'], error: withoutMixing })
  .refine((body) => !(body.events && body.remove_events), { path: ['remove_events'], error: withoutMixing })
  .refine((body) => !(body.headers && body.add_headers), { path: ['add_headers'], error: withoutMixing })
  .refine((body) => !(body.headers && body.remove_headers), { path: ['remove_headers'], error: withoutMixing });

export const rotateSecretBody = z.strictObject({
  secret: z.string().optional(),
  overlap_seconds: z.int().min(0).max(604_800).default(86_400),
});

export function settingsOf(body: z.output<typeof createWebhookBody>): WebhookSettings {
  return {
    name: body.name ?? hostOf(body.url),
    description: body.description ?? null,
    url: body.url,
    events: [...new Set(body.events)],
    filters: body.filters ?? null,
    headers: unmaskHeaders(body.headers ?? {}, {}),
    enabled: body.enabled ?? true,
    failurePolicy: mergeFailurePolicy(DEFAULT_FAILURE_POLICY, body.failure_policy),
    timeoutMs: body.timeout_ms ?? DEFAULT_TIMEOUT_MS,
  };
}

/** Empty for what is no URL: the guard refuses that in a moment, and says why. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host.slice(0, NAME_CHARS) : '';
}
