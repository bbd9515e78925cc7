import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Agent, request } from 'undici';
import type { FloorConfig } from './floor-producer.ts';
import { configuration, serve } from './serve.ts';

const { redisUrl } = configuration<FloorConfig>();
const dispatcher = new Agent({ connections: 100 });

/** The other end of the hop. */
const worker = new Worker<{ url: string; payload: string }>(
  'floor',
  async ({ data }) => {
    const { body } = await request(data.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: data.payload,
      dispatcher,
    });
    await body.dump();
  },
  { connection: new Redis(redisUrl, { maxRetriesPerRequest: null }), concurrency: 100 },
);
worker.on('error', (error) => process.stderr.write(`${error.stack}\n`));
await worker.waitUntilReady();
serve({});
