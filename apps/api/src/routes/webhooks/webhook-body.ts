import {
  CA_BUNDLE_CHARS,
  CLIENT_CERTIFICATE_CHARS,
  CLIENT_KEY_CHARS,
  CONTENT_TYPES,
  DEFAULT_FAILURE_POLICY,
  PROFILE_NAMES,
} from '@hooklane/domain';
import type { WebhookSettings } from '@hooklane/engine';
import { z } from 'zod';
import { attributeName, eventPattern, nameText, storableText } from '../../contract/fields.ts';
import { failurePolicyBody, mergeFailurePolicy } from './failure-policy-body.ts';
import { secretFields, secretText } from './secret-body.ts';
import { unmaskAuth, unmaskHeaders } from './webhook-headers.ts';

export const MOST_PATTERNS = 32;
const NAME_CHARS = 128;
const DEFAULT_TIMEOUT_MS = 15_000;

const patterns = z.array(eventPattern).min(1).max(MOST_PATTERNS);
/** What may be in it is for `checkCustomHeaders` to say, which names every header that may not. */
const headers = z.record(z.string(), z.union([z.string(), z.array(z.string())], 'must be text or a list of texts'));
const filters = z
  .record(attributeName, z.array(storableText(256)).min(1).max(32))
  .refine((names) => Object.keys(names).length <= 16, 'at most 16 attributes');

/** What may be in them is for `basicAuthProblems` to say. */
const auth = z.strictObject({ username: z.string().max(1024), password: z.string().max(4096) });

/** What may be in it is for `checkedTls` to say. */
const clientCertificate = z.strictObject({
  certificate: z.string().max(CLIENT_CERTIFICATE_CHARS).describe('PEM; first its own, then those up to the authority.'),
  key: z.string().max(CLIENT_KEY_CHARS).describe('PEM, not encrypted. Stored sealed and never shown.'),
});

const optional = {
  name: nameText(NAME_CHARS).nullish().describe('Null: the host of the URL.'),
  description: storableText(1024).nullish(),
  filters: filters.nullish().describe('Event attribute → allowed values; all attributes must match.'),
  headers: headers
    .optional()
    .describe(
      'Extra headers of every request; several values are sent as repeated lines. A masked value means unchanged.',
    ),
  auth: auth.nullish().describe('Sent as Basic authorization. A masked password means unchanged.'),
  verify_tls: z
    .boolean()
    .optional()
    .describe('False: any certificate of the receiver is taken. Only where the operator permits it. Default: true.'),
  ca_bundle: z
    .string()
    .max(CA_BUNDLE_CHARS)
    .nullish()
    .describe('Up to 16 certificates in PEM, trusted instead of the public authorities. Null: those.'),
  client_certificate: clientCertificate
    .nullish()
    .describe('Shown to a receiver that asks for one (mutual TLS). Null: none.'),
  profile: z.enum(PROFILE_NAMES).optional().describe('Whose conventions it is sent in. Default: `standard`.'),
  content_type: z.enum(CONTENT_TYPES).optional().describe('Default: `json`. `form` sends `payload=` and the JSON.'),
  enabled: z.boolean().optional().describe('False: new events make no delivery.'),
  failure_policy: failurePolicyBody.optional(),
  timeout_ms: z.int().min(1000).max(30_000).optional().describe('Of one attempt as a whole. Default: 15 s.'),
  rate_limit: z.int().min(1).max(10_000).nullish().describe('Attempts that may begin in a second. Null: no limit.'),
  max_in_flight: z.int().min(1).max(1000).nullish().describe('Attempts at the same time. Null: what its lanes hold.'),
};

export const createWebhookBody = z
  .strictObject({
    ...optional,
    url: z.string().describe('https, a public host, no user name or fragment.'),
    events: patterns.describe('Event types or patterns: `invoice.paid`, `invoice.*`, `*`.'),
    secret: secretText.nullish().describe(`${secretText.description} Null: none, and \`signing\` is off.`),
    ...secretFields,
    signing: z.boolean().optional().describe('False: sent unsigned. Default: whether there is a secret.'),
    ping: z.boolean().default(true).describe('Send a trial request. Its failure never fails the creation.'),
  })
  .meta({
    id: 'NewWebhook',
    examples: [{ url: 'https://example.com/hooks', events: ['invoice.*'], filters: { region: ['eu', 'uk'] } }],
  });

const withoutMixing = 'cannot be given together with the list it would change';

export const patchWebhookBody = z
  .strictObject({
    ...optional,
    url: z.string().optional(),
    signing: z.boolean().optional().describe('Takes a secret to sign with.'),
    events: patterns.optional(),
    add_events: patterns.optional(),
    remove_events: patterns.optional(),
    add_headers: headers.optional(),
    remove_headers: z.array(z.string()).max(100).optional(),
  })
  .refine((body) => !(body.events && body.add_events), { path: ['add_events'], error: withoutMixing })
  .refine((body) => !(body.events && body.remove_events), { path: ['remove_events'], error: withoutMixing })
  .refine((body) => !(body.headers && body.add_headers), { path: ['add_headers'], error: withoutMixing })
  .refine((body) => !(body.headers && body.remove_headers), { path: ['remove_headers'], error: withoutMixing })
  .meta({ id: 'WebhookPatch', examples: [{ add_events: ['customer.*'], timeout_ms: 20_000 }] });

export function settingsOf(body: z.output<typeof createWebhookBody>): WebhookSettings {
  return {
    name: body.name ?? hostOf(body.url),
    description: body.description ?? null,
    url: body.url,
    events: [...new Set(body.events)],
    filters: body.filters ?? null,
    headers: unmaskHeaders(body.headers ?? {}, {}),
    auth: unmaskAuth(body.auth ?? null, null),
    ...tlsOf(body),
    profile: body.profile ?? 'standard',
    contentType: body.content_type ?? 'json',
    signing: body.signing ?? body.secret !== null,
    enabled: body.enabled ?? true,
    failurePolicy: mergeFailurePolicy(DEFAULT_FAILURE_POLICY, body.failure_policy),
    timeoutMs: body.timeout_ms ?? DEFAULT_TIMEOUT_MS,
    rateLimit: body.rate_limit ?? null,
    maxInFlight: body.max_in_flight ?? null,
  };
}

function tlsOf(body: z.output<typeof createWebhookBody>) {
  return {
    verifyTls: body.verify_tls ?? true,
    caBundle: bundleOf(body.ca_bundle ?? null),
    clientCertificate: clientOf(body.client_certificate ?? null),
  };
}

/** What is in it is read when it is judged. */
export function bundleOf(pem: string | null): WebhookSettings['caBundle'] {
  return pem === null ? null : { pem, certificates: [] };
}

export function clientOf(given: z.output<typeof clientCertificate> | null): WebhookSettings['clientCertificate'] {
  return given && { ...given, facts: null };
}

/** Empty for what is no URL: the guard refuses that in a moment, and says why. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host.slice(0, NAME_CHARS) : '';
}
