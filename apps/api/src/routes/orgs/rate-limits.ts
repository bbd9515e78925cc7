import type { RateLimits } from '@hooklane/engine';
import { z } from 'zod';

const perSecond = z.int().min(1).max(1_000_000).nullable();

const REQUESTS = 'Requests to the API, of whatever kind; null: no limit here.';
const EVENTS = 'Events published, a batch by its size; null: no limit here.';

/** In an answer. */
export const rateLimitsSchema = z
  .strictObject({ requests_per_second: perSecond.describe(REQUESTS), events_per_second: perSecond.describe(EVENTS) })
  .meta({ id: 'RateLimits', examples: [{ requests_per_second: 50, events_per_second: 1000 }] });

/** In a request: what is left out stays as it is. */
export const rateLimitsBody = z
  .strictObject({
    requests_per_second: perSecond.optional().describe(REQUESTS),
    events_per_second: perSecond.optional().describe(EVENTS),
  })
  .meta({ id: 'RateLimitsChange', examples: [{ events_per_second: 1000 }] });

export function presentRateLimits(limits: RateLimits): z.output<typeof rateLimitsSchema> {
  return { requests_per_second: limits.requestsPerSecond, events_per_second: limits.eventsPerSecond };
}

export function changeRateLimits(now: RateLimits, change: z.output<typeof rateLimitsBody> = {}): RateLimits {
  const { requests_per_second = now.requestsPerSecond, events_per_second = now.eventsPerSecond } = change;
  return { requestsPerSecond: requests_per_second, eventsPerSecond: events_per_second };
}
