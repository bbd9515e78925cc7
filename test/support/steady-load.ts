import type { OrgClient } from '@hooklane/client';
import { until } from './until.ts';

/** A producer with a rate of its own, which a service that falters does not slow down. */
export interface SteadyLoad {
  readonly acknowledged: readonly string[];
  /** What the client threw. */
  readonly errors: readonly unknown[];
  /** Waits until so many more are acknowledged. */
  more(count: number): Promise<void>;
  /** Of those that were acknowledged. */
  readonly slowestMs: number;
  /** Publishes no more, and waits for what is under way. */
  end(): Promise<void>;
}

/** Bounds what a machine too busy for the rate has to hold. */
const UNDER_WAY = 200;

export function startLoad({ events }: Pick<OrgClient, 'events'>, rate: number): SteadyLoad {
  const acknowledged: string[] = [];
  const errors: unknown[] = [];
  const underWay = new Set<Promise<void>>();
  const begunMs = performance.now();
  let slowestMs = 0;
  let sent = 0;

  async function publishOne(): Promise<void> {
    const sentMs = performance.now();
    try {
      acknowledged.push((await events.publish({ type: 'a.b', payload: sent })).id);
    } catch (error) {
      errors.push(error);
    }
    slowestMs = Math.max(slowestMs, performance.now() - sentMs);
  }

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begunMs) / 1_000) * rate);
    for (; sent < due && underWay.size < UNDER_WAY; sent++) {
      const one = publishOne().finally(() => underWay.delete(one));
      underWay.add(one);
    }
  }, 10);

  return {
    acknowledged,
    errors,
    get slowestMs() {
      return Math.round(slowestMs);
    },
    async more(count) {
      const enough = acknowledged.length + count;
      await until(() => acknowledged.length >= enough, { what: `${enough} events acknowledged`, timeoutMs: 60_000 });
    },
    async end() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}
