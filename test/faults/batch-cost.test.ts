import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';

const ITEMS = 1_000;
const BATCHES = 5;
/** What a producer that publishes one by one may have under way; fewer make single posts dearer still. */
const CONNECTIONS = 8;

it('publishing 1,000 events in one batch costs less than a tenth of publishing them one by one, in time and in CPU of the API', async () => {
  await using database = await createTestDatabase();
  await using fleet = await startFleet({ databaseUrl: database.url, without: ['worker', 'reaper'] });
  await fleet.org.webhooks.create({ url: 'https://receiver.example/', events: ['*'], ping: false });
  const producer = await openProducer(fleet);
  // Code that has never run is slow: as many requests of one kind as of the other would be, but nobody has all day.
  await producer.oneByOne();
  await producer.inBatches();

  const single = await costOf(fleet, () => producer.oneByOne(), ITEMS);
  const batch = await costOf(fleet, () => producer.inBatches(), BATCHES * ITEMS);
  await producer.close();

  const ratio = { wall: batch.wallUs / single.wallUs, cpu: batch.cpuUs / single.cpuUs };
  process.stdout.write(`${JSON.stringify({ single, batch, ratio })}\n`);
  expect(ratio.wall).toBeLessThan(0.1);
  expect(ratio.cpu).toBeLessThan(0.1);
});

async function openProducer(fleet: Fleet) {
  const { key } = await fleet.operator.keys.create(fleet.org.slug, { name: 'producer', scopes: ['events:write'] });
  const pool = new Pool(fleet.url, { connections: CONNECTIONS });
  const event = {
    type: 'invoice.paid',
    payload: { invoice: 'inv_7', lines: Array(20).fill('something that was sold') },
  };
  const post = async (path: string, body: unknown) => {
    const response = await pool.request({
      method: 'POST',
      path: `/v1/orgs/${fleet.org.slug}/${path}`,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.statusCode).toBe(202);
    await response.body.dump();
  };
  return {
    async oneByOne() {
      let left = ITEMS;
      const writers = Array.from({ length: CONNECTIONS }, async () => {
        while (left-- > 0) await post('events', event);
      });
      await Promise.all(writers);
    },
    async inBatches() {
      const body = { events: Array(ITEMS).fill(event) };
      for (let n = 0; n < BATCHES; n++) await post('events/batch', body);
    },
    close: () => pool.close(),
  };
}

/** For each of `count` events. */
async function costOf(
  fleet: Fleet,
  work: () => Promise<void>,
  count: number,
): Promise<{ wallUs: number; cpuUs: number }> {
  const [startMs, cpuBeforeMs] = [performance.now(), cpuMsOf(fleet.api.pid)];
  await work();
  const perEvent = (ms: number) => Math.round((ms * 1_000) / count);
  return { wallUs: perEvent(performance.now() - startMs), cpuUs: perEvent(cpuMsOf(fleet.api.pid) - cpuBeforeMs) };
}

/** User and system time of a process; Linux tells it in hundredths of a second. */
function cpuMsOf(pid: number): number {
  // The name of the program, which may have spaces in it, ends with a bracket.
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
