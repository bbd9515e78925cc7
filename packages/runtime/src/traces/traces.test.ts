import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startCollector } from '../../../../test/support/collector.ts';
import { startReceiver } from '../../../../test/support/receiver.ts';
import { createLogger } from '../logger.ts';
import { createMetrics } from '../metrics.ts';
import type { Traces } from './traces.ts';
import { createTraces } from './traces.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const SAMPLED = `00-${TRACE}-${SPAN}-01`;
const UNSAMPLED = `00-${TRACE}-${SPAN}-00`;

const opened: Traces[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((traces) => traces.stop()));
});

interface Made {
  traces: Traces;
  lines: Record<string, unknown>[];
  /** Spans that were lost, by why. */
  lost: () => Promise<Record<string, number>>;
}

async function tracesTo(endpoint: string, changed: { ratio?: number; headers?: Record<string, string> } = {}) {
  const lines: Made['lines'] = [];
  const logger = createLogger({
    name: 'test',
    level: 'debug',
    destination: { write: (line: string) => lines.push(JSON.parse(line)) },
  });
  const { ratio: traceRatio = 1, headers: otlpHeaders = {} } = changed;
  const metrics = createMetrics({ service: 'test' });
  const traces = createTraces({ service: 'test', otlpEndpoint: endpoint, otlpHeaders, traceRatio, logger, metrics });
  if (traces === null) throw new Error('there is an endpoint');
  await traces.start();
  opened.push(traces);
  const lost = async () => {
    const { text } = await metrics.render();
    const series = text.matchAll(/^hooklane_trace_spans_lost_total\{reason="(\w+)".*\} (\d+)$/gm);
    return Object.fromEntries([...series].map(([, reason = '', count]) => [reason, Number(count)]));
  };
  return { traces, lines, lost } satisfies Made;
}

async function stop(traces: Traces): Promise<number> {
  opened.splice(opened.indexOf(traces), 1);
  const begun = performance.now();
  await traces.stop();
  return performance.now() - begun;
}

