import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Span, TextMapGetter, Tracer } from '@opentelemetry/api';
import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { parseTraceParent, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { ATTR_ERROR_TYPE, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { VERSION } from '../version.ts';
import { sleep } from '../wait.ts';
import { linkedSampler } from './linked-sampler.ts';
import type { CountLost } from './lost-spans.ts';
import { countDropped } from './lost-spans.ts';
import type { OpenSpan, OpenTraces, SpanStart, TraceOptions } from './traces.ts';
import { watchExports } from './watch-exports.ts';

/** Of one export with all its repetitions. Nothing waits for it but the end of the process, and what is queued is bounded. */
const EXPORT_TIMEOUT_MS = 3_000;
/** What is left then is lost. Above the timeout of an export, so that none is under way any more. */
const CLOSE_TIMEOUT_MS = 4_000;
/** About 10 MB while a collector is away; what comes on top is dropped. */
const QUEUE = { maxQueueSize: 4_096, maxExportBatchSize: 512, scheduledDelayMillis: 1_000 };

export type OtlpOptions = Omit<TraceOptions, 'otlpEndpoint' | 'metrics'> & { endpoint: string; count: CountLost };

/** Loaded only where there is a collector. Nothing global is registered: two of these in one process do not meet. */
export function openTraces({ service, endpoint, otlpHeaders, traceRatio, logger, count }: OtlpOptions): OpenTraces {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const agent = new (url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...otlpHeaders },
    timeoutMillis: EXPORT_TIMEOUT_MS,
    concurrencyLimit: 16,
    httpAgentOptions: () => agent,
  });
  const watched = watchExports(exporter, { logger, count });
  const counted = countDropped(watched, { ...QUEUE, count });
  const batches = new BatchSpanProcessor({
    ...QUEUE,
    exporter: counted.exporter,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: `hooklane-${service}`, [ATTR_SERVICE_VERSION]: VERSION }),
    sampler: new ParentBasedSampler({ root: linkedSampler(traceRatio) }),
    spanProcessors: [counted.around(batches)],
  });
  const tracer = provider.getTracer('hooklane', VERSION);
  return {
    begin: (start) => openSpan(begin(tracer, start)),
    async close() {
      const bound = new AbortController();
      // The first may fail early, with an export still under way that the second waits for.
      const sent = provider
        .shutdown()
        .catch(nothing)
        .then(() => exporter.shutdown().catch(nothing));
      await Promise.race([sent, sleep(CLOSE_TIMEOUT_MS, bound.signal)]);
      bound.abort();
      agent.destroy();
    },
  };
}

function nothing(): void {}

const propagator = new W3CTraceContextPropagator();

const HEADERS: TextMapGetter<NonNullable<SpanStart['parent']>> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  },
};

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

function begin(tracer: Tracer, { name, kind, agoMs = 0, parent, link }: SpanStart): Span {
  const context = parent === undefined ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, parent, HEADERS);
  const linked = link == null ? null : parseTraceParent(link);
  const links = linked === null ? [] : [{ context: { ...linked, isRemote: true } }];
  return tracer.startSpan(name, { kind: KINDS[kind], startTime: Date.now() - agoMs, links }, context);
}

function openSpan(span: Span): OpenSpan {
  const { traceId, spanId, traceFlags } = span.spanContext() ?? INVALID_SPAN_CONTEXT;
  return {
    traceId,
    get traceparent() {
      return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;
    },
    isRecorded: span.isRecording(),
    set: (attributes) => {
      span.setAttributes({ ...attributes });
    },
    end(failure) {
      if (failure !== undefined) {
        span.setAttribute(ATTR_ERROR_TYPE, failure);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}
