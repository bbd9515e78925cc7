import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { read } from '../house/sources.ts';
import { alertRules } from '../support/alert-rules.ts';
import { findPrometheus, LEFT_OUT } from '../support/prometheus-programs.ts';

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

interface Scenario {
  alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
}

async function told({ promtool }: { promtool: string }, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(promtool, args, { cwd: folder });
  return stdout;
}
