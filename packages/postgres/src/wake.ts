import type { Wake } from '@hooklane/engine';
import type { Logger, Service } from '@hooklane/runtime';
import type { Pool } from 'pg';
import { Client } from 'pg';

const CHANNEL = 'hooklane_due';

/** What the one connection calls itself by which each worker listens. */
export const LISTENER_NAME = 'hooklane-wake';

/**
 * NOTIFY takes a lock of the whole database while it commits: so long there is at most one signal per process, in ms, and
 * never one in a hot transaction. Beside a queue the signal is for what piles up, which is better taken a batch at a time;
 * without one it is how every event is heard of.
 */
const APART_MS = { besideQueue: 50, alone: 20 };

/** Tells the workers that read the store themselves that there is something in it. */
export function createWake(pool: Pool, { logger, hasQueue }: { logger: Logger; hasQueue: boolean }): Wake {
  const apartMs = hasQueue ? APART_MS.besideQueue : APART_MS.alone;
  /** Moments (in steps of `apartMs`) a signal is planned for. */
  const planned = new Set<number>();
  let lastMs = 0;

  function signal(): void {
    lastMs = performance.now();
    // A signal that is lost costs one polling interval.
    pool.query('SELECT pg_notify($1, $2)', [CHANNEL, '']).catch((error: unknown) => {
      logger.debug({ err: error }, 'wake.failed');
    });
  }

  return {
    soon(delayMs = 0) {
      const nowMs = performance.now();
      const waitMs = Math.max(delayMs, lastMs + apartMs - nowMs, 0);
      const slot = Math.ceil((nowMs + waitMs) / apartMs);
      if (planned.has(slot)) return;
      planned.add(slot);
      setTimeout(() => {
        planned.delete(slot);
        signal();
      }, waitMs).unref();
    },
  };
}

const RECONNECT_MS = 1_000;

/** Listens for the signal. While the connection is away the worker still polls. */
export function createWakeListener(options: { url: string; logger: Logger; onWake: () => void }): Service {
  let client: Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function connect(): Promise<void> {
    const fresh = new Client({ connectionString: options.url, application_name: LISTENER_NAME, keepAlive: true });
    client = fresh;
    fresh.on('notification', options.onWake);
    fresh.on('error', (error) => again(fresh, error));
    fresh.on('end', () => again(fresh, null));
    await fresh.connect();
    await fresh.query(`LISTEN ${CHANNEL}`);
    options.onWake();
  }

  function again(broken: Client, error: unknown): void {
    if (stopped || client !== broken) return;
    client = null;
    options.logger.debug({ err: error }, 'wake.listener_lost');
    broken.end().catch(() => undefined);
    timer = setTimeout(start, RECONNECT_MS);
  }

  function start(): void {
    connect().catch((error: unknown) => {
      if (client !== null) again(client, error);
    });
  }

  return {
    name: 'wake-listener',
    async start() {
      start();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await client?.end();
    },
  };
}
