import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { openLedger } from './ledger.ts';
import { createRandom } from './random.ts';
import type { Phase } from './receivers-plan.ts';
import { typeOf } from './receivers-plan.ts';

/**
 * Publishes events to the two APIs in turn, and writes down what it was told. A process of its own that nothing befalls:
 * its ledger says what Hooklane has promised.
 */
export interface ProducerConfig {
  readonly seed: number;
  readonly ledger: string;
  readonly urls: readonly [string, string];
  /** `/v1/orgs/…/events` */
  readonly path: string;
  readonly apiKey: string;
  readonly perSecond: number;
}

/** Told to the run: what was acknowledged, and how many events are still without a clear answer. */
export interface ProducerNews {
  readonly acked: number;
  readonly open: number;
  readonly done: boolean;
}

export type ProducerOrder = Phase | 'stop';

const LANES = 48;
const ANSWER_MS = 3_000;
/** After the end of the faults: an event without an answer by then stays ambiguous. */
const LAST_WORD_MS = 20_000;
/** The first events find everything cold: a flood would measure that and nothing else. */
const RAMP_MS = 3_000;
const AGAIN_SAME = 0.02;
const AGAIN_OTHER = 0.01;

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ProducerConfig;
const ledger = openLedger(config.ledger);
const random = createRandom(config.seed, 'traffic');
const agent = new Agent({ headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS, connect: { timeout: 1_000 } });

let phase: Phase = 'calm';
let stopping = false;
let givingUpAt = Number.POSITIVE_INFINITY;
let count = 0;
let acked = 0;
let open = 0;
const begunMs = performance.now();
let nextAt = begunMs;

process.on('message', (order: ProducerOrder) => {
  if (order === 'stop') {
    stopping = true;
    givingUpAt = Date.now() + LAST_WORD_MS;
  } else {
    phase = order;
  }
});
process.on('disconnect', () => process.exit(1));

const telling = setInterval(() => tell(false), 200);
await Promise.all(Array.from({ length: LANES }, lane));
clearInterval(telling);
await ledger.close();
await agent.destroy();
tell(true);
process.disconnect();

function tell(done: boolean): void {
  process.send?.({ acked, open, done } satisfies ProducerNews);
}

async function lane(): Promise<void> {
  while (!stopping) {
    await turn();
    if (stopping) return;
    open++;
    await publish(count++);
    open--;
  }
}

/** Evenly spaced. What an outage held up is made up for by two seconds' worth, no more. */
async function turn(): Promise<void> {
  const warmth = Math.min(1, (performance.now() - begunMs + 300) / RAMP_MS);
  const gapMs = 1_000 / (config.perSecond * warmth);
  nextAt = Math.max(nextAt + gapMs, performance.now() - 2_000);
  const waitMs = nextAt - performance.now();
  if (waitMs > 0) await sleep(waitMs);
}

interface Event {
  readonly n: number;
  readonly key: string;
  readonly type: string;
  readonly payload: string;
}

async function publish(n: number): Promise<void> {
  const event: Event = { n, key: `chaos-${n}`, type: typeOf(random.next(), phase), payload: payloadOf(n) };
  const again = random.next();
  const sha = createHash('sha256').update(event.payload).digest('hex');
  ledger.append({ kind: 'sent', n, key: event.key, type: event.type, sha, t: Date.now() });
  if (!(await untilAnswered(event))) return;
  if (again < AGAIN_SAME) await once(event, true);
  else if (again < AGAIN_SAME + AGAIN_OTHER) await once({ ...event, payload: '"another"' }, false);
}

/** The same request under the same key until there is a clear answer. */
async function untilAnswered(event: Event): Promise<boolean> {
  let ambiguous = 0;
  for (let tries = 0; Date.now() < givingUpAt; tries++) {
    const answer = await request(event, event.n + tries);
    if (answer.status === 202) {
      const { eventId, deliveries } = answer;
      ledger.append({ kind: 'acked', n: event.n, eventId, deliveries, t: Date.now(), ambiguous });
      await ledger.synced();
      acked++;
      return true;
    }
    if (answer.status > 0 && answer.status < 500) {
      ledger.append({ kind: 'refused', n: event.n, status: answer.status, code: answer.why });
      return false;
    }
    // Nobody was there to take it: that is clear.
    const isUnclear = answer.why !== 'ECONNREFUSED';
    if (isUnclear) ledger.append({ kind: 'ambiguous', n: event.n, why: answer.why, t: Date.now() });
    if (isUnclear) ambiguous++;
    await sleep(Math.min(50 * 2 ** tries, 1_000));
  }
  return false;
}

async function once(event: Event, same: boolean): Promise<void> {
  const answer = await request(event, event.n + 1);
  const eventId = answer.status === 202 ? answer.eventId : null;
  if (answer.status > 0 && answer.status < 500) {
    ledger.append({ kind: 'again', n: event.n, same, status: answer.status, eventId });
  }
}

interface Answer {
  /** 0: none came. */
  status: number;
  /** What was told instead of an acknowledgement. */
  why: string;
  /** Of an acknowledgement. */
  eventId: string;
  deliveries: number;
}

async function request(event: Event, turnOf: number): Promise<Answer> {
  try {
    const { statusCode, body } = await agent.request({
      origin: config.urls[turnOf % 2] ?? '',
      path: config.path,
      method: 'POST',
      headers: {
        authorization: `Bearer ${config.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': event.key,
      },
      body: `{"type":"${event.type}","payload":${event.payload}}`,
    });
    const { id = '', deliveries = -1, code = '' } = (await body.json()) as Told;
    return { status: statusCode, why: `${statusCode} ${code}`, eventId: id, deliveries };
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { status: 0, why, eventId: '', deliveries: -1 };
  }
}

interface Told {
  id?: string;
  deliveries?: number;
  code?: string;
}

/** JSON that comes back changed from anyone who parses it and writes it again. */
function payloadOf(n: number): string {
  const filler = 'abcdefgh '.repeat(random.between(1, 160));
  return `{ "n":${n},  "price":1.50, "big":12345678901234567890, "text":"\\u0041é€𝄞\\/", "n":${n}, "filler":"${filler}" }`;
}
