import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { clockMs } from '../clock.ts';
import { payloadOf } from './event-writer.ts';
import { configuration, serve } from './serve.ts';

export interface FloorConfig {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

export interface FloorProducerCalls {
  /** One commit and one `queue.add` per event, at this rate, to be posted to this URL. */
  run(url: string, perSecond: number, seconds: number): Promise<void>;
}

const { databaseUrl, redisUrl } = configuration<FloorConfig>();
const pool = new Pool({ connectionString: databaseUrl, max: 20 });
const queue = new Queue('floor', { connection: new Redis(redisUrl, { maxRetriesPerRequest: null }) });
await pool.query(
  'CREATE TABLE IF NOT EXISTS floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload bytea)',
);

/** What no delivery with these parts can go below: one commit, one hop through BullMQ, one POST, nothing else. */
serve<FloorProducerCalls>({
  async run(url, perSecond, seconds) {
    const begunMs = clockMs();
    const total = Math.round(perSecond * seconds);
    const sent: Promise<void>[] = [];
    while (sent.length < total) {
      const due = Math.min(total, Math.floor(((clockMs() - begunMs) / 1000) * perSecond));
      while (sent.length < due) sent.push(send(url, begunMs + ((sent.length + 1) / perSecond) * 1000));
      await sleep(2);
    }
    await Promise.all(sent);
  },
});

async function send(url: string, atMs: number): Promise<void> {
  const payload = payloadOf(atMs);
  await pool.query({ name: 'commit', text: 'INSERT INTO floor (payload) VALUES ($1)', values: [Buffer.from(payload)] });
  await queue.add('post', { url, payload }, { removeOnComplete: true });
}
