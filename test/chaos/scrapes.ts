import type { WriteStream } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the metrics of all processes told while it lasted. */
export interface Told {
  /** How often each process could be scraped, by its name. */
  readonly scrapes: Readonly<Record<string, number>>;
  /** Deliveries that the reaper compared. */
  readonly compared: number;
  /** The most that ever contradicted each other, as the reaper told it. Must be 0. */
  readonly mismatch: number;
}

export interface Scrapes extends Told {
  /** Scrapes once more, and no more after that. */
  close(): Promise<void>;
}

export interface ScrapeOptions {
  /** Of each process the address of `/metrics`, without that path, by its name. */
  readonly targets: Readonly<Record<string, string>>;
  /**
   * All series of ours, each with the moment at which it was read and with the name of the process as `instance`: in the format of
   * OpenMetrics, which `promtool tsdb create-blocks-from openmetrics` makes a database of.
   */
  readonly file: string;
  /** How long the run will be. */
  readonly seconds: number;
}

const EVERY_MS = 1_000;
/** The file of a long run must not fill the disk: then not every scrape is written. */
const MOST_WRITTEN = 600;

/** Scrapes every process each second from now on, as Prometheus would; while one does not answer there is nothing to see of it. */
export function scrapeAll({ targets, file, seconds }: ScrapeOptions): Scrapes {
  const output = createWriteStream(file, { mode: 0o600 });
  const told = { scrapes: Object.fromEntries(Object.keys(targets).map((name) => [name, 0])), compared: 0, mismatch: 0 };
  const closing = new AbortController();
  const writeEvery = Math.ceil(seconds / MOST_WRITTEN);

  async function scrape(name: string, isWritten: boolean): Promise<void> {
    const response = await fetch(`${targets[name]}/metrics`, { signal: AbortSignal.timeout(2_000) });
    const text = await response.text();
    told.scrapes[name] = (told.scrapes[name] ?? 0) + 1;
    told.compared = Math.max(told.compared, numberIn(text, 'hooklane_conservation_compared_total'));
    told.mismatch = Math.max(told.mismatch, numberIn(text, 'hooklane_conservation_mismatches'));
    if (isWritten) writeSeries(output, { text, instance: name, atMs: Date.now() });
  }

  const scrapeEach = (isWritten: boolean) =>
    Promise.allSettled(Object.keys(targets).map((name) => scrape(name, isWritten)));

  async function scrapeAgainAndAgain(): Promise<void> {
    for (let turn = 0; !closing.signal.aborted; turn++) {
      const startedMs = performance.now();
      await scrapeEach(turn % writeEvery === 0);
      const restMs = Math.max(0, EVERY_MS - (performance.now() - startedMs));
      await sleep(restMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  const scraping = scrapeAgainAndAgain();
  return {
    scrapes: told.scrapes,
    get compared() {
      return told.compared;
    },
    get mismatch() {
      return told.mismatch;
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await scraping;
      await scrapeEach(true);
      output.end('# EOF\n');
      await finished(output);
    },
  };
}

const SERIES = /^(hooklane_\w+)(?:\{(.*)\})? (\S+)$/gm;

function writeSeries(output: WriteStream, scraped: { text: string; instance: string; atMs: number }): void {
  const { text, instance, atMs } = scraped;
  const at = (atMs / 1000).toFixed(3);
  for (const [, name, labels = '', value] of text.matchAll(SERIES)) {
    output.write(`${name}{instance="${instance}"${labels === '' ? '' : `,${labels}`}} ${value} ${at}\n`);
  }
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}
