import type { asId, IdPrefix } from '@hooklane/domain';
import { DomainError, isOrgSlug, parseId, scanJson } from '@hooklane/domain';
import { found } from '@hooklane/engine';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { refusalOf, unknownField } from './zod-problems.ts';

/** No body but an event's payload has a reason to be nested deeper. */
const BODY_DEPTH = 32;

/** The body by its schema. Before it is parsed it is known to be UTF-8, JSON and not deep enough to hurt. */
export function parseBody<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  return parse(schema, readJson(bodyOf(request)));
}

/** The same where the body may be left out, which is as good as `{}`. */
export function parseOptionalBody<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  const bytes = bodyOf(request);
  return parse(schema, bytes.length === 0 ? {} : readJson(bytes));
}

export function parseQuery<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  return parse(schema, request.query);
}

export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refusalOf(parsed.error);
  return parsed.data;
}

/** A parameter of the path. */
export function param(request: FastifyRequest, name: string): string {
  // The router makes them: one string for every name in the pattern of the route.
  return (request.params as Readonly<Record<string, string>>)[name] ?? '';
}

/** An id of the path. What is no id names nothing, exactly like an id that does not exist. */
export function paramId<P extends IdPrefix>(
  request: FastifyRequest,
  name: string,
  prefix: P,
): ReturnType<typeof asId<P>> {
  return found(parseId(prefix, param(request, name)));
}

/** The org in the path. What is no slug names none, and is not put before the store, which may not even take it. */
export function paramSlug(request: FastifyRequest): string {
  const slug = param(request, 'org');
  return found(isOrgSlug(slug) ? slug : null);
}

/** The bytes of the body as they came; empty when there is none. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : NO_BYTES;
}

/**
 * `__proto__` is the one name that schemas of free-form objects (headers, filters, attributes) would drop without a
 * word; here it is refused like every other unknown field.
 */
export function refuseProtoKeys(text: string, value: unknown): void {
  if (!text.includes('__proto__') && !text.includes('\\u')) return;
  const path = protoPathIn(value, []);
  if (path !== null) throw unknownField(path.join('.'));
}

const NO_BYTES = Buffer.alloc(0);

function readJson(bytes: Buffer): unknown {
  const scan = scanJson(bytes, { maxDepth: BODY_DEPTH });
  if (!scan.ok) throw new DomainError(scan.code, scan.message);
  const text = bytes.toString('utf8');
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DomainError('malformed_json', 'The body is JSON, but not an object.');
  }
  refuseProtoKeys(text, value);
  return value;
}

function protoPathIn(value: unknown, path: readonly string[]): readonly string[] | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const found = key === '__proto__' ? [...path, key] : protoPathIn(member, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}
