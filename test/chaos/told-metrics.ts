import { setTimeout as sleep } from 'node:timers/promises';

/** What the reaper tells of conservation, scraped as Prometheus would. */
export interface ToldConservation {
  /** Deliveries that it compared. */
  readonly compared: number;
  /** Each time it told of a mismatch. */
  readonly mismatches: readonly string[];
  /** Scrapes once more, and no more after that. */
  close(): Promise<void>;
}

const EVERY_MS = 1_000;

/** Scrapes from now on; while nobody answers there is nothing to see. */
export function scrapeConservation(url: string): ToldConservation {
  const mismatches: string[] = [];
  const closing = new AbortController();
  let compared = 0;

  async function scrape(): Promise<void> {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(2_000) });
    const text = await response.text();
    const found = numberIn(text, 'hooklane_conservation_mismatches');
    if (found > 0) mismatches.push(`the metrics of the reaper tell of ${found} mismatches`);
    compared = Math.max(compared, numberIn(text, 'hooklane_conservation_compared_total'));
  }

  async function scrapeAgainAndAgain(): Promise<void> {
    while (!closing.signal.aborted) {
      await scrape().catch(() => {});
      await sleep(EVERY_MS, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  const scraping = scrapeAgainAndAgain();
  return {
    mismatches,
    get compared() {
      return compared;
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await scraping;
      await scrape().catch(() => {});
    },
  };
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}
