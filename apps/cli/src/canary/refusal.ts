import type { HooklaneError } from '@hooklane/client';

/** True where asking again will come to the same until somebody mends it. */
export function isFinal({ status }: Pick<HooklaneError, 'status'>): boolean {
  return status >= 400 && status <= 499 && status !== 408 && status !== 429;
}

/** What the API said, and what is to be done. */
export function cureOf(error: Pick<HooklaneError, 'status' | 'code' | 'message' | 'errors'>, org: string): string {
  const fields = error.errors.map(({ field, message }) => ` ${field}: ${message}`).join('');
  return `${error.message}${fields}\n  ${cure(error, org)}`;
}

function cure({ status, code }: Pick<HooklaneError, 'status' | 'code'>, org: string): string {
  if (code === 'url_not_allowed') return URL_CURE;
  if (status === 401) return 'HOOKLANE_API_KEY is no key of this API, or no longer.';
  if (status === 403) return `The key lacks a scope. A canary needs ${CANARY_SCOPES.join(', ')}.`;
  if (status === 404) {
    return `HOOKLANE_API_KEY is not for the org ${org}, or there is none: make it and a key for it, or use the operator's key, with which the canary makes it.`;
  }
  return 'docs/errors.md says what the code means.';
}

export const CANARY_SCOPES = [
  'events:write',
  'webhooks:list',
  'webhooks:create',
  'webhooks:update',
  'deliveries:read',
] as const;

/** Of a URL that the API does not take, and of an address that workers may not connect to. */
export const URL_CURE =
  'Set HOOKLANE_CANARY_URL to a public https URL that leads here; or, for one inside, let api and workers send there: its addresses in HOOKLANE_ALLOW_NETWORKS, and HOOKLANE_ALLOW_HTTP for http.';
