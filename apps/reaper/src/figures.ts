import type { FigureStore } from '@hooklane/engine';
import { ConservationWalk } from '@hooklane/engine';
import type { Logger, Metrics, Service } from '@hooklane/runtime';
import { createBeat } from '@hooklane/runtime';
import { figureGauges } from './reaper-metrics.ts';

const CENSUS_EVERY_MS = 15_000;
/** Counting a large backlog takes long; it shall not take more than this share of the time. */
const CENSUS_SHARE = 1 / 50;

export interface FiguresOptions {
  store: FigureStore;
  metrics: Metrics;
  logger: Logger;
  /** How often what can be told at once is read, ms. */
  intervalMs: number;
}

/**
 * Reads what there is to do from Postgres for the metrics: here and nowhere else, on a beat of its own, so that a scrape
 * costs the database nothing however many scrape.
 */
export function figuresService({ store, metrics, logger, intervalMs }: FiguresOptions): Service {
  const gauges = figureGauges(metrics);
  const walk = new ConservationWalk();
  let censusAtMs = 0;

  async function takeCensus(): Promise<void> {
    const startedMs = performance.now();
    if (startedMs < censusAtMs) return;
    gauges.census(await store.census());
    gauges.conservation(await walk.step(store));
    const tookMs = performance.now() - startedMs;
    censusAtMs = startedMs + Math.max(Math.min(CENSUS_EVERY_MS, 3 * intervalMs), tookMs / CENSUS_SHARE);
  }

  return createBeat({
    name: 'figures',
    intervalMs,
    logger,
    async work() {
      gauges.pulse(await store.pulse());
      await takeCensus();
    },
  });
}
