import type { Floor } from '../floor.ts';
import { openFloor } from '../floor.ts';
import type { Flow } from '../flow.ts';
import { openFlow, warmUp } from '../flow.ts';
import type { Latencies } from '../latency.ts';
import { latencyAt, medianOf } from '../latency.ts';
import type { Latency } from '../numbers.ts';
import type { BenchContext, Scenario } from '../scenario.ts';

/** From when an event was to be sent until it is with the receiver, beside what these parts take at the least. */
export const latency: Scenario = {
  what: 'accept → received at 50, 200 and 1,000 events per second; beside floor',
  seconds: 60,
  async run(context) {
    const flow = await openFlow(context);
    const floor = await openFloor(flow.stage);
    await warmUp(flow, context.seconds);
    await floor.at(200, Math.min(3, context.seconds / 4));
    const rates: Record<string, RateFigures> = {};
    for (const perSecond of RATES) {
      const figures = await atRate(context, { flow, floor, perSecond });
      rates[perSecond] = figures;
      context.tell(
        `${perSecond}/s: ${JSON.stringify(figures, (_, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value))}`,
      );
    }
    const ratios = Object.values(rates).map((rate) => rate.ratio_floor_p95);
    const { [`${ORIENTATION}`]: usual } = rates;
    // Flat: of the rate that orients. The ratio is the worst of all rates.
    return { ...context.told, ...usual, ratio_floor_p95: Math.max(...ratios), rates };
  },
};

const RATES = [50, 200, 1_000];
const ORIENTATION = 200;

interface RateFigures {
  readonly accept_p95_ms: number;
  readonly receive_p50_ms: number;
  readonly receive_p95_ms: number;
  readonly receive_p99_ms: number;
  readonly floor_p50_ms: number;
  readonly floor_p95_ms: number;
  readonly ratio_floor_p95: number;
}

async function atRate(
  { seconds, rounds: count }: BenchContext,
  { flow, floor, perSecond }: { flow: Flow; floor: Floor; perSecond: number },
): Promise<RateFigures> {
  const windowS = seconds / (RATES.length * 2 * count);
  const rounds: Array<{ ours: Latencies; floor: Latency }> = [];
  for (let n = 0; n < count; n++) {
    const ours = await latencyAt(flow, perSecond, windowS);
    rounds.push({ ours, floor: await floor.at(perSecond, windowS) });
  }
  const receiveP95 = medianOf(rounds, ({ ours }) => ours.receive.p95);
  const floorP95 = medianOf(rounds, (round) => round.floor.p95);
  return {
    accept_p95_ms: medianOf(rounds, ({ ours }) => ours.accept.p95),
    receive_p50_ms: medianOf(rounds, ({ ours }) => ours.receive.p50),
    receive_p95_ms: receiveP95,
    receive_p99_ms: medianOf(rounds, ({ ours }) => ours.receive.p99),
    floor_p50_ms: medianOf(rounds, (round) => round.floor.p50),
    floor_p95_ms: floorP95,
    ratio_floor_p95: receiveP95 / floorP95,
  };
}
