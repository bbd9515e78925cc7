import { latencyQuantile } from '@hooklane/domain';
import type { RowCount, Stats, StatsWindow } from '@hooklane/engine';
import { COUNTED_ROWS } from '@hooklane/engine';
import { z } from 'zod';
import { time, timestamp } from '../../contract/fields.ts';

const rowCountSchema = z
  .strictObject({
    count: z.int().min(0).max(COUNTED_ROWS),
    capped: z.boolean().describe('There are more than that; nobody counted on.'),
  })
  .meta({ id: 'RowCount', examples: [{ count: 12, capped: false }] });

const latencySchema = z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() }).meta({
  id: 'Latency',
  description: 'Milliseconds that half, 95 % and 99 % of the attempts did not exceed, within 12.5 %.',
  examples: [{ p50: 84, p95: 205, p99: 401 }],
});

const WINDOW = {
  since: '2026-01-02T02:04:00.000Z',
  attempts: { accepted: 990, rejected: 8, timed_out: 2, unreachable: 0, blocked: 0 },
  success_rate: 0.99,
  delivered: 990,
  diverted: 1,
  discarded: 0,
  latency_ms: { p50: 84, p95: 205, p99: 401 },
};

const windowSchema = z
  .strictObject({
    since: timestamp,
    attempts: z
      .strictObject({
        accepted: z.int(),
        rejected: z.int(),
        timed_out: z.int(),
        unreachable: z.int(),
        blocked: z.int(),
      })
      .describe('By outcome.'),
    success_rate: z.number().min(0).max(1).nullable().describe('Accepted ÷ all attempts; null when there were none.'),
    delivered: z.int().describe('Deliveries that ended well.'),
    diverted: z.int().describe('Deliveries set aside by workers.'),
    discarded: z.int().describe('Deliveries given up, as the failure policy says.'),
    latency_ms: latencySchema.nullable(),
  })
  .meta({ id: 'StatsWindow', examples: [WINDOW] });

export const statsSchema = z
  .strictObject({
    pending: rowCountSchema.describe('Deliveries to be made now or later.'),
    diverted: rowCountSchema.describe('Events set aside now.'),
    last_success_at: timestamp.nullable().describe('Of the attempts in the log; of a webhook only.'),
    last_failure_at: timestamp.nullable().describe('Of the attempts in the log; of a webhook only.'),
    hour: windowSchema.describe('The last 60 minutes and the one under way.'),
    day: windowSchema.describe('The last 24 hours and the one under way.'),
  })
  .meta({
    id: 'Stats',
    description: 'Workers write down what they counted every few seconds.',
    examples: [
      {
        pending: { count: 12, capped: false },
        diverted: { count: 1, capped: false },
        last_success_at: '2026-01-02T03:04:05.000Z',
        last_failure_at: null,
        hour: WINDOW,
        day: WINDOW,
      },
    ],
  });

export function presentStats(stats: Stats): z.output<typeof statsSchema> {
  return {
    pending: presentCount(stats.pending),
    diverted: presentCount(stats.diverted),
    last_success_at: time(stats.lastSuccessAt),
    last_failure_at: time(stats.lastFailureAt),
    hour: presentWindow(stats.hour),
    day: presentWindow(stats.day),
  };
}

function presentCount({ count, capped }: RowCount): z.output<typeof rowCountSchema> {
  return { count, capped };
}

function presentWindow({ since, outcomes, delivered, diverted, discarded, latency }: StatsWindow) {
  const { 'timed-out': timedOut, ...rest } = outcomes;
  const all = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return {
    since: time(since),
    attempts: { ...rest, timed_out: timedOut },
    success_rate: all === 0 ? null : outcomes.accepted / all,
    delivered,
    diverted,
    discarded,
    latency_ms: presentLatency(latency),
  };
}

function presentLatency(latency: readonly number[]): z.output<typeof latencySchema> | null {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((quantile) => latencyQuantile(latency, quantile));
  return p50 == null || p95 == null || p99 == null ? null : { p50, p95, p99 };
}
