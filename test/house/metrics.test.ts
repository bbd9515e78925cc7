import { describe, expect, it } from 'vitest';
import { knownMetrics } from './known-metrics.ts';
import { metricsTable } from './metrics-text.ts';
import { read } from './sources.ts';

// To rewrite the document: npx vitest run --project unit test/house/metrics.test.ts -u

describe('docs/operations/metrics.md', () => {
  it('has every metric that the processes tell, and no other', async () => {
    const text = read('docs/operations/metrics.md');
    const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
    expect(before).toBeGreaterThan(-1);
    expect(after).toBeGreaterThan(before);
    const wanted = `${text.slice(0, before)}${BEGIN}\n\n${metricsTable(knownMetrics())}\n\n${text.slice(after)}`;
    await expect(wanted).toMatchFileSnapshot('../../docs/operations/metrics.md');
  });
});

describe('the metrics', () => {
  it('have names with our prefix and a unit, and the same meaning in every process', () => {
    const ours = knownMetrics().filter(({ name }) => !/^(process|nodejs)_/.test(name));
    for (const { name, type, help } of ours) {
      expect(name).toMatch(/^hooklane_[a-z_]+$/);
      expect(help).toMatch(/^[0-9A-Z].*\.$/);
      if (type === 'counter') expect(name).toMatch(/_total$/);
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
    const meanings = new Set(ours.map(({ name, type, help, labels }) => JSON.stringify([name, type, help, labels])));
    expect(meanings.size).toBe(new Set(ours.map(({ name }) => name)).size);
  });

  it('have no label that could hold an id, a URL or an org', () => {
    const bounded = ['answer', 'attempt', 'class', 'kind', 'origin', 'outcome', 'queue', 'reason', 'result', 'scope'];
    const also = ['stage', 'state', 'statement', 'version', 'node'];
    const ours = knownMetrics().filter(({ name }) => name.startsWith('hooklane_'));
    const other = ours.flatMap(({ labels }) => labels).filter((label) => ![...bounded, ...also].includes(label));
    expect(other).toEqual([]);
  });
});

const BEGIN = '<!-- metrics: written by test/house/metrics.test.ts -->';
const END = '<!-- /metrics -->';
