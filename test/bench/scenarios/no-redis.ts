import type { Flow } from '../flow.ts';
import { flowing, fullStream, openFlow, processesOf, together, warmUp, windowText } from '../flow.ts';
import type { Latencies } from '../latency.ts';
import { latencyAt, medianOf } from '../latency.ts';
import type { Window } from '../measure.ts';
import { measure } from '../measure.ts';
import type { Scenario } from '../scenario.ts';

/** On Postgres alone, beside the same with Redis. */
export const noRedis: Scenario = {
  what: 'throughput, and latency at 200/s, on Postgres alone and with Redis',
  seconds: 60,
  async run(context) {
    const { seconds, rounds, tell } = context;
    const flows = {
      with: await openFlow(context),
      without: await openFlow({ ...context, redis: false, profiles: null }),
    };
    for (const flow of Object.values(flows)) await warmUp(flow, seconds);
    const windowS = seconds / (4 * rounds);
    const seen: Array<{ with: Seen; without: Seen }> = [];
    for (let n = 0; n < rounds; n++) {
      const round = { with: await look(flows.with, windowS), without: await look(flows.without, windowS) };
      seen.push(round);
      for (const side of ['with', 'without'] as const) {
        tell(
          `${side} Redis: ${windowText(round[side].window)}; p95 ${round[side].latencies.receive.p95.toFixed(1)} ms`,
        );
      }
    }
    const p95 = (side: 'with' | 'without') => medianOf(seen, (round) => round[side].latencies.receive.p95);
    const rate = (side: 'with' | 'without') => medianOf(seen, (round) => together(round[side].window));
    return {
      ...context.told,
      published_per_s: medianOf(seen, ({ without }) => without.window.publishedPerS),
      delivered_per_s: medianOf(seen, ({ without }) => without.window.deliveredPerS),
      rate_ratio: rate('without') / rate('with'),
      api_us: medianOf(seen, ({ without }) => without.window.cpuUs['api'] ?? Number.NaN),
      worker_us: medianOf(seen, ({ without }) => without.window.cpuUs['worker'] ?? Number.NaN),
      accept_p95_ms: medianOf(seen, ({ without }) => without.latencies.accept.p95),
      receive_p50_ms: medianOf(seen, ({ without }) => without.latencies.receive.p50),
      receive_p95_ms: p95('without'),
      receive_p99_ms: medianOf(seen, ({ without }) => without.latencies.receive.p99),
      receive_p95_ratio: p95('without') / p95('with'),
    };
  },
};

interface Seen {
  readonly window: Window;
  readonly latencies: Latencies;
}

async function look(flow: Flow, seconds: number): Promise<Seen> {
  const { stage } = flow;
  const measuring = { seconds, watched: processesOf(stage), group: 'bench' };
  const window = await flowing(stage, fullStream(flow), () => measure(stage, measuring));
  return { window, latencies: await latencyAt(flow, 200, seconds) };
}
