import type { RouteDefinition } from '../contract/route.ts';
import type { Header, Reference } from './openapi-types.ts';

/** Headers of answers, whatever the route. */
export const HEADERS = {
  RequestId: { description: 'Names the request in the log.', schema: { type: 'string' } },
  RateLimitPolicy: {
    description:
      'Each limit by its name, with what it allows (`q`) in how many seconds (`w`). Only where there is one.',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'What is left of each limit (`r`), and in how many seconds it is all there again (`t`).',
    schema: { type: 'string' },
  },
  RateLimitLimit: {
    description: 'What the limit that is closest to its end allows in a second.',
    schema: { type: 'integer' },
  },
  RateLimitRemaining: { description: 'What is left of that limit.', schema: { type: 'integer' } },
  RateLimitReset: {
    description: 'When all of it is there again, in seconds since 1970.',
    schema: { type: 'integer' },
  },
  RetryAfter: { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 0 } },
} as const satisfies Record<string, Header>;

function refer(name: keyof typeof HEADERS): Reference {
  return { $ref: `#/components/headers/${name}` };
}

export const REQUEST_ID = { 'x-request-id': refer('RequestId') };

export const RATE_LIMITS = {
  'RateLimit-Policy': refer('RateLimitPolicy'),
  RateLimit: refer('RateLimit'),
  'X-RateLimit-Limit': refer('RateLimitLimit'),
  'X-RateLimit-Remaining': refer('RateLimitRemaining'),
  'X-RateLimit-Reset': refer('RateLimitReset'),
};

export const RETRY_AFTER = { 'Retry-After': refer('RetryAfter') };

/** What answers of a route have beside their own. The operator and who needs no key have no limits. */
export function usualHeaders({ access }: RouteDefinition): Record<string, Reference> {
  return access === 'open' || access === 'operator' ? REQUEST_ID : { ...REQUEST_ID, ...RATE_LIMITS };
}
