import { TraceFlags } from '@opentelemetry/api';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Metrics } from '../metrics.ts';

/** Where spans get lost: there was no room for them, or the collector did not take them. */
type LossReason = 'queue_full' | 'export_failed';

export type CountLost = (reason: LossReason, spans: number) => void;

/** Also where there are no traces, so that the metric is known. */
export function lostSpansCounter(metrics: Metrics): CountLost {
  const lost = metrics.counter(LOST);
  return (reason, spans) => lost.add({ reason }, spans);
}

const LOST = {
  name: 'hooklane_trace_spans_lost_total',
  help: 'Spans that no collector got: more than fit in memory (queue_full), or in exports that failed (export_failed).',
  labels: ['reason'],
} as const;

/**
 * Counts what the queue of a batching processor has no room for, which it tells nobody: what has ended and was not handed to the
 * exporter yet is what it holds. `exporter` is what it must be given, `around` what spans must be given to.
 */
export function countDropped(
  exporter: SpanExporter,
  { maxQueueSize, count }: { maxQueueSize: number; count: CountLost },
): { exporter: SpanExporter; around: (processor: SpanProcessor) => SpanProcessor } {
  let waiting = 0;
  return {
    exporter: {
      export(spans, done) {
        waiting -= spans.length;
        exporter.export(spans, done);
      },
      forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
      shutdown: () => exporter.shutdown(),
    },
    around: (processor) => ({
      onStart: (span, context) => processor.onStart(span, context),
      onEnd(span) {
        const isSampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
        if (isSampled && waiting >= maxQueueSize) count('queue_full', 1);
        else if (isSampled) waiting++;
        processor.onEnd(span);
      },
      forceFlush: () => processor.forceFlush(),
      shutdown: () => processor.shutdown(),
    }),
  };
}
