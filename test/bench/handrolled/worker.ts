import { createHmac } from 'node:crypto';
import { Agent, createServer } from 'node:http';
import { Worker } from 'bullmq';
import { got } from 'got';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import type { DeliveryJob } from './tables.ts';
import { QUEUE } from './tables.ts';

/**
 * The worker that goes with it: a job per delivery, one SELECT, a signed POST with `got`, one INSERT for the attempt and one
 * UPDATE for the delivery; a failure is thrown, and BullMQ comes again. Pooled, keep-alive, statements prepared, no log.
 */
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 20 });
const http = got.extend({
  agent: { http: new Agent({ keepAlive: true, maxSockets: 100 }) },
  timeout: { request: 15_000 },
  retry: { limit: 0 },
  throwHttpErrors: false,
  followRedirect: false,
});

interface Due {
  readonly url: string;
  readonly secret: string;
  readonly event_id: string;
  readonly payload: object;
}

const worker = new Worker<DeliveryJob>(QUEUE, (job) => deliver(job.data.deliveryId), {
  connection: new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null }),
  concurrency: 100,
});
worker.on('error', (error) => process.stderr.write(`${error.stack}\n`));

async function deliver(deliveryId: string): Promise<void> {
  const { rows } = await pool.query<Due>({
    name: 'due',
    text: `SELECT w.url, w.secret, e.id AS event_id, e.payload FROM deliveries d
           JOIN events e ON e.id = d.event_id JOIN webhooks w ON w.id = d.webhook_id WHERE d.id = $1`,
    values: [deliveryId],
  });
  const [due] = rows;
  if (due === undefined) return;
  const begunMs = performance.now();
  const { status, error } = await post(due);
  await pool.query({
    name: 'attempt',
    text: 'INSERT INTO attempts (delivery_id, status, error, duration_ms) VALUES ($1, $2, $3, $4)',
    values: [deliveryId, status, error, Math.round(performance.now() - begunMs)],
  });
  const isDelivered = status !== null && status >= 200 && status < 300;
  await pool.query({
    name: 'delivery',
    text: `UPDATE deliveries SET status = $2, attempts = attempts + 1, delivered_at = CASE WHEN $3::boolean THEN now() END
           WHERE id = $1`,
    values: [deliveryId, isDelivered ? 'delivered' : 'retrying', isDelivered],
  });
  if (!isDelivered) throw new Error(error ?? `the receiver answered ${status}`);
}

async function post({ url, secret, event_id, payload }: Due): Promise<{ status: number | null; error: string | null }> {
  const body = JSON.stringify(payload);
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${event_id}.${timestamp}.${body}`).digest('base64');
  try {
    const response = await http.post(url, {
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': event_id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': `v1,${signature}`,
      },
    });
    return { status: response.statusCode, error: null };
  } catch (error) {
    return { status: null, error: error instanceof Error ? error.message : String(error) };
  }
}

createServer((_, response) => response.end('ok')).listen(Number(process.env['HOOKLANE_HEALTH_PORT']), '127.0.0.1');
