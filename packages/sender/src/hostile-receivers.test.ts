import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Hostility } from '../test/hostile.ts';
import { HOSTILITIES } from '../test/hostile.ts';
import type { Receiver } from '../test/receivers.ts';
import { rawReceiver } from '../test/receivers.ts';
import { inWords, requestTo, testSender } from '../test/sending.ts';
import type { HttpSender } from './sender.ts';

const DEADLINE_MS = 400;
const MB = 1024 * 1024;
/** As the API takes it unless set otherwise: larger ones would be what is measured. */
const MAX_PAYLOAD_BYTES = 256 * 1024;

const running: (Receiver | HttpSender)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

async function start({ onConnection, scheme }: Hostility): Promise<{ receiver: Receiver; url: string }> {
  const receiver = await rawReceiver((socket) => {
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  running.push(receiver);
  return { receiver, url: `${scheme ?? 'http'}://127.0.0.1:${receiver.port}/` };
}

describe('a receiver that', () => {
  it.each(HOSTILITIES)('$name costs no more than the deadline, and nothing that lasts', async (hostility) => {
    const { receiver, url } = await start(hostility);
    const sender = testSender();
    running.push(sender);
    const body = Buffer.alloc(hostility.bodyBytes ?? 17, 'a');

    const report = await sender.send(requestTo(url, { timeoutMs: DEADLINE_MS, body }));

    expect(inWords(report)).toMatch(hostility.words);
    expect(report.durationMs).toBeLessThan(DEADLINE_MS + 500);
    if (hostility.takesAll) expect(report.durationMs).toBeGreaterThan(DEADLINE_MS - 50);
    expect(report.response?.body.length ?? 0).toBeLessThanOrEqual(4_096);
    const { open, idle } = sender.connections;
    expect(open - idle).toBe(0);
    await expect.poll(() => receiver.open()).toBeLessThanOrEqual(idle);
  });

  it('is one of 25 kinds at least', () => {
    expect(new Set(HOSTILITIES.map(({ name }) => name)).size).toBeGreaterThanOrEqual(25);
  });
});

describe('a thousand hostile receivers', () => {
  it('leave a process that sends to them with less than 50 MB more', { timeout: 120_000 }, async () => {
    const targets = await Promise.all(
      HOSTILITIES.map(async (one) => `${(await start(one)).url},${Math.min(one.bodyBytes ?? 17, MAX_PAYLOAD_BYTES)}`),
    );
    const TIMES = String(Math.ceil(1_000 / targets.length));
    const script = fileURLToPath(new URL('../test/send-many.ts', import.meta.url));
    const node = ['--import', 'tsx', '--conditions=source', '--expose-gc', script];
    const { stdout } = await promisify(execFile)(process.execPath, [...node, ...targets], {
      env: { ...process.env, TIMES },
    });

    const { grown, sent, busy } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(sent).toBeGreaterThanOrEqual(1_000);
    expect(busy).toBe(0);
    expect(grown).toBeLessThan(50 * MB);
  });
});
