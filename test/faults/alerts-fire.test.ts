import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createMetrics } from '@hooklane/runtime';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { scrapeAll } from '../chaos/scrapes.ts';
import { read } from '../house/sources.ts';
import { alertRules } from '../support/alert-rules.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { findPrometheus, LEFT_OUT } from '../support/prometheus-programs.ts';
import { startReceiver } from '../support/receiver.ts';

const folder = fileURLToPath(new URL('../../docs/operations/prometheus/', import.meta.url));
const programs = await findPrometheus();

it('promtool takes the rules', async ({ skip }) => {
  if (programs === null) return skip(LEFT_OUT);
  expect(await told(programs, 'check', 'rules', 'alerts.yml')).toContain('SUCCESS');
});

it('every alert that pages fires in the trouble it is for, and is silent while all is well', async ({ skip }) => {
  if (programs === null) return skip(LEFT_OUT);
  expect(await told(programs, 'test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  const { tests } = parse(read('docs/operations/prometheus/alerts.test.yml')) as { tests: Scenario[] };
  const paging = alertRules().filter(({ labels }) => labels['severity'] === 'page');
  const fired = tests
    .flatMap(({ alert_rule_test }) => alert_rule_test)
    .filter(({ exp_alerts }) => exp_alerts.length > 0);
  expect([...new Set(fired.map(({ alertname }) => alertname))].toSorted()).toEqual(
    paging.map(({ alert }) => alert).toSorted(),
  );
});

it('what a chaos run scraped can be asked as if Prometheus had scraped it', async ({ skip }) => {
  if (programs === null) return skip(LEFT_OUT);
  const home = await mkdtemp(join(tmpdir(), 'hooklane-scrapes-'));
  const metrics = createMetrics({ service: 'reaper' });
  const mismatches = metrics.gauge({ name: 'hooklane_conservation_mismatches', help: 'As the reaper tells it.' });
  await using process = await startReceiver(async () => ({ body: (await metrics.render()).text }));
  const scrapes = scrapeAll({ targets: { reaper: process.url }, file: join(home, 'metrics.txt'), seconds: 60 });
  await process.waitFor(1);
  mismatches.set({}, 2);
  await process.waitFor(2);
  mismatches.set({}, 0);
  await scrapes.close();
  expect(scrapes).toMatchObject({ mismatch: 2, scrapes: { reaper: process.requests.length } });

  await told(programs, 'tsdb', 'create-blocks-from', 'openmetrics', join(home, 'metrics.txt'), join(home, 'data'));
  await using prometheus = await startPrometheus({ programs, targets: [], rules: '', dataDir: join(home, 'data') });
  const worst = await prometheus.query('max_over_time(hooklane_conservation_mismatches[5m])');
  expect(worst).toEqual([{ labels: { instance: 'reaper', service: 'reaper' }, value: 2 }]);
  await rm(home, { recursive: true, force: true });
});

interface Scenario {
  alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
}

async function told({ promtool }: { promtool: string }, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(promtool, args, { cwd: folder });
  return stdout;
}
