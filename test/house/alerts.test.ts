import { describe, expect, it } from 'vitest';
import { alertRules } from '../support/alert-rules.ts';
import { knownMetrics } from './known-metrics.ts';
import { read } from './sources.ts';

const rules = alertRules();
const paging = rules.filter(({ labels }) => labels['severity'] === 'page').map(({ alert }) => alert);
const runbooks = [...read('docs/operations/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);

describe('the alerts', () => {
  it('have an entry in the runbooks each, in the same order, and the runbooks have no other', () => {
    expect(runbooks).toEqual(rules.map(({ alert }) => alert));
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s says how urgent it is, what it means, and links its entry',
    (_, rule) => {
      expect(['page', 'ticket']).toContain(rule.labels['severity']);
      expect(rule.annotations['summary']).toMatch(/^[A-Z].*\.$/);
      expect(rule.annotations['runbook']).toBe(`../runbooks.md#${rule.alert.toLowerCase()}`);
    },
  );

  it('that page have a scenario each in which they fire, and a line about it, and no other has', () => {
    const scenarios = read('test/faults/alerts-in-trouble.test.ts');
    const fired = [...scenarios.matchAll(/\bfires\(\w+, '(\w+)'\)/g)].map(([, name]) => name);
    expect(fired.toSorted()).toEqual(paging.toSorted());
    const table = read('docs/operations/alerts.md').matchAll(/^\| (Hooklane\w+) \| [^|]+ \| ([^|]+) \|$/gm);
    const told = [...table].map(([, name, scenario = '']) => ({ name, scenario }));
    expect(told.map(({ name }) => name)).toEqual(paging);
    for (const { scenario } of told) expect(scenarios).toContain(scenario);
  });

  it('use no metric and no label that the processes do not tell', () => {
    expect(rules.flatMap(({ alert, expr }) => unknownIn(expr).map((what) => `${alert}: ${what}`))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('uses no metric and no label that the processes do not tell', () => {
    const text = read('docs/operations/grafana/hooklane.json');
    const board = JSON.parse(text) as { panels: { title: string; targets?: { expr: string }[] }[] };
    const queries = board.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
    expect(queries.length).toBeGreaterThan(20);
    expect(queries.flatMap(({ title, expr }) => unknownIn(expr).map((what) => `${title}: ${what}`))).toEqual([]);
  });
});

describe('the check itself', () => {
  it.each([
    ['hooklane_nothing > 1', ['hooklane_nothing']],
    ['sum by (org) (rate(hooklane_attempts_total[5m]))', ['org']],
    ['hooklane_attempts_total{webhook="x"}', ['webhook']],
    ['sum by (service, outcome) (rate(hooklane_attempts_total{class="5xx"}[5m]))', []],
  ])('finds in %s: %j', (expr, unknown) => {
    expect(unknownIn(expr)).toEqual(unknown);
  });
});

const told = knownMetrics();
const series = new Set(told.flatMap(({ name, type }) => [name, ...(type === 'histogram' ? partsOf(name) : [])]));
const labels = new Set(['service', 'le', 'instance', ...told.flatMap((metric) => metric.labels)]);

function partsOf(name: string): string[] {
  return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
}

function unknownIn(expr: string): string[] {
  const names = [...expr.matchAll(/\b(?:hooklane|nodejs|process)_\w+/g)].map(([name]) => name);
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  const matched = [...expr.matchAll(/[{,]\s*(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
  return [
    ...names.filter((name) => !series.has(name)),
    ...[...grouped, ...matched].filter((label) => !labels.has(label)),
  ];
}
