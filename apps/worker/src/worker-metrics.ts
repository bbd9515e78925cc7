import type { Expiry, Outcome, ThrottleReason } from '@hooklane/domain';
import { asksForLess } from '@hooklane/domain';
import type { Attempted, DueStore, SentAttempt } from '@hooklane/engine';
import type { Metrics } from '@hooklane/runtime';
import { DURATION_BUCKETS, LATENCY_BUCKETS_SECONDS } from '@hooklane/runtime';
import type { WorkerLog } from './events-log.ts';

/** What a worker counts: beside its log, from the same events. */
export function countWork(metrics: Metrics): WorkerLog {
  const attempts = metrics.counter(ATTEMPTS);
  const duration = metrics.histogram(ATTEMPT_DURATION);
  const throttled = metrics.counter(THROTTLED);
  const deliveries = metrics.counter(DELIVERIES);
  const firstAttempt = metrics.histogram(FIRST_ATTEMPT_LATENCY);
  const endToEnd = metrics.histogram(END_TO_END_LATENCY);
  const lateness = metrics.histogram(RETRY_LATENESS);
  const claimsLost = metrics.counter(CLAIMS_LOST);
  const suspensions = metrics.counter(SUSPENSIONS);
  const unopened = metrics.counter(SIGNING_FAILURES);
  const faults = metrics.counter(FAULTS);
  const blocked = metrics.counter(BLOCKED);
  const waiting = metrics.gauge(RESULTS_WAITING);
  const frozen = metrics.gauge(FROZEN);
  const withheld = metrics.counter(WITHHELD);
  frozen.set({}, 0);

  function countSent({ claim, step, sent }: Attempted & { sent: NonNullable<Attempted['sent']> }): void {
    const { outcome, durationMs } = sent.report;
    attempts.add({ outcome: outcome.kind, class: classOf(outcome) });
    if (outcome.kind === 'blocked') blocked.add({ stage: 'attempt' });
    for (const reason of throttleReasons(sent)) throttled.add({ reason });
    duration.observe({ outcome: outcome.kind }, durationMs / 1000);
    if (claim.attemptInRound > 1) lateness.observe({}, claim.lateMs / 1000);
    // What is asked for again later says nothing about how fast we are.
    if (claim.origin !== 'event') return;
    if (claim.attempt === 1) firstAttempt.observe({}, claim.ageMs / 1000);
    if (step.kind === 'delivered') endToEnd.observe({}, (claim.ageMs + durationMs) / 1000);
  }

  return {
    attempted(attempted) {
      const { claim, step, sent, recorded } = attempted;
      if (!recorded) claimsLost.add({});
      else if (step.kind !== 'retry') deliveries.add({ state: STATES[step.kind], origin: claim.origin });
      if (sent !== null) countSent({ ...attempted, sent });
    },
    suspended: ({ reason }) => suspensions.add({ reason }),
    unopened: () => unopened.add({}),
    fault: () => faults.add({}),
    kept: ({ what }) => waiting.set({}, Number(what === 'kept')),
    froze: ({ what }) => frozen.set({}, Number(what === 'frozen')),
    withheld: (suspensions) => withheld.add({}, suspensions),
  };
}

/** Both may be: it waited for a limit of ours, and was asked for less all the same. */
function throttleReasons({ waitedFor, report: { outcome } }: SentAttempt): ThrottleReason[] {
  const isAsked = outcome.kind === 'rejected' && asksForLess(outcome.status, outcome.retryAfterMs !== undefined);
  return [...(isAsked ? (['receiver'] as const) : []), ...(waitedFor === null ? [] : [waitedFor])];
}

const STATES = { delivered: 'delivered', divert: 'diverted', discard: 'discarded' } as const;

/** Why, in few words: by the hundred of the status, or by what went wrong before there was one. */
function classOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'accepted':
    case 'rejected':
      return `${Math.min(5, Math.max(1, Math.floor(outcome.status / 100)))}xx`;
    case 'timed-out':
      return outcome.phase;
    case 'unreachable':
      return outcome.code;
    case 'blocked':
      return 'blocked';
  }
}

/** Counts what only the store of undone work sees. */
export function countClaims(due: DueStore, metrics: Metrics): Pick<DueStore, 'claim' | 'relay'> {
  const duplicates = metrics.counter(DUPLICATE_JOBS);
  const relayed = metrics.counter(RELAYED);
  return {
    async claim(ref) {
      const claim = await due.claim(ref);
      if (claim === null) duplicates.add({});
      return claim;
    },
    async relay(limit) {
      const refs = await due.relay(limit);
      const first = refs.filter((ref) => ref.attempt === 1).length;
      if (first > 0) relayed.add({ attempt: 'first' }, first);
      if (refs.length > first) relayed.add({ attempt: 'later' }, refs.length - first);
      return refs;
    },
  };
}

