import type { Metrics } from '@hooklane/runtime';
import { DURATION_BUCKETS } from '@hooklane/runtime';
import type { Receipt } from './receipts.ts';
import { LATEST_MS } from './receipts.ts';
import type { Mend } from './registration.ts';

export interface CanaryMetrics {
  published(result: 'accepted' | 'failed'): void;
  received(receipt: Receipt | { result: 'refused' }): void;
  mended(kind: Mend): void;
}

export function canaryMetrics(metrics: Metrics): CanaryMetrics {
  const published = metrics.counter(PUBLISHED);
  const received = metrics.counter(RECEIVED);
  const mended = metrics.counter(MENDED);
  const roundTrip = metrics.histogram(ROUND_TRIP);
  const lastReceipt = metrics.gauge(LAST_RECEIPT);
  // What has not happened yet is told as 0: a rise from nothing is none.
  for (const result of ['accepted', 'failed']) published.add({ result }, 0);
  for (const result of ['verified', 'repeated', 'late', 'refused']) received.add({ result }, 0);
  for (const kind of ['created', 'url', 'secret', 'unsuspended']) mended.add({ kind }, 0);
  return {
    published: (result) => published.add({ result }),
    received(receipt) {
      received.add({ result: receipt.result });
      if (receipt.result !== 'verified') return;
      roundTrip.observe({}, receipt.roundTripMs / 1000);
      lastReceipt.set({}, Date.now() / 1000);
    },
    mended: (kind) => mended.add({ kind }),
  };
}

const PUBLISHED = {
  name: 'hooklane_canary_published_total',
  help: 'Events that the canary published: accepted, failed (refused, or not answered).',
  labels: ['result'],
} as const;

const RECEIVED = {
  name: 'hooklane_canary_received_total',
  help: 'Requests that the canary received: verified, repeated, late (or of a canary before), refused (not signed as it should be).',
  labels: ['result'],
} as const;

const LAST_RECEIPT = {
  name: 'hooklane_canary_last_receipt_timestamp_seconds',
  help: 'When an event of the canary came back verified last, in Unix time. 0: not yet.',
} as const;

const ROUND_TRIP = {
  name: 'hooklane_canary_round_trip_seconds',
  help: 'From the begin of the publish until the canary has verified the request of it.',
  buckets: [...DURATION_BUCKETS, 60, LATEST_MS / 1000],
} as const;

const MENDED = {
  name: 'hooklane_canary_mended_total',
  help: 'What the canary put right of its own webhook: created, url, secret, unsuspended.',
  labels: ['kind'],
} as const;
