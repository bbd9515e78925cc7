import { Queue } from 'bullmq';
import { fastify } from 'fastify';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import type { DeliveryJob } from './tables.ts';
import { QUEUE } from './tables.ts';

/**
 * The API that a good team writes in a day: Fastify, a transaction with one INSERT per row, one `queue.add` per delivery, and
 * 202 when Redis has it. Pooled, keep-alive, validated by schema, statements prepared; no log but for errors.
 */
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 20 });
const queue = new Queue<DeliveryJob>(QUEUE, {
  connection: new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null }),
  defaultJobOptions: {
    attempts: 10,
    backoff: { type: 'exponential', delay: 5_000 },
    removeOnComplete: true,
    removeOnFail: 1_000,
  },
});
const key = process.env['API_KEY'] ?? '';

interface NewEvent {
  readonly type: string;
  readonly payload: object;
}

const schema = {
  body: {
    type: 'object',
    required: ['type', 'payload'],
    properties: { type: { type: 'string', maxLength: 128 }, payload: { type: 'object' } },
  },
};

const app = fastify();
app.get('/healthz', () => ({ ok: true }));
app.post<{ Params: { org: string }; Body: NewEvent }>('/orgs/:org/events', { schema }, async (request, reply) => {
  if (request.headers.authorization !== `Bearer ${key}`) return reply.code(401).send();
  const accepted = await accept(request.params.org, request.body);
  for (const deliveryId of accepted.deliveryIds) await queue.add('deliver', { deliveryId });
  return reply.code(202).send({ id: accepted.eventId, deliveries: accepted.deliveryIds.length });
});

async function accept(org: string, { type, payload }: NewEvent): Promise<{ eventId: string; deliveryIds: string[] }> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const webhooks = await client.query<{ id: string }>({
      name: 'webhooks',
      text: 'SELECT id FROM webhooks WHERE org = $1 AND event_type = $2',
      values: [org, type],
    });
    const event = await client.query<{ id: string }>({
      name: 'event',
      text: 'INSERT INTO events (org, type, payload) VALUES ($1, $2, $3) RETURNING id',
      values: [org, type, payload],
    });
    const eventId = event.rows[0]?.id ?? '';
    const deliveryIds: string[] = [];
    for (const webhook of webhooks.rows) {
      const delivery = await client.query<{ id: string }>({
        name: 'delivery',
        text: 'INSERT INTO deliveries (event_id, webhook_id) VALUES ($1, $2) RETURNING id',
        values: [eventId, webhook.id],
      });
      deliveryIds.push(delivery.rows[0]?.id ?? '');
    }
    await client.query('COMMIT');
    return { eventId, deliveryIds };
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
