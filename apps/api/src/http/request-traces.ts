import { formatId } from '@hooklane/domain';
import type { OpenSpan, Traces } from '@hooklane/runtime';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where the request is not traced. */
    span: OpenSpan | null;
  }
}

/** Goes behind the gate: whom we do not know does not decide what is traced. */
export function beginRequestSpan(traces: Traces): onRequestHookHandler {
  return (request, reply, done) => {
    const name = `${request.method} ${request.routeOptions.url}`;
    request.span = traces.begin({ name, kind: 'server', agoMs: reply.elapsedTime, parent: request.headers });
    done();
  };
}

export function endRequestSpan(request: FastifyRequest, reply: FastifyReply): void {
  const { span, identity, told, problemCode } = request;
  if (span === null) return;
  if (span.isRecorded) {
    span.set({
      'hooklane.org.id': identity?.org ? formatId('org', identity.org.id) : undefined,
      'hooklane.event.id': textOf(told?.['event_id']),
      'hooklane.error.code': problemCode ?? undefined,
      [ATTR_HTTP_REQUEST_METHOD]: request.method,
      [ATTR_HTTP_ROUTE]: request.routeOptions.url,
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: reply.statusCode,
      [ATTR_URL_SCHEME]: request.protocol,
    });
  }
  // What the producer did wrong is no failure of the server.
  span.end(reply.statusCode >= 500 ? String(reply.statusCode) : undefined);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
