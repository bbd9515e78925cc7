import type { NextStep } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { AttemptTracer, Claim, SendReport, SendRequest } from '@hooklane/engine';
import type { OpenSpan, SpanAttributes, Traces } from '@hooklane/runtime';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions';

/**
 * Each attempt is a trace of its own, which links to the request that published the event: retries go on for days, and a
 * trace that long can be shown by nobody. `propagate`: the receiver is told of the span.
 */
export function traceAttempts(traces: Traces, { propagate }: { propagate: boolean }): AttemptTracer {
  return {
    begin(claim, request) {
      const span = traces.begin({ name: 'attempt', kind: 'client', link: claim.traceparent });
      if (span.isRecorded) span.set(plannedOf(claim, request));
      return {
        headers: propagate ? { traceparent: span.traceparent } : null,
        end: (report, step) => endSpan(span, report, step),
      };
    },
  };
}

/** Of the URL no more than host and port: what identifies a receiver is often in the path, and its secret in the query. */
function plannedOf(claim: Claim, request: SendRequest): SpanAttributes {
  const { protocol, hostname, port } = new URL(request.url);
  const scheme = protocol.slice(0, -1);
  return {
    'hooklane.org.id': formatId('org', claim.orgId),
    'hooklane.webhook.id': formatId('wh', claim.webhookId),
    'hooklane.event.id': formatId('evt', claim.eventId),
    'hooklane.delivery.id': formatId('dlv', claim.deliveryId),
    'hooklane.attempt.id': formatId('att', claim.attemptId),
    'hooklane.attempt.number': claim.attempt,
    'hooklane.delivery.origin': claim.origin,
    [ATTR_HTTP_REQUEST_METHOD]: 'POST',
    [ATTR_HTTP_REQUEST_RESEND_COUNT]: claim.attempt > 1 ? claim.attempt - 1 : undefined,
    [ATTR_SERVER_ADDRESS]: hostname,
    [ATTR_SERVER_PORT]: port === '' ? (DEFAULT_PORTS[scheme] ?? 0) : Number(port),
    [ATTR_URL_SCHEME]: scheme,
  };
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

function endSpan(span: OpenSpan, { outcome, response }: SendReport, step: NextStep): void {
  if (span.isRecorded) {
    span.set({
      'hooklane.attempt.outcome': outcome.kind,
      'hooklane.attempt.next_step': step.kind,
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: response?.status,
    });
  }
  if (outcome.kind === 'accepted') span.end();
  else span.end(outcome.kind === 'rejected' ? String(outcome.status) : outcome.kind);
}
