import type { RateQuota } from '@hooklane/engine';

/** Each bucket holds one second of its limit. */
const WINDOW_SECONDS = 1;

/**
 * What a caller may still do: `RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers has them
 * since its version 08, one member per limit, and the older `X-RateLimit-*` for the limit that is closest to its end. Nothing without limits.
 */
export function rateHeaders(quotas: readonly RateQuota[], nowMs: number): Readonly<Record<string, string>> {
  const [first, ...rest] = quotas;
  if (first === undefined) return NONE;
  const tightest = rest.reduce((one, other) => (shareLeft(other) < shareLeft(one) ? other : one), first);
  return {
    'ratelimit-policy': quotas.map(({ name, limit }) => `"${name}";q=${limit.burst};w=${WINDOW_SECONDS}`).join(', '),
    ratelimit: quotas
      .map(({ name, remaining, resetMs }) => `"${name}";r=${remaining};t=${seconds(resetMs)}`)
      .join(', '),
    'x-ratelimit-limit': String(tightest.limit.burst),
    'x-ratelimit-remaining': String(tightest.remaining),
    'x-ratelimit-reset': String(seconds(nowMs + tightest.resetMs)),
  };
}

/** Whole seconds, never too early: who comes back then must not be refused again. */
export function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

const NONE = {};

function shareLeft({ remaining, limit }: RateQuota): number {
  return remaining / limit.burst;
}
