import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLedger } from './ledger.ts';
import { createRandom } from './random.ts';
import type { Behaviour } from './receivers-plan.ts';
import type { ReceiptRecord } from './records.ts';

/**
 * Receives for all webhooks of a run, each at a path of its own and with its own manners, and writes down all that comes. A
 * process of its own that nothing befalls: its ledger says what was sent.
 */
export interface ReceiverConfig {
  readonly seed: number;
  readonly ledger: string;
  readonly webhooks: readonly ServedWebhook[];
}

interface ServedWebhook {
  readonly name: string;
  readonly secret: string;
  readonly behaviour: Behaviour;
  /** What each request must carry. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReceiverNews {
  readonly port?: number;
  readonly received: number;
  readonly done: boolean;
}

/** `mend`: what is broken or gone answers 2xx from now on. */
export type ReceiverOrder = { readonly mend: readonly string[] } | 'stop';

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ReceiverConfig;
const webhooks = new Map(config.webhooks.map((webhook) => [webhook.name, webhook]));
const ledger = openLedger(config.ledger);
/** Attempts so far, by webhook and event. */
const attempts = new Map<string, number>();
const requests = new Map<string, number>();
const mended = new Set<string>();
let seq = 0;

const server = createServer((incoming, response) => {
  receive(incoming, response).catch((error: Error) => {
    // Nothing but a sender that was killed in the middle of its request.
    process.stderr.write(`${error.stack}\n`);
    response.destroy();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port, done: false }));
setInterval(() => {
  void ledger.synced();
  tell({ done: false });
}, 200).unref();

process.on('disconnect', () => process.exit(1));
process.on('message', async (order: ReceiverOrder) => {
  if (order !== 'stop') return order.mend.forEach((name) => void mended.add(name));
  server.close();
  server.closeAllConnections();
  await ledger.close();
  tell({ done: true });
  process.removeAllListeners('disconnect');
  process.disconnect();
});

function tell(news: Omit<ReceiverNews, 'received'>): void {
  process.send?.({ ...news, received: seq } satisfies ReceiverNews);
}

async function receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const t = Date.now();
  const body = Buffer.concat(chunks);
  const name = incoming.url?.split('/').at(-1) ?? '';
  const id = String(incoming.headers['webhook-id']);
  const { answer, headers = {}, delayMs = 0 } = answerTo(name, id);
  const mine = seq++;
  ledger.append({
    kind: 'receipt',
    seq: mine,
    webhook: name,
    id,
    sha: createHash('sha256').update(body).digest('hex'),
    genuine: isGenuine(incoming.headers, body, webhooks.get(name)),
    stampedAt: Number(incoming.headers['webhook-timestamp']) * 1_000,
    t,
    answer,
  } satisfies ReceiptRecord);
  response.once('close', () => {
    if (typeof answer === 'number' && !response.writableFinished) ledger.append({ kind: 'aborted', seq: mine });
  });
  if (delayMs > 0) await sleep(delayMs);
  if (answer === 'reset') response.socket?.resetAndDestroy();
  else if (answer !== 'none') response.writeHead(answer, headers).end();
}

interface Reply {
  readonly answer: ReceiptRecord['answer'];
  readonly headers?: Record<string, string>;
  readonly delayMs?: number;
}

function answerTo(name: string, id: string): Reply {
  const behaviour = webhooks.get(name)?.behaviour;
  const attempt = countUp(attempts, `${name}/${id}`);
  const request = countUp(requests, name);
  // Of the event alone: the same whatever came before.
  const own = createRandom(config.seed, `${name}/${id}`);
  switch (behaviour?.kind) {
    case undefined:
      return { answer: 404 };
    case 'ok':
      return { answer: 200 };
    case 'flaky':
      return attempt <= own.between(1, behaviour.most) ? { answer: own.pick([500, 503, 404]) } : { answer: 204 };
    case 'slow':
      return { answer: 200, delayMs: own.between(...behaviour.delayMs) };
    case 'throttled':
      return attempt === 1 ? { answer: 429, headers: { 'retry-after': '1' } } : { answer: 200 };
    case 'resets':
      return attempt === 1 && own.next() < 0.5 ? { answer: 'reset' } : { answer: 200 };
    case 'gone':
      return { answer: request > behaviour.after ? 410 : 200 };
    case 'broken':
      return { answer: mended.has(name) ? 200 : 500 };
    case 'hangs':
      return { answer: 'none' };
  }
}

function countUp(counts: Map<string, number>, key: string): number {
  const value = (counts.get(key) ?? 0) + 1;
  counts.set(key, value);
  return value;
}

function isGenuine(headers: IncomingHttpHeaders, body: Buffer, webhook: ServedWebhook | undefined): boolean {
  if (webhook === undefined) return false;
  const carriesAll = Object.entries(webhook.headers).every(([name, value]) => headers[name] === value);
  return carriesAll && isSigned(headers, body, webhook.secret);
}

/** Standard Webhooks v1, by itself: what the product ships is under test too. */
function isSigned(headers: IncomingHttpHeaders, body: Buffer, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const prefix = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`;
  const wanted = Buffer.from(`v1,${createHmac('sha256', key).update(prefix).update(body).digest('base64')}`);
  return String(headers['webhook-signature'])
    .split(' ')
    .some((given) => given.length === wanted.length && timingSafeEqual(Buffer.from(given), wanted));
}
