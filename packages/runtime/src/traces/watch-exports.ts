import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.ts';
import type { CountLost } from './lost-spans.ts';

/** The same, and a collector that fails, and one that is back, has a line in the log: one each, however long it lasts. What it lost is counted. */
export function watchExports(
  exporter: SpanExporter,
  { logger, count }: { logger: Logger; count: CountLost },
): SpanExporter {
  let lost = 0;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code === ExportResultCode.FAILED) {
          if (lost === 0) logger.warn({ err: result.error }, 'traces.export_failed');
          lost += spans.length;
          count('export_failed', spans.length);
        } else if (lost > 0) {
          logger.info({ lost_spans: lost }, 'traces.export_resumed');
          lost = 0;
        }
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}
