import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@hooklane/standalone';
import { endChild, startChild } from './child.ts';
import type { PrometheusPrograms } from './prometheus-programs.ts';
import { until } from './until.ts';

/** A Prometheus that scrapes real processes and judges by rules, both every second. */
export interface Prometheus extends AsyncDisposable {
  /** The alerts that fire now. */
  firing(): Promise<FiringAlert[]>;
  /** What a query comes to at this moment. */
  query(expr: string): Promise<Sample[]>;
  /** Waits until all rules were judged so many times more. */
  judges(times: number): Promise<void>;
}

export interface FiringAlert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusOptions {
  readonly programs: PrometheusPrograms;
  /** Where `/metrics` of each process is, without that path. Who does not answer is asked again. */
  readonly targets: readonly string[];
  /** As they stand in a file. */
  readonly rules: string;
  /** What it is to know from before: a folder of blocks, as promtool makes them. Default: nothing. */
  readonly dataDir?: string;
}

export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'hooklane-prometheus-'));
  const dataDir = options.dataDir ?? join(folder, 'data');
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(folder, 'rules.yml'), options.rules);
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(configOf(options.targets)));
  const address = `127.0.0.1:${await freePort()}`;
  const child = startChild({
    command: options.programs.prometheus,
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${dataDir}`,
      `--web.listen-address=${address}`,
    ],
  });
  const end = async () => {
    await endChild(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await child.waitForLine(/Server is ready to receive web requests/, 30_000);
  } catch (error) {
    await end();
    throw error;
  }
  const url = `http://${address}`;
  return {
    firing: () => firing(url),
    query: (expr) => query(url, expr),
    async judges(times) {
      const wanted = (await turns(url)) + times;
      await until(async () => (await turns(url)) >= wanted, {
        what: `the rules to be judged ${times} times`,
        timeoutMs: 60_000 + 5_000 * times,
      });
    },
    [Symbol.asyncDispose]: end,
  };
}

/** JSON is YAML. Scraped as often as judged, as in production, where both are every 15 s. */
function configOf(targets: readonly string[]): object {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    scrape_configs: [
      { job_name: 'hooklane', static_configs: [{ targets: targets.map((target) => new URL(target).host) }] },
    ],
  };
}

interface Answered<T> {
  readonly data: T;
}

async function ask<T>(url: string, path: string): Promise<T> {
  const answer = await fetch(`${url}${path}`);
  if (!answer.ok) throw new Error(`Prometheus answered ${answer.status} to ${path}: ${await answer.text()}`);
  return ((await answer.json()) as Answered<T>).data;
}

interface Alerts {
  readonly alerts: { labels: { alertname: string } & Record<string, string>; state: string }[];
}

async function firing(url: string): Promise<FiringAlert[]> {
  const { alerts } = await ask<Alerts>(url, '/api/v1/alerts');
  return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => ({ name: labels.alertname, labels }));
}

interface Vector {
  readonly result: { metric: Record<string, string>; value: [number, string] }[];
}

async function query(url: string, expr: string): Promise<Sample[]> {
  const { result } = await ask<Vector>(url, `/api/v1/query?query=${encodeURIComponent(expr)}`);
  return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

async function turns(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^prometheus_rule_group_iterations_total\{.*\} (\S+)$/m.exec(text)?.[1] ?? 0);
}
