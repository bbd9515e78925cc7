import { latencyBucket } from '@hooklane/domain';
import type { Stats } from '@hooklane/engine';
import { emptyTally } from '@hooklane/engine';
import { expect, it } from 'vitest';
import { presentStats } from './stats.ts';

const NOW = new Date('2026-01-02T03:04:05Z');
const NOTHING: Stats = {
  pending: { count: 0, capped: false },
  diverted: { count: 0, capped: false },
  lastSuccessAt: null,
  lastFailureAt: null,
  hour: { since: NOW, ...emptyTally() },
  day: { since: NOW, ...emptyTally() },
};

it('has no rate and no latency where there was nothing', () => {
  expect(presentStats(NOTHING).hour).toMatchObject({ success_rate: null, latency_ms: null, delivered: 0 });
});

it('tells the rate over all outcomes, and the latency by percentile', () => {
  const hour = { since: NOW, ...emptyTally(), delivered: 6 };
  Object.assign(hour.outcomes, { accepted: 6, rejected: 1, 'timed-out': 1 });
  hour.latency[latencyBucket(100)] = 7;
  hour.latency[latencyBucket(15_000)] = 1;
  const told = presentStats({ ...NOTHING, hour, pending: { count: 10_000, capped: true }, lastSuccessAt: NOW });
  expect(told).toMatchObject({
    pending: { count: 10_000, capped: true },
    last_success_at: '2026-01-02T03:04:05.000Z',
    hour: {
      attempts: { accepted: 6, rejected: 1, timed_out: 1, unreachable: 0, blocked: 0 },
      success_rate: 0.75,
      delivered: 6,
    },
  });
  expect(told.hour.latency_ms?.p50).toBeGreaterThan(88);
  expect(told.hour.latency_ms?.p50).toBeLessThan(112);
  expect(told.hour.latency_ms?.p99).toBeGreaterThan(13_000);
});
