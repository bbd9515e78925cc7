import type { RateVerdict } from '@hooklane/engine';
import type { Metrics } from '@hooklane/runtime';
import { DURATION_BUCKETS } from '@hooklane/runtime';
import type { ApiPorts } from './ports.ts';

/** The same ports, and what goes through them is counted. Only the ports are watched: use cases and routes know nothing of it. */
export function countPorts(ports: ApiPorts, metrics: Metrics): ApiPorts {
  return {
    ...ports,
    events: countEvents(ports.events, metrics),
    webhooks: countSuspensions(ports.webhooks, metrics),
    operations: countOperations(ports.operations, metrics),
    guard: countRefusals(ports.guard, metrics),
    rates: countThrottled(ports.rates, metrics),
  };
}

/** An answer, as far as it is counted. */
export interface Answered {
  /** By its pattern; undefined where there is none. */
  route: string | undefined;
  status: number;
  ms: number;
}

export function countAnswers(metrics: Metrics): (answered: Answered) => void {
  const requests = metrics.counter(REQUESTS);
  const ingest = metrics.histogram(INGEST_DURATION);
  return ({ route, status, ms }) => {
    const answer = `${Math.floor(status / 100)}xx`;
    requests.add({ answer });
    const kind = INGEST_ROUTES.get(route ?? '');
    if (kind !== undefined) ingest.observe({ kind, answer }, ms / 1000);
  };
}

/** Publishing is `POST`; what lists events shares the path and would only make the figures look better. */
const INGEST_ROUTES = new Map([
  ['POST /v1/orgs/:org/events', 'event'],
  ['POST /v1/orgs/:org/events/batch', 'batch'],
]);

function countEvents(events: ApiPorts['events'], metrics: Metrics): ApiPorts['events'] {
  const counter = metrics.counter(EVENTS);
  return {
    answered: (publication) => events.answered(publication),
    async accept(draft) {
      try {
        const verdict = await events.accept(draft);
        // A stale one is matched again and comes back.
        if (verdict.kind !== 'stale') counter.add({ result: RESULTS[verdict.kind] });
        return verdict;
      } catch (error) {
        counter.add({ result: 'failed' });
        throw error;
      }
    },
  };
}

const RESULTS = { stored: 'accepted', repeated: 'repeated', conflict: 'conflict' } as const;

function countSuspensions(webhooks: ApiPorts['webhooks'], metrics: Metrics): ApiPorts['webhooks'] {
  const counter = metrics.counter(SUSPENSIONS);
  return {
    ...webhooks,
    async suspend(webhook, reason) {
      const suspended = await webhooks.suspend(webhook, reason);
      if (suspended !== null) counter.add({ reason });
      return suspended;
    },
  };
}

function countOperations(operations: ApiPorts['operations'], metrics: Metrics): ApiPorts['operations'] {
  const counter = metrics.counter(OPERATIONS);
  return {
    ...operations,
    async start(operation) {
      const started = await operations.start(operation);
      if (started !== 'too_many') counter.add({ kind: operation.task.kind });
      return started;
    },
  };
}

function countRefusals(guard: ApiPorts['guard'], metrics: Metrics): ApiPorts['guard'] {
  const counter = metrics.counter(BLOCKED);
  return {
    takes: (client) => guard.takes(client),
    check(url) {
      const verdict = guard.check(url);
      if ('objection' in verdict) counter.add({ stage: 'save' });
      return verdict;
    },
  };
}

function countThrottled(rates: ApiPorts['rates'], metrics: Metrics): ApiPorts['rates'] {
  const counter = metrics.counter(THROTTLED);
  return {
    take(demands) {
      const verdict = rates.take(demands);
      if (!verdict.allowed) counter.add({ scope: scopeOf(verdict) });
      return verdict;
    },
  };
}

/** The limit that holds it up: the one with least left. Their names are few and our own, such as `org-events`. */
function scopeOf({ quotas }: RateVerdict): string {
  return quotas.toSorted((a, b) => a.remaining - b.remaining)[0]?.name ?? 'unknown';
}

const EVENTS = {
  name: 'hooklane_events_total',
  help: 'Events that producers published: accepted, repeated (answered before), conflict (key used for another), failed.',
  labels: ['result'],
} as const;

const INGEST_DURATION = {
  name: 'hooklane_ingest_duration_seconds',
  help: 'How long publishing took, from the first byte of the request to the end of the answer.',
  labels: ['kind', 'answer'],
  buckets: DURATION_BUCKETS,
} as const;

const REQUESTS = {
  name: 'hooklane_requests_total',
  help: 'Requests of the API by the hundred of the status they were answered with.',
  labels: ['answer'],
} as const;

const SUSPENSIONS = {
  name: 'hooklane_suspensions_total',
  help: 'Webhooks that were suspended, by reason.',
  labels: ['reason'],
} as const;

const OPERATIONS = {
  name: 'hooklane_operations_started_total',
  help: 'Resends, replays and other operations that were started.',
  labels: ['kind'],
} as const;

const BLOCKED = {
  name: 'hooklane_blocked_addresses_total',
  help: 'Addresses that webhooks may not be sent to: refused when entered (save), or met when sending (attempt).',
  labels: ['stage'],
} as const;

const THROTTLED = {
  name: 'hooklane_throttled_total',
  help: 'Requests refused with 429, by the limit that was used up.',
  labels: ['scope'],
} as const;
