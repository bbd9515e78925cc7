import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { clockMs } from '../clock.ts';
import { median, quantile } from '../numbers.ts';
import { payloadOf } from '../processes/event-writer.ts';
import type { Stream } from '../processes/publisher.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { openStage, subscribe } from '../stage.ts';

/** One event for a thousand webhooks: when its 202 comes, and how long after that the last of them has it. */
export const fanout: Scenario = {
  what: 'one event → 1,000 webhooks',
  seconds: 15,
  async run(context) {
    const stage = await openStage(context);
    const org = await stage.openOrg('fanout');
    const types = Array.from({ length: WEBHOOKS }, () => TYPE);
    context.tell(`making ${WEBHOOKS} webhooks`);
    await subscribe(stage, org, { group: 'fanout', types });
    const stream = org.stream({ name: 'fanout', types: [TYPE], perSecond: null });
    await publish(stage, stream);
    const rounds: Fanned[] = [];
    const deadlineMs = clockMs() + context.seconds * 1000;
    while (rounds.length < context.rounds || clockMs() < deadlineMs) {
      await sleep(PAUSE_MS);
      rounds.push(await publish(stage, stream));
    }
    context.tell(
      rounds.map(({ acceptMs, fanoutMs }) => `${acceptMs.toFixed(0)} + ${fanoutMs.toFixed(0)} ms`).join(' · '),
    );
    return {
      ...context.told,
      rounds: rounds.length,
      accept_p95_ms: quantile(
        rounds.map(({ acceptMs }) => acceptMs),
        0.95,
      ),
      fanout_ms: median(rounds.map(({ fanoutMs }) => fanoutMs)),
    };
  },
};

const WEBHOOKS = 1_000;
const TYPE = 'fanout.told';
const PAUSE_MS = 500;

interface Fanned {
  readonly acceptMs: number;
  /** From the 202 until the last request. */
  readonly fanoutMs: number;
}

async function publish({ sink }: Stage, { port, path, authorization }: Stream): Promise<Fanned> {
  const before = await sink.call('count', 'fanout');
  const begunMs = clockMs();
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: `{"type":"${TYPE}","payload":${payloadOf(begunMs)}}`,
  });
  await answer.arrayBuffer();
  const acceptedMs = clockMs();
  if (answer.status !== 202) throw new Error(`the API answered ${answer.status}`);
  await until(async () => (await sink.call('count', 'fanout')).received >= before.received + WEBHOOKS, {
    what: `${WEBHOOKS} deliveries`,
    timeoutMs: 60_000,
  });
  return { acceptMs: acceptedMs - begunMs, fanoutMs: (await sink.call('lastAtMs', 'fanout')) - acceptedMs };
}