describe('traces', () => {
  it('are none where there is no collector', () => {
    const logger = createLogger({ name: 'test', level: 'fatal' });
    expect(
      createTraces({ service: 'test', traceRatio: 1, logger, metrics: createMetrics({ service: 'test' }) }),
    ).toBeNull();
  });

  it('reach the collector with what was said of them, at the latest when they stop', async () => {
    await using collector = await startCollector();
    const { traces } = await tracesTo(`${collector.url}/`, { headers: { 'x-tenant': 'a=b' } });
    const span = traces.begin({ name: 'one', kind: 'client', agoMs: 250, link: SAMPLED });
    span.set({ 'a.text': 'x', 'a.number': 7, missing: undefined });
    span.end('timed-out');
    await stop(traces);
    expect(collector.requests).toMatchObject([{ path: '/v1/traces', headers: { 'x-tenant': 'a=b' } }]);
    const [sent] = collector.spans;
    expect(sent).toMatchObject({
      service: 'hooklane-test',
      name: 'one',
      kind: 3,
      traceId: span.traceId,
      links: [{ traceId: TRACE, spanId: SPAN }],
      status: 2,
    });
    expect(sent?.attributes).toEqual({ 'a.text': 'x', 'a.number': 7, 'error.type': 'timed-out' });
    expect(sent?.parentSpanId).toBeUndefined();
    expect(sent?.ms).toBeGreaterThanOrEqual(250);
    expect(span.traceparent).toBe(`00-${span.traceId}-${sent?.spanId}-01`);
  });

  it('go on in the trace of a request that names one', async () => {
    await using collector = await startCollector();
    const { traces } = await tracesTo(collector.url);
    traces.begin({ name: 'one', kind: 'server', parent: { traceparent: SAMPLED, tracestate: 'a=1' } }).end();
    await stop(traces);
    expect(collector.spans).toMatchObject([{ traceId: TRACE, parentSpanId: SPAN, kind: 2, status: 0 }]);
  });

  it.each<[string, string | string[] | undefined]>([
    ['missing', undefined],
    ['empty', ''],
    ['too short', '00-0af7-b7ad-01'],
    ['of no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['of no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['of a version that cannot be', `ff-${TRACE}-${SPAN}-01`],
    ['longer than its version allows', `${SAMPLED}-more`],
    ['sent twice', `${SAMPLED}, ${SAMPLED}`],
    ['a list', [SAMPLED]],
    ['no hexadecimal', SAMPLED.replace('0af', 'xyz')],
  ])('begin anew where the traceparent is %s', async (_, traceparent) => {
    const { traces } = await tracesTo('http://127.0.0.1:9');
    const span = traces.begin({ name: 'one', kind: 'server', parent: { traceparent } });
    expect(span.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(span.traceId).not.toBe(TRACE);
  });
});

describe('sampling', () => {
  it('is decided by the request where it says, else by the ratio', async () => {
    const none = (await tracesTo('http://127.0.0.1:9', { ratio: 0 })).traces;
    const all = (await tracesTo('http://127.0.0.1:9')).traces;
    const begun = (traces: Traces, traceparent?: string) =>
      traces.begin({ name: 'one', kind: 'server', parent: { traceparent } });
    expect([begun(none).isRecorded, begun(all).isRecorded]).toEqual([false, true]);
    expect([begun(none, SAMPLED).isRecorded, begun(all, UNSAMPLED).isRecorded]).toEqual([true, false]);
    expect(begun(all, UNSAMPLED).traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  });

  it('of what links to a span follows that span', async () => {
    const none = (await tracesTo('http://127.0.0.1:9', { ratio: 0 })).traces;
    const all = (await tracesTo('http://127.0.0.1:9')).traces;
    const linked = (traces: Traces, link: string | null) =>
      traces.begin({ name: 'one', kind: 'client', link }).isRecorded;
    expect([linked(none, SAMPLED), linked(all, UNSAMPLED)]).toEqual([true, false]);
    expect([linked(none, null), linked(all, null), linked(all, 'nonsense')]).toEqual([false, true, true]);
  });
});

describe('a collector', () => {
  const spans = (traces: Traces, count: number) => {
    for (let n = 0; n < count; n++) traces.begin({ name: 'one', kind: 'client' }).end();
  };

  it('that hangs delays nobody, and the end by no more than a bound', async () => {
    await using collector = await startCollector({ hang: true });
    const { traces, lines } = await tracesTo(collector.url);
    spans(traces, 10_000);
    expect(await stop(traces)).toBeLessThan(6_000);
    expect(lines.map(({ msg }) => msg)).toEqual(['traces.export_failed']);
  }, 15_000);

  it('that is slower than spans come loses what does not fit, and that is counted', async () => {
    await using collector = await startCollector({ hang: true });
    const { traces, lost } = await tracesTo(collector.url);
    spans(traces, 10_000);
    // 512 are on their way and 4,096 wait.
    expect(await lost()).toEqual({ queue_full: 10_000 - 512 - 4_096 });
    await stop(traces);
    expect((await lost())['export_failed']).toBeGreaterThanOrEqual(512);
  }, 15_000);

  it('that drips its answer, so that it is never idle, is left at the same bound', async () => {
    const drips: NodeJS.Timeout[] = [];
    const server = createServer((_, response) => {
      response.writeHead(200);
      drips.push(setInterval(() => response.write(' '), 200));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { traces } = await tracesTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    spans(traces, 10);
    expect(await stop(traces)).toBeLessThan(6_000);
    for (const drip of drips) clearInterval(drip);
    // Without `closeAllConnections`: it resolves only because the other side has let go.
    await new Promise((resolve) => server.close(resolve));
  }, 15_000);

  it('that is not there has one line in the log, and another when it is back', async () => {
    await using collector = await startReceiver(() => ({ status: 400 }));
    const { traces, lines, lost } = await tracesTo(collector.url);
    const told = (count: number) =>
      expect.poll(() => lines.map(({ msg }) => msg), { timeout: 5_000 }).toHaveLength(count);
    spans(traces, 600);
    await told(1);
    collector.answer(() => ({ body: '{}' }));
    spans(traces, 600);
    await told(2);
    expect(lines.map(({ msg }) => msg)).toEqual(['traces.export_failed', 'traces.export_resumed']);
    expect(await lost()).toEqual({ export_failed: lines[1]?.['lost_spans'] });
  }, 15_000);

  it('whose port is closed does not keep the process from ending', async () => {
    const { traces, lines } = await tracesTo('http://127.0.0.1:9');
    spans(traces, 600);
    expect(await stop(traces)).toBeLessThan(6_000);
    expect(lines.map(({ msg }) => msg)).toContain('traces.export_failed');
  }, 15_000);
});
