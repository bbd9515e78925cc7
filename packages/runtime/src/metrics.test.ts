import { describe, expect, it } from 'vitest';
import type { Metrics } from './metrics.ts';
import { createMetrics } from './metrics.ts';

describe('createMetrics', () => {
  it('tells counters, gauges and histograms with their labels and the service', async () => {
    const metrics = createMetrics({ service: 'test' });
    const counter = metrics.counter({ name: 'made_total', help: 'Made.', labels: ['kind'] });
    counter.add({ kind: 'a' });
    counter.add({ kind: 'a' }, 2);
    metrics.gauge({ name: 'waiting', help: 'Waiting.' }).set({}, 7);
    metrics.histogram({ name: 'took_seconds', help: 'Took.', buckets: [1, 2] }).observe({}, 1.5);
    const text = await textOf(metrics);
    expect(text).toContain('made_total{kind="a",service="test"} 3');
    expect(text).toContain('waiting{service="test"} 7');
    expect(text).toContain('took_seconds_bucket{le="2",service="test"} 1');
    expect(text).toContain('took_seconds_bucket{le="1",service="test"} 0');
  });

  it('asks a gauge that is read at every scrape', async () => {
    const metrics = createMetrics({ service: 'test' });
    let depth = 1;
    metrics.gauge({ name: 'depth', help: 'Depth.' }, (gauge) => gauge.set({}, depth));
    expect(await textOf(metrics)).toContain('depth{service="test"} 1');
    depth = 5;
    expect(await textOf(metrics)).toContain('depth{service="test"} 5');
  });

  it('tells what Node knows of itself, and what was built', async () => {
    const text = await textOf(createMetrics({ service: 'test' }));
    for (const name of ['nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes', 'process_open_fds']) {
      expect(text).toMatch(new RegExp(`^${name}\\{service="test"\\} `, 'm'));
    }
    expect(text).toMatch(/^hooklane_build_info\{version="\d+\.\d+\.\d+",node="v\d+/m);
  });

  it('describes every metric for its document', () => {
    const metrics = createMetrics({ service: 'test' });
    metrics.counter({ name: 'made_total', help: 'Made.', labels: ['kind'] });
    expect(metrics.describe()).toContainEqual({ name: 'made_total', type: 'counter', help: 'Made.', labels: ['kind'] });
  });
});

async function textOf(metrics: Metrics): Promise<string> {
  return (await metrics.render()).text;
}
