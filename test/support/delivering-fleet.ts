import type { Json, NewWebhook } from '@hooklane/client';
import { Pool } from 'pg';
import { createTestDatabase } from './database.ts';
import type { Fleet, FleetOptions } from './fleet.ts';
import { startFleet } from './fleet.ts';
import type { Behaviour, Receiver } from './receiver.ts';
import { startReceiver } from './receiver.ts';
import { until } from './until.ts';

/** A fleet, a receiver, and a look behind the API: where a story of a fault begins. */
export interface ReceivingFleet extends Fleet {
  readonly databaseUrl: string;
  readonly receiver: Receiver;
  /** `webhook-id` of all that came, as often as it came. */
  arrived(): string[];
  /** Waits until each of them came, at least once. */
  allArrived(ids: readonly string[]): Promise<void>;
  /** Behind the API. */
  readonly pool: Pool;
  rows<T extends object = object>(sql: string): Promise<T[]>;
  /** Waits until every delivery has ended. */
  nothingDue(): Promise<void>;
}

export interface ReceivingOptions extends Omit<FleetOptions, 'databaseUrl'> {
  /** Default: that of a new database. */
  databaseUrl?: string;
  /** Default: 200. */
  answer?: Behaviour;
}

/** One that delivers to it already. */
export interface DeliveringFleet extends ReceivingFleet {
  /** Subscribed to everything, not pinged when it was made. */
  readonly webhookId: string;
  publish(payload: Json): Promise<{ id: string }>;
}

export interface DeliveringOptions extends ReceivingOptions {
  /** Beside `events` and `ping`. Default: a deadline of a second. */
  webhook?: Partial<NewWebhook>;
}

export async function startDelivering({ webhook, ...options }: DeliveringOptions): Promise<DeliveringFleet> {
  const fleet = await startReceiving(options);
  const subscription = { url: fleet.receiver.url, events: ['*'], ping: false, timeout_ms: 1_000, ...webhook };
  const { id: webhookId } = await fleet.org.webhooks.create(subscription);
  return { ...fleet, webhookId, publish: (payload) => fleet.org.events.publish({ type: 'a.b', payload }) };
}

export async function startReceiving({ answer, ...options }: ReceivingOptions): Promise<ReceivingFleet> {
  const database = options.databaseUrl === undefined ? await createTestDatabase() : null;
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const fleet = await startFleet({ ...options, databaseUrl });
  const receiver = await startReceiver(answer);
  const pool = new Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => {});
  const arrived = () => receiver.requests.map(({ headers }) => String(headers['webhook-id']));
  const rows = async <T extends object>(sql: string) => (await pool.query<T>(sql)).rows;
  return {
    ...fleet,
    databaseUrl,
    receiver,
    arrived,
    async allArrived(ids) {
      const areThere = () => {
        const there = new Set(arrived());
        return ids.every((id) => there.has(id));
      };
      await until(areThere, { what: 'all events to arrive', timeoutMs: 60_000 });
    },
    pool,
    rows,
    async nothingDue() {
      const none = async () => (await rows('SELECT FROM delivery_due LIMIT 1')).length === 0;
      await until(none, { what: 'no delivery to be due', timeoutMs: 60_000 });
    },
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
      await pool.end();
      await database?.[Symbol.asyncDispose]();
    },
  };
}
