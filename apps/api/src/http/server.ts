import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { RateLimits } from '@hooklane/engine';
import type { Logger, Traces } from '@hooklane/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import { createGates } from '../access/gates.ts';
import { createRateGate } from '../access/rate-gate.ts';
import type { Answered } from '../api-metrics.ts';
import { docsOf } from '../openapi/docs.ts';
import type { ApiPorts } from '../ports.ts';
import type { RouteContext } from '../routes/context.ts';
import { createAttemptWait } from '../routes/deliveries/wait-for-attempt.ts';
import { ROUTES } from '../routes/index.ts';
import { createClientErrors } from './client-errors.ts';
import { createMethodTable } from './method-table.ts';
import { PROBLEM_TYPE, problemBody, refusalFor } from './problem.ts';
import { charsetRefusal, headersRefusal } from './request-headers.ts';
import { logFailed, logHandled } from './request-log.ts';
import { beginRequestSpan, endRequestSpan } from './request-traces.ts';
import { serveRoutes } from './serve-routes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the answer, where it is an error; for the log. */
    problemCode: ErrorCode | null;
    /** What a route adds to the line of the log; null: nothing. */
    told: Readonly<Record<string, unknown>> | null;
  }
}

export interface ServerOptions {
  operatorKey: string;
  maxPayloadBytes: number;
  maxDepth: number;
  /** Of orgs that have none of their own. */
  orgRateLimits: RateLimits;
  logger: Logger;
  /** Aborts when the process is told to stop: calls that wait for an attempt end at once. */
  stopping: AbortSignal;
  /** Null: requests are not traced. */
  traces: Traces | null;
  /** Told of every answer. */
  onAnswered: (answered: Answered) => void;
}

/** Above a webhook's longest attempt and what a call that waits for it adds. */
const CONNECTION_TIMEOUT_MS = 65_000;
/** Slow senders hold a connection no longer than this. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Above the 60 s after which load balancers usually let go: were it below, they would race our close and see resets. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** A webhook with all its headers and filters at their limits. */
const BODY_BYTES = 256 * 1024;

export function createServer(ports: ApiPorts, options: ServerOptions): FastifyInstance {
  const clientErrors = createClientErrors(newRequestId);
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // A missing host is refused by a hook: left to node, the answer would be empty.
    http: { headersTimeout: HEADERS_TIMEOUT_MS, requireHostHeader: false },
    // What arrives on open connections while we stop is answered like everything else, with `connection: close`.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // The longest name in a path is that of an event type, and what is longer names nothing.
    routerOptions: { maxParamLength: 1_024 },
    genReqId: newRequestId,
    // The path cannot be read: no route, and therefore no hook and no decorator, has a part in it.
    frameworkErrors(error, request, reply) {
      request.identity = null;
      request.quotas = null;
      request.span = null;
      markAnswer(request, reply);
      answerProblem(error, request, reply);
      tellHandled(options, request, reply);
    },
    clientErrorHandler: clientErrors.answer,
  });
  clientErrors.follow(app.server);
  // Refused by a hook too, for the same reason.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.decorateRequest('identity', null);
  app.decorateRequest('problemCode', null);
  app.decorateRequest('told', null);
  app.decorateRequest('quotas', null);
  app.decorateRequest('span', null);
  takeJsonAsBytes(app);
  addHooks(app, options);

  const table = createMethodTable(ROUTES);
  app.setErrorHandler((error, request, reply) => {
    if (refusalFor(error).status >= 500) logFailed(options.logger, request, error);
    answerProblem(error, request, reply);
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = table.methodsOf(request.url);
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    answerProblem(new DomainError(allowed.length > 0 ? 'method_not_allowed' : 'route_not_found'), request, reply);
  });

  const rates = createRateGate(ports, options.orgRateLimits);
  const gates = createGates(ports, options.operatorKey, rates);
  const context: RouteContext = {
    ports,
    attemptWait: createAttemptWait(ports, options.stopping),
    limits: { maxDepth: options.maxDepth, maxBytes: options.maxPayloadBytes },
    logger: options.logger,
    docs: docsOf(ROUTES),
    forgetKeys: () => gates.forgetKeys(),
  };
  const beginSpan = options.traces && beginRequestSpan(options.traces);
  serveRoutes(app, ROUTES, { gates, rates, context, beginSpan });
  return app;
}

/** Our own: one taken from a header could be made to collide, or to forge lines of the log. */
function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`;
}

/** Bodies stay bytes: the scan before the parser needs them, and a payload is delivered as it came. */
function takeJsonAsBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    done(charsetRefusal(request.headers), body);
  });
}

function addHooks(app: FastifyInstance, options: ServerOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    markAnswer(request, reply);
    done(headersRefusal(request.raw) ?? undefined);
  });
  app.addHook('onResponse', (request, reply, done) => {
    tellHandled(options, request, reply);
    done();
  });
}

function tellHandled({ logger, onAnswered }: ServerOptions, request: FastifyRequest, reply: FastifyReply): void {
  logHandled(logger, request, reply);
  endRequestSpan(request, reply);
  const { url } = request.routeOptions;
  const route = url === undefined ? undefined : `${request.method} ${url}`;
  onAnswered({ route, status: reply.statusCode, ms: reply.elapsedTime });
}

/** Answers are data of one caller: no cache may keep them and no browser take them for a page. */
const ALWAYS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

function markAnswer(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(ALWAYS).header('x-request-id', request.id);
}

function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = refusalFor(error);
  request.problemCode = refusal.code;
  reply.code(refusal.status).headers(refusal.headers).header('content-type', PROBLEM_TYPE);
  reply.send(problemBody(refusal, request.id));
}
