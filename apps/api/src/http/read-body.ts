import { DomainError, scanJson } from '@hooklane/domain';
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

export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refusalOf(parsed.error);
  return parsed.data;
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
