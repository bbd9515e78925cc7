import type { WebhookSettings } from '@hooklane/engine';
import type { z } from 'zod';
import { invalidField } from '../../http/zod-problems.ts';
import { mergeFailurePolicy } from './failure-policy-body.ts';
import type { patchWebhookBody } from './webhook-body.ts';
import { bundleOf, clientOf, hostOf, MOST_PATTERNS } from './webhook-body.ts';
import { changeHeaders, unmaskAuth, unmaskHeaders } from './webhook-headers.ts';

export type WebhookPatch = z.output<typeof patchWebhookBody>;

/** JSON merge: what is left out stays, what is named replaces; `add_…` and `remove_…` change a list, removals first. */
export function patchSettings(now: WebhookSettings, patch: WebhookPatch): WebhookSettings {
  const url = patch.url ?? now.url;
  return {
    name: patch.name === null ? hostOf(url) : (patch.name ?? now.name),
    description: patch.description === undefined ? now.description : patch.description,
    url,
    events: patchEvents(now.events, patch),
    filters: patch.filters === undefined ? now.filters : patch.filters,
    headers: patchHeaders(now.headers, patch),
    auth: patch.auth === undefined ? now.auth : unmaskAuth(patch.auth, now.auth),
    ...patchTls(now, patch),
    profile: patch.profile ?? now.profile,
    contentType: patch.content_type ?? now.contentType,
    signing: patch.signing ?? now.signing,
    enabled: patch.enabled ?? now.enabled,
    failurePolicy: mergeFailurePolicy(now.failurePolicy, patch.failure_policy),
    timeoutMs: patch.timeout_ms ?? now.timeoutMs,
    ...patchLimits(now, patch),
  };
}

function patchLimits(now: WebhookSettings, patch: WebhookPatch) {
  return {
    rateLimit: patch.rate_limit === undefined ? now.rateLimit : patch.rate_limit,
    maxInFlight: patch.max_in_flight === undefined ? now.maxInFlight : patch.max_in_flight,
  };
}

function patchTls(now: WebhookSettings, patch: WebhookPatch) {
  return {
    verifyTls: patch.verify_tls ?? now.verifyTls,
    caBundle: patch.ca_bundle === undefined ? now.caBundle : bundleOf(patch.ca_bundle),
    clientCertificate:
      patch.client_certificate === undefined ? now.clientCertificate : clientOf(patch.client_certificate),
  };
}

function patchEvents(now: readonly string[], patch: WebhookPatch): readonly string[] {
  if (patch.events) return [...new Set(patch.events)];
  const removed = new Set(patch.remove_events);
  const events = [...new Set([...now.filter((pattern) => !removed.has(pattern)), ...(patch.add_events ?? [])])];
  if (events.length === 0) throw invalidField('remove_events', 'would leave no event');
  if (events.length > MOST_PATTERNS) throw invalidField('add_events', `would make more than ${MOST_PATTERNS} events`);
  return events;
}

function patchHeaders(now: WebhookSettings['headers'], patch: WebhookPatch): WebhookSettings['headers'] {
  if (patch.headers) return unmaskHeaders(patch.headers, now);
  return changeHeaders(now, { add: patch.add_headers ?? {}, remove: patch.remove_headers ?? [] });
}
