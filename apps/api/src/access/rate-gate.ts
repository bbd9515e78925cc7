import { DomainError } from '@hooklane/domain';
import type { RateLimiter, RateLimits, RateQuota } from '@hooklane/engine';
import { demandsOf } from '@hooklane/engine';
import type { FastifyReply } from 'fastify';
import { rateHeaders } from '../http/rate-headers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The limits that this request was counted against, for the headers of the answer; null: none so far. */
    quotas: readonly RateQuota[] | null;
  }
}

/** Counts what callers do against the limits of their key and their org. Decides at once: nothing is asked or awaited. */
export interface RateGate {
  /**
   * Throws `rate_limited`, with when to come again, where a limit is used up. Tells in the headers of the answer what is
   * left. The operator has no limits.
   */
  take(reply: FastifyReply, kind: 'requests' | 'events', count: number): void;
}

interface RatePorts {
  rates: Pick<RateLimiter, 'take'>;
  clock: () => number;
}

/** `fallback`: the limits of orgs that have none of their own. */
export function createRateGate({ rates, clock }: RatePorts, fallback: RateLimits): RateGate {
  return {
    take(reply, kind, count) {
      const { request } = reply;
      const demands = request.identity?.caller ? demandsOf(request.identity.caller, fallback, { kind, count }) : [];
      if (demands.length === 0) return;
      const { allowed, retryAfterMs, quotas } = rates.take(demands);
      request.quotas = [...(request.quotas ?? []), ...quotas];
      reply.headers(rateHeaders(request.quotas, clock()));
      if (!allowed) throw new DomainError('rate_limited', detailOf(quotas), { retryAfterMs });
    },
  };
}

function detailOf(quotas: readonly RateQuota[]): string {
  const limits = quotas.map(({ name, limit }) => `${name} ${limit.perSecond}`);
  return `Allowed per second: ${limits.join(', ')}.`;
}
