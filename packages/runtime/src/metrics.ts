import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from './version.ts';

/** What is counted or measured, as docs/operations/metrics.md describes it (a test compares). */
export interface MetricDefinition<Label extends string = never> {
  /** Whole, with its prefix and unit: `hooklane_attempts_total`. */
  name: string;
  /** One sentence. */
  help: string;
  /** Each with few possible values, known beforehand: never an id, a URL or an org. */
  labels?: readonly Label[];
}

export interface HistogramDefinition<Label extends string = never> extends MetricDefinition<Label> {
  /** Upper bounds in the unit of the name, ascending. */
  buckets: readonly number[];
}

type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** Only goes up. Starts anew with the process. */
export interface CounterInstrument<Label extends string> {
  /** `by` defaults to 1. */
  add(labels: Labels<Label>, by?: number): void;
}

export interface GaugeInstrument<Label extends string> {
  set(labels: Labels<Label>, value: number): void;
  /** What is not set again afterwards is told no more. */
  clear(): void;
}

export interface HistogramInstrument<Label extends string> {
  observe(labels: Labels<Label>, value: number): void;
}

/** The instruments of one process. What has no labels is told from the beginning, as 0. */
export interface Metrics {
  counter<Label extends string = never>(definition: MetricDefinition<Label>): CounterInstrument<Label>;
  /** `read`: asked at every scrape, so it must cost nothing; it calls `set`. Default: told as it was set last. */
  gauge<Label extends string = never>(
    definition: MetricDefinition<Label>,
    read?: (gauge: GaugeInstrument<Label>) => void,
  ): GaugeInstrument<Label>;
  histogram<Label extends string = never>(definition: HistogramDefinition<Label>): HistogramInstrument<Label>;
  /** The text that Prometheus scrapes. */
  render(): Promise<{ contentType: string; text: string }>;
  /** Every metric, for the test of the document. */
  describe(): Array<{ name: string; type: string; help: string; labels: readonly string[] }>;
}

/** Seconds that a request, or an attempt, may take: the advice of OpenTelemetry, and our longest deadlines. */
export const DURATION_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30,
] as const;

/** Seconds until something arrived: the same, and what retries and outages make of it, up to three days. */
export const LATENCY_BUCKETS_SECONDS = [...DURATION_BUCKETS, 60, 300, 1_800, 7_200, 43_200, 259_200] as const;

/**
 * `service`: of which process, a label of everything. Comes with what any Node process should tell: CPU, memory, open
 * files, garbage collection, how late the event loop is (`nodejs_eventloop_lag_p99_seconds`), and what was built.
 */
export function createMetrics({ service }: { service: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const metrics = instrumentsOf(registry);
  metrics.gauge(BUILD_INFO).set({ version: VERSION, node: process.version }, 1);
  return metrics;
}

const BUILD_INFO = {
  name: 'hooklane_build_info',
  help: 'Always 1; what runs.',
  labels: ['version', 'node'],
} as const;

function instrumentsOf(registry: Registry): Metrics {
  return {
    counter(definition) {
      const counter = new Counter({ ...optionsOf(definition), registers: [registry] });
      return { add: (labels, by = 1) => counter.inc(labels, by) };
    },
    gauge(definition, read = nothing) {
      const gauge = new Gauge({ ...optionsOf(definition), registers: [registry], collect: () => read(instrument) });
      const instrument = {
        set: (labels: Labels<string>, value: number) => gauge.set(labels, value),
        clear: () => gauge.reset(),
      };
      return instrument;
    },
    histogram(definition) {
      const options = { ...optionsOf(definition), buckets: [...definition.buckets], registers: [registry] };
      const histogram = new Histogram(options);
      return { observe: (labels, value) => histogram.observe(labels, value) };
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    describe: () => registry.getMetricsAsArray().map(describeMetric),
  };
}

function optionsOf({ name, help, labels = [] }: MetricDefinition<string>) {
  return { name, help, labelNames: [...labels] };
}

/** The library keeps the names of labels, but its types do not say so. */
function describeMetric(metric: {
  name: string;
  help: string;
  type: unknown;
}): ReturnType<Metrics['describe']>[number] {
  const labels = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : [];
  return { name: metric.name, type: String(metric.type), help: metric.help, labels };
}

function nothing(): void {}
