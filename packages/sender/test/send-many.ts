import { inWords, requestTo, testSender } from './sending.ts';

/**
 * A process that only sends: `URL[,BYTES]…` of hostile receivers in its arguments, each of them `TIMES` times, fifty at once. Says
 * on its last line what came of it and how much its memory grew.
 */
const targets = process.argv.slice(2).map((text) => text.split(','));
const times = Number(process.env['TIMES']);
const sender = testSender();
const words = new Map<string, number>();

async function send(rounds: number): Promise<void> {
  const all = Array.from({ length: rounds }, () => targets).flat();
  const next = all.values();
  await Promise.all(Array.from({ length: 50 }, () => sendAll(next)));
}

async function sendAll(next: Iterator<string[] | undefined>): Promise<void> {
  for (let target = next.next(); !target.done; target = next.next()) {
    const [url = '', bytes = '17'] = target.value ?? [];
    const report = await sender.send(requestTo(url, { timeoutMs: 400, body: Buffer.alloc(Number(bytes), 'a') }));
    words.set(inWords(report), (words.get(inWords(report)) ?? 0) + 1);
  }
}

// The first round pays for what is loaded and compiled once.
await send(1);
const before = settled();
await send(times);
const grown = settled() - before;
const { open, idle } = sender.connections;
process.stdout.write(
  `${JSON.stringify({ grown, sent: targets.length * times, busy: open - idle, words: [...words] })}\n`,
);
await sender.close();
process.exit();

/** Bytes of the process, garbage aside. */
function settled(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
