import { setTimeout as sleep } from 'node:timers/promises';
import type { Flow } from '../flow.ts';
import { flowing, fullStream, openFlow, processesOf, storesOf, TYPES, together, WINDOW, windowText } from '../flow.ts';
import type { Handrolled } from '../handrolled/open.ts';
import { openHandrolled } from '../handrolled/open.ts';
import type { Window } from '../measure.ts';
import { measure } from '../measure.ts';
import { median } from '../numbers.ts';
import type { Peer } from '../peer.ts';
import { startPeer } from '../peer.ts';
import type { BareHttpCalls } from '../processes/bare-http.ts';
import type { Stream } from '../processes/publisher.ts';
import type { BenchContext, Figures, Scenario } from '../scenario.ts';
import type { Rig } from '../stage.ts';

/** 512-byte events for 50 webhooks, one each: published and delivered at the same time, as fast as both go together. */
export const throughput: Scenario = {
  what: '512-byte events, 50 webhooks, fan-out 1; beside handrolled and bare-http',
  seconds: 60,
  async run(context) {
    const flow = await openFlow(context);
    const { stage } = flow;
    const handrolled = await openHandrolled(stage, { group: 'handrolled', types: TYPES });
    const bare = await startPeer<BareHttpCalls>('bare-http', { folder: stage.folder, config: {} });
    context.defer(() => bare.end());
    const rounds: Round[] = [];
    await warmUp(context, { flow, handrolled });
    for (let n = 1; n <= context.rounds; n++) {
      const round = await playRound(context, { flow, handrolled, bare });
      rounds.push(round);
      context.tell(`round ${n}: ${roundText(round)}`);
    }
    return figuresOf(context, rounds);
  },
};

interface Setting {
  readonly flow: Flow;
  readonly handrolled: Handrolled;
}

interface Round {
  readonly ours: Window;
  readonly theirs: Window;
  readonly barePerS: number;
}

/** Of what is measured in a round: bare-http is steady and needs less. */
const SHARES = { ours: 0.4, theirs: 0.4, bare: 0.2 };

async function warmUp({ seconds, tell }: BenchContext, { flow, handrolled }: Setting): Promise<void> {
  tell('warming up');
  const warmUpS = Math.min(WARM_UP_S, seconds / 4);
  for (const stream of [fullStream(flow), theirStream(flow.stage, handrolled)]) {
    await flowing(flow.stage, stream, () => sleep(warmUpS * 1000));
  }
}

const WARM_UP_S = 5;

async function playRound(
  { seconds, rounds }: BenchContext,
  { flow, handrolled, bare }: Setting & { bare: Peer<BareHttpCalls> },
): Promise<Round> {
  const { stage } = flow;
  const perRound = seconds / rounds;
  const ours = await flowing(stage, fullStream(flow), () =>
    measure(stage, { seconds: perRound * SHARES.ours, watched: processesOf(stage), group: 'bench' }),
  );
  const watched = { api: handrolled.api.pid, worker: handrolled.worker.pid, ...storesOf(stage) };
  const theirs = await flowing(stage, theirStream(stage, handrolled), () =>
    measure(stage, { seconds: perRound * SHARES.theirs, watched, group: 'handrolled' }),
  );
  const barePerS = await bare.call('run', `http://127.0.0.1:${stage.sinkPort}/bare`, 100, perRound * SHARES.bare);
  return { ours, theirs, barePerS };
}

function theirStream({ sinkPort }: Rig, handrolled: Handrolled): Stream {
  const window = { most: WINDOW, sinkPort, group: 'handrolled' };
  return handrolled.stream({ name: 'handrolled', types: TYPES, perSecond: null, connections: 100, window });
}

function roundText({ ours, theirs, barePerS }: Round): string {
  return `hooklane ${windowText(ours)}\n        handrolled ${windowText(theirs)}\n        bare-http ${barePerS.toFixed(0)}/s`;
}

function figuresOf({ told }: BenchContext, rounds: readonly Round[]): Figures {
  const of = (value: (round: Round) => number) => median(rounds.map(value));
  const ours = of((round) => together(round.ours));
  const cpu = (side: 'ours' | 'theirs', name: string) => of((round) => round[side].cpuUs[name] ?? Number.NaN);
  return {
    ...told,
    published_per_s: of((round) => round.ours.publishedPerS),
    delivered_per_s: of((round) => round.ours.deliveredPerS),
    handrolled_per_s: of((round) => together(round.theirs)),
    bare_http_per_s: of((round) => round.barePerS),
    ratio_handrolled: ours / of((round) => together(round.theirs)),
    ratio_bare_http: ours / of((round) => round.barePerS),
    api_us: cpu('ours', 'api'),
    worker_us: cpu('ours', 'worker'),
    postgres_us: cpu('ours', 'postgres'),
    redis_us: cpu('ours', 'redis'),
    handrolled_api_us: cpu('theirs', 'api'),
    handrolled_worker_us: cpu('theirs', 'worker'),
  };
}
