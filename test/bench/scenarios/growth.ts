import { openFlow, topRate, warmUp } from '../flow.ts';
import type { Scenario } from '../scenario.ts';
import { seedAttempts, seedHistory, seedWebhooks } from '../seed.ts';
import { sizeOf } from '../sizes.ts';

/** Throughput on an empty database, and on one with a history. */
export const growth: Scenario = {
  what: 'throughput with 500,000 events of history (--full: ten million), 10,000 webhooks and their attempts',
  seconds: 40,
  async run(context) {
    const { seconds, rounds, tell } = context;
    const flow = await openFlow(context);
    await warmUp(flow, seconds);
    const empty = await topRate(flow, { seconds: seconds / 2, rounds });
    const events = sizeOf(context, growth, { usual: 500_000, full: 10_000_000 });
    const webhooks = sizeOf(context, growth, { usual: 10_000, full: 10_000 });
    const each = context.full ? 100 : 20;
    tell(`empty: ${empty.toFixed(0)}/s; seeding ${events} events, ${webhooks} webhooks, ${webhooks * each} attempts`);
    await seedHistory(flow, events);
    const seeded = await seedWebhooks(flow, webhooks);
    await seedAttempts(flow.stage.pool, seeded, each);
    // What autovacuum would have done by then.
    await flow.stage.pool.query('VACUUM (ANALYZE)');
    await flow.stage.pool.query('CHECKPOINT');
    await warmUp(flow, seconds);
    const grown = await topRate(flow, { seconds: seconds / 2, rounds });
    return {
      ...context.told,
      events,
      webhooks,
      attempts: webhooks * each,
      empty_per_s: empty,
      published_per_s: grown,
      delivered_per_s: grown,
      rate_ratio: grown / empty,
    };
  },
};
