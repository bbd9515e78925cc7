import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read } from '../house/sources.ts';
import { findPromtool } from '../support/promtool.ts';

const folder = fileURLToPath(new URL('../../docs/operations/prometheus/', import.meta.url));
let promtool = '';
beforeAll(async () => {
  promtool = await findPromtool();
});

it('promtool takes the rules', async () => {
  expect(await told('check', 'rules', 'alerts.yml')).toContain('SUCCESS');
});

it('every alert that pages fires in the trouble it is for, and is silent while all is well', async () => {
  expect(await told('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  const { groups } = parse(read('docs/operations/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] };
  const { tests } = parse(read('docs/operations/prometheus/alerts.test.yml')) as { tests: Scenario[] };
  const paging = groups.flatMap(({ rules }) => rules).filter(({ labels }) => labels.severity === 'page');
  const fired = tests
    .flatMap(({ alert_rule_test }) => alert_rule_test)
    .filter(({ exp_alerts }) => exp_alerts.length > 0);
  expect([...new Set(fired.map(({ alertname }) => alertname))].toSorted()).toEqual(
    paging.map(({ alert }) => alert).toSorted(),
  );
});

interface Rule {
  alert: string;
  labels: { severity: string };
}

interface Scenario {
  alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
}

async function told(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(promtool, args, { cwd: folder });
  return stdout;
}
