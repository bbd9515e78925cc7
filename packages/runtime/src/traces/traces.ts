import { invariant } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import type { Service } from '../service.ts';
import { lostSpansCounter } from './lost-spans.ts';

/** What of the configuration says whether and how there are traces; see `traceSettings`. */
export interface TraceConfig {
  otlpEndpoint?: string | undefined;
  otlpHeaders?: Readonly<Record<string, string>> | undefined;
  traceRatio: number;
}

export interface TraceOptions extends TraceConfig {
  /** `service.name` is `hooklane-` and this. */
  service: string;
  logger: Logger;
  metrics: Metrics;
}

/** Spans of one process, sent to a collector. To be started before anything begins one, and so stopped after all others. */
export interface Traces extends Service {
  begin(start: SpanStart): OpenSpan;
}

export interface SpanStart {
  /** Few possible values: no ids. */
  name: string;
  kind: 'server' | 'client';
  /** Began so long ago, ms. Default 0. */
  agoMs?: number;
  /** Headers of the request that caused it, as they came: what is no `traceparent` is ignored. Default: a trace of its own. */
  parent?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The `traceparent` of a span of another trace that caused it. */
  link?: string | null;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface OpenSpan {
  readonly traceId: string;
  /** As W3C writes it, for whoever is to know of this span. */
  readonly traceparent: string;
  /** False where it was not sampled: attributes would go nowhere, so nobody need make them. */
  readonly isRecorded: boolean;
  set(attributes: SpanAttributes): void;
  /** `failure`: what kind, of few possible values (`error.type`). Default: none. */
  end(failure?: string): void;
}

/** Null where no collector is configured; then nothing of OpenTelemetry is loaded but what prom-client loads anyway. */
export function createTraces({ otlpEndpoint, metrics, ...options }: TraceOptions): Traces | null {
  const count = lostSpansCounter(metrics);
  if (otlpEndpoint === undefined) return null;
  let open: OpenTraces | null = null;
  return {
    name: 'traces',
    async start() {
      const { openTraces } = await import('./otlp-traces.ts');
      open = openTraces({ ...options, endpoint: otlpEndpoint, count });
    },
    stop: async () => open?.close(),
    begin(start) {
      invariant(open, 'a span is begun before the traces have started');
      return open.begin(start);
    },
  };
}

export interface OpenTraces extends Pick<Traces, 'begin'> {
  /** Sends what is left, within a bound. Never rejects. */
  close(): Promise<void>;
}
