import { until } from '../../support/until.ts';
import { clockMs } from '../clock.ts';
import { openFlow, topRate, warmUp } from '../flow.ts';
import { latencyDuring } from '../latency.ts';
import type { Scenario } from '../scenario.ts';
import { seedDiverted } from '../seed.ts';
import { sizeOf } from '../sizes.ts';
import { subscribe, typesOf } from '../stage.ts';

/** Diverted events are sent again by one call, while others publish as on every day. */
export const replay: Scenario = {
  what: '100,000 diverted events resent beside live traffic',
  seconds: 30,
  async run(context) {
    const { seconds, tell } = context;
    const flow = await openFlow(context);
    const { stage, org } = flow;
    const live = await stage.openOrg('live');
    await subscribe(stage, live, { group: 'live', types: LIVE_TYPES });
    await warmUp(flow, seconds);
    const rate = await topRate(flow, { seconds: seconds / 2, rounds: context.rounds });
    const count = sizeOf(context, replay, { usual: 100_000, full: 100_000 });
    tell(`${rate.toFixed(0)}/s; seeding ${count} diverted events`);
    await seedDiverted(flow, count);

    const before = await stage.sink.call('count', 'bench');
    await stage.publisher.call('start', live.stream({ name: 'live', types: LIVE_TYPES, perSecond: LIVE_PER_S }));
    const begunMs = clockMs();
    await org.client.diverted.ofOrg.resendAll({}, { perSecond: 10_000 });
    const watching = latencyDuring(stage, seconds / 2, { stream: 'live', group: 'live' });
    const latencies = await watching;
    await until(async () => (await stage.sink.call('count', 'bench')).received >= before.received + count, {
      what: 'everything to be resent',
      timeoutMs: 600_000,
    });
    const perS = (count / ((await stage.sink.call('lastAtMs', 'bench')) - begunMs)) * 1000;
    tell(`resent at ${perS.toFixed(0)}/s`);
    return {
      ...context.told,
      published_per_s: rate,
      delivered_per_s: perS,
      rate_ratio: perS / rate,
      accept_p95_ms: latencies.accept.p95,
      receive_p50_ms: latencies.receive.p50,
      receive_p95_ms: latencies.receive.p95,
      receive_p99_ms: latencies.receive.p99,
    };
  },
};

const LIVE_TYPES = typesOf('live', 10);
const LIVE_PER_S = 100;
