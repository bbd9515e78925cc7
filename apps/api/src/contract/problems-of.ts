import type { ErrorCode } from '@hooklane/domain';
import { z } from 'zod';
import { emptyBody, emptyQuery } from './fields.ts';
import type { RouteDefinition } from './route.ts';
import { namesIn } from './route.ts';

/** Every problem a route may answer with: what its access, path, query, headers and body bring along, and its own. */
export function problemsOf(definition: RouteDefinition): ErrorCode[] {
  const codes = [
    ...ofAccess(definition),
    ...ofPath(definition),
    ...ofFields(queryOf(definition)),
    ...ofHeaders(definition),
    ...ofBody(definition),
    ...(definition.problems ?? []),
  ];
  return [...new Set(codes)];
}

/** Refused before it is known which route is meant, or whatever route it is: documented once, not with each. */
export const PROTOCOL_PROBLEMS: readonly ErrorCode[] = [
  'malformed_request',
  'headers_too_large',
  'request_timeout',
  'expectation_failed',
  'route_not_found',
  'method_not_allowed',
];

/** What a query is checked against; null: it is not looked at. */
export function queryOf({ access, query }: RouteDefinition): z.ZodType | null {
  return query ?? (access === 'open' ? null : emptyQuery);
}

/** The schema of a body that may be left out; null: there is none, or it must be there. */
export function optionalBodyOf({ method, body, optionalBody, rawBody }: RouteDefinition): z.ZodType | null {
  if (body || rawBody) return null;
  return optionalBody ?? (method === 'POST' ? emptyBody : null);
}

function ofAccess({ access }: RouteDefinition): ErrorCode[] {
  if (access === 'open') return [];
  const limited: ErrorCode[] = access === 'operator' ? [] : ['rate_limited'];
  return ['unauthenticated', 'forbidden', ...limited, 'internal', 'overloaded', 'unavailable'];
}

function ofPath({ path }: RouteDefinition): ErrorCode[] {
  const ofWebhooks: ErrorCode[] = path.includes('/webhooks') ? ['newer_version'] : [];
  return [...(namesIn(path).length > 0 ? (['not_found'] as const) : []), ...ofWebhooks];
}

function ofFields(schema: z.ZodType | null): ErrorCode[] {
  if (schema === null) return [];
  const takesNone = schema instanceof z.ZodObject && Object.keys(schema.shape).length === 0;
  return takesNone ? ['unknown_field'] : ['unknown_field', 'invalid_field'];
}

function ofHeaders({ headers = {} }: RouteDefinition): ErrorCode[] {
  return Object.values(headers).map(({ problem }) => problem ?? 'invalid_field');
}

function ofBody(definition: RouteDefinition): ErrorCode[] {
  // The server reads a body, if there is one, before it knows that nobody wants it.
  const received: ErrorCode[] = definition.method === 'GET' ? [] : ['body_too_large', 'unsupported_media_type'];
  const schema = definition.body ?? definition.rawBody?.schema ?? optionalBodyOf(definition);
  return schema === null ? received : [...received, 'malformed_json', 'payload_too_deep', ...ofFields(schema)];
}
