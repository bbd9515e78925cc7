import { DomainError, isOrgSlug } from '@hooklane/domain';
import { found } from '@hooklane/engine';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RouteShorthandOptions,
} from 'fastify';
import type { z } from 'zod';
import type { Gates } from '../access/gates.ts';
import { authorOf } from '../access/gates.ts';
import type { RateGate } from '../access/rate-gate.ts';
import { JsonText } from '../contract/answer.ts';
import { optionalBodyOf, queryOf } from '../contract/problems-of.ts';
import type { Call, PayloadLimits, Route, RouteAnswer, RouteDefinition } from '../contract/route.ts';
import { namesIn } from '../contract/route.ts';
import type { RouteContext } from '../routes/context.ts';
import { bodyOf, parse, parseBody, parseOptionalBody } from './read-body.ts';

/** Puts routes behind their gates into a server. What a definition asks for is worked out here, once, not per request. */
export function serveRoutes(app: FastifyInstance, routes: readonly Route[], given: Serving): void {
  for (const { definition, handle } of routes) {
    const read = callReader(definition, given.rates);
    const send = sender(definition);
    app.route({
      method: definition.method,
      url: definition.path,
      ...optionsOf(definition, given),
      handler: async (request, reply) => send(reply, await handle(read(request, reply), given.context)),
    });
  }
}

export interface Serving {
  gates: Gates;
  rates: RateGate;
  context: RouteContext;
  /** Put behind the gate of routes that are traced; null: there are no traces. */
  beginSpan: onRequestHookHandler | null;
}

/** Without a limit of its own a route has the server's. */
function optionsOf(definition: RouteDefinition, { gates, context, beginSpan }: Serving): RouteShorthandOptions {
  const { access, isTraced = false, rawBody } = definition;
  const gate = access === 'open' ? null : access === 'operator' ? gates.operator : gates.org(access);
  const tracing = isTraced ? beginSpan : null;
  return {
    onRequest: [gate?.onRequest, tracing].filter((hook) => hook != null),
    ...(rawBody ? { bodyLimit: rawBody.maxBytes(context.limits satisfies PayloadLimits) } : {}),
  };
}

type Read<T> = (request: FastifyRequest) => T;

/** Paths first, bodies last: what names nothing is not there, whatever comes with it. */
function callReader(
  definition: RouteDefinition,
  rates: RateGate,
): (request: FastifyRequest, reply: FastifyReply) => Call<RouteDefinition> {
  const params = paramsReader(definition);
  const query = queryReader(definition);
  const headers = headersReader(definition);
  const body = bodyReader(definition);
  return (request, reply) => ({
    org: request.identity?.org ?? null,
    keyId: request.identity?.keyId ?? null,
    by: request.identity === null ? null : authorOf(request),
    params: params(request),
    query: query(request),
    headers: headers(request),
    body: body(request),
    requestId: request.id,
    traceparent: request.span === null ? null : request.span.traceparent,
    takeTokens: (count) => rates.take(reply, 'events', count),
    tell: (fields) => {
      request.told = fields;
    },
    isGone: () => request.socket.destroyed,
  });
}

function paramsReader({ path, access, params = {} }: RouteDefinition): Read<Record<string, unknown>> {
  const schemas = Object.entries(params);
  const takesSlug = access === 'operator' && namesIn(path).includes('org');
  if (schemas.length === 0 && !takesSlug) return () => NOTHING;
  return (request) => {
    // The router makes them: one string for every name in the path.
    const texts = request.params as Readonly<Record<string, string>>;
    const entries = schemas.map(([name, schema]) => [name, named(schema, texts[name])]);
    return Object.fromEntries(takesSlug ? [...entries, ['org', slugOf(texts)]] : entries);
  };
}

const NOTHING = {};

/** What is no id names nothing, exactly like an id that does not exist. */
function named(schema: z.ZodType, text: string | undefined): unknown {
  const parsed = schema.safeParse(text);
  return found(parsed.success ? parsed.data : null);
}

/** What is no slug names no org, and is not put before the store, which may not even take it. */
function slugOf({ org = '' }: Readonly<Record<string, string>>): string {
  return found(isOrgSlug(org) ? org : null);
}

function queryReader(definition: RouteDefinition): Read<unknown> {
  const schema = queryOf(definition);
  return schema === null ? () => NOTHING : (request) => parse(schema, request.query);
}

function headersReader({ headers = {} }: RouteDefinition): Read<Record<string, string | undefined>> {
  const definitions = Object.entries(headers);
  return (request) => {
    const entries = definitions.map(([name, { schema, problem = 'invalid_field' }]) => {
      const parsed = schema.safeParse(request.headers[name]);
      if (parsed.success) return [name, parsed.data];
      const problems = parsed.error.issues.map(({ message }) => ({ field: name, message }));
      throw new DomainError(problem, undefined, { problems });
    });
    return Object.fromEntries(entries);
  };
}

function bodyReader(definition: RouteDefinition): Read<unknown> {
  const { body, rawBody } = definition;
  if (rawBody) return bodyOf;
  if (body) return (request) => parseBody(request, body);
  const schema = optionalBodyOf(definition);
  return schema === null ? () => undefined : (request) => parseOptionalBody(request, schema);
}

function sender({ answers }: RouteDefinition): (reply: FastifyReply, answer: RouteAnswer) => FastifyReply {
  const media = new Map(Object.entries(answers).map(([status, answer]) => [Number(status), mediaOf(answer)]));
  return (reply, { status, body, headers }) => {
    reply.code(status).headers(headers ?? NOTHING);
    const type = media.get(status);
    if (type !== undefined) return reply.type(type).send(body);
    return body instanceof JsonText ? reply.type(JSON_TYPE).send(body.text) : reply.send(body);
  };
}

const JSON_TYPE = 'application/json; charset=utf-8';

function mediaOf(answer: RouteDefinition['answers'][number] | undefined): string | undefined {
  return answer && 'media' in answer ? answer.media : undefined;
}
