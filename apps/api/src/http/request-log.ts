import { formatId } from '@hooklane/domain';
import type { Logger } from '@hooklane/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One line per request, told at its end, with what its route has to say. Routes by their pattern: paths hold ids, queries what people search for. */
export function logHandled(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const { identity } = request;
  const route = request.routeOptions.url;
  const line = {
    method: request.method,
    route,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    request_id: request.id,
    org: identity?.org?.slug,
    key_id: identity === null ? undefined : keyName(identity.keyId),
    code: request.problemCode ?? undefined,
    trace_id: request.span?.traceId,
    ...request.told,
  };
  if (route !== undefined && QUIET_ROUTES.has(route)) logger.debug(line, 'request.handled');
  else logger.info(line, 'request.handled');
}

/** Probes come every few seconds and say nothing new. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** Our own fault: the only place where what an error says may be read. */
export function logFailed(logger: Logger, request: FastifyRequest, error: unknown): void {
  logger.error(
    { err: error, method: request.method, route: request.routeOptions.url, request_id: request.id },
    'request.failed',
  );
}

function keyName(keyId: string | null): string {
  return keyId === null ? 'operator' : formatId('key', keyId);
}