/** When certificates of webhooks end, as it was read last. */
export function measureCertificates(metrics: Metrics): (expiries: Record<Expiry, number>) => void {
  const certificates = metrics.gauge(CERTIFICATES);
  return (expiries) => {
    for (const [state, count] of Object.entries(expiries)) certificates.set({ state }, count);
  };
}

const CERTIFICATES = {
  name: 'hooklane_webhook_certificates',
  help: 'Active webhooks with certificates of their own, by when the first of these ends: expired, within a week, a month, later.',
  labels: ['state'],
} as const;

/** What a worker is at, asked at each scrape. */
export function measureSlots(metrics: Metrics, slots: { inFlight: () => number; total: number }): void {
  metrics.gauge(SLOTS, (gauge) => {
    const used = slots.inFlight();
    gauge.set({ state: 'used' }, used);
    gauge.set({ state: 'free' }, Math.max(0, slots.total - used));
  });
}

const ATTEMPTS = {
  name: 'hooklane_attempts_total',
  help: 'Attempts that were made, by outcome and, more closely, by class.',
  labels: ['outcome', 'class'],
} as const;

const ATTEMPT_DURATION = {
  name: 'hooklane_attempt_duration_seconds',
  help: 'How long attempts took, from the lookup of the name to the end of the answer.',
  labels: ['outcome'],
  buckets: DURATION_BUCKETS,
} as const;

const THROTTLED = {
  name: 'hooklane_attempts_throttled_total',
  help: 'Attempts that waited for a limit (rate_limit, max_in_flight, host), or whose receiver asked for less (receiver).',
  labels: ['reason'],
} as const;

const DELIVERIES = {
  name: 'hooklane_deliveries_total',
  help: 'Deliveries that ended, by the state they ended in and why there was work to do.',
  labels: ['state', 'origin'],
} as const;

const FIRST_ATTEMPT_LATENCY = {
  name: 'hooklane_first_attempt_latency_seconds',
  help: 'From the commit of an event to the claim for the first attempt of each of its deliveries.',
  buckets: LATENCY_BUCKETS_SECONDS,
} as const;

const END_TO_END_LATENCY = {
  name: 'hooklane_end_to_end_latency_seconds',
  help: "From the commit of an event to the receiver's 2xx, retries included.",
  buckets: LATENCY_BUCKETS_SECONDS,
} as const;

const RETRY_LATENESS = {
  name: 'hooklane_retry_lateness_seconds',
  help: 'How long after they were due retries were claimed.',
  buckets: LATENCY_BUCKETS_SECONDS,
} as const;

const CLAIMS_LOST = {
  name: 'hooklane_claims_lost_total',
  help: 'Attempts whose record was refused because another worker had claimed the delivery meanwhile.',
} as const;

const SUSPENSIONS = {
  name: 'hooklane_suspensions_total',
  help: 'Webhooks that were suspended, by reason.',
  labels: ['reason'],
} as const;

const FROZEN = {
  name: 'hooklane_suspensions_frozen',
  help: '1 while so many hosts fail at once that this worker suspends nobody.',
} as const;

const WITHHELD = {
  name: 'hooklane_suspensions_withheld_total',
  help: 'Failures that would have suspended a webhook, had suspensions not been frozen.',
} as const;

const SIGNING_FAILURES = {
  name: 'hooklane_signing_failures_total',
  help: 'Deliveries that wait because no configured key opens the secret or the headers of their webhook.',
} as const;

const BLOCKED = {
  name: 'hooklane_blocked_addresses_total',
  help: 'Addresses that webhooks may not be sent to: refused when entered (save), or met when sending (attempt).',
  labels: ['stage'],
} as const;

const FAULTS = {
  name: 'hooklane_attempt_faults_total',
  help: 'Faults of our own around an attempt; its claim lapses and it is made again.',
} as const;

const RESULTS_WAITING = {
  name: 'hooklane_results_waiting',
  help: '1 while outcomes of attempts wait in memory for Postgres to come back.',
} as const;

const DUPLICATE_JOBS = {
  name: 'hooklane_duplicate_jobs_total',
  help: 'Jobs that found nothing to claim: made before, claimed by another, or no longer due.',
} as const;

const RELAYED = {
  name: 'hooklane_relayed_total',
  help: 'Deliveries that the relay brought into the queue: at their first attempt (the queue should have had them) or later.',
  labels: ['attempt'],
} as const;

const SLOTS = {
  name: 'hooklane_worker_slots',
  help: 'Attempts in flight, and how many more this worker could make.',
  labels: ['state'],
} as const;
