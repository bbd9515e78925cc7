import type { ErrorCode, Problem } from '@hooklane/domain';
import { DomainError, ERRORS } from '@hooklane/domain';
import { isConnectionError } from '@hooklane/postgres';
import { OverloadedError, TimeoutError } from '@hooklane/runtime';
import { seconds } from './rate-headers.ts';

/** The answer to a request that was not carried out (RFC 9457), before it knows which request. */
export interface Refusal {
  code: ErrorCode;
  status: number;
  /** Undefined for our own defects: what they say is for the log. */
  detail: string | undefined;
  problems: readonly Problem[];
  headers: Readonly<Record<string, string>>;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The one place where errors become answers. Whatever is not known to be the caller's is `internal`, untold. */
export function refusalFor(error: unknown): Refusal {
  if (error instanceof DomainError) return withRetryAfter(refusal(error.code, error.detail, error.problems), error);
  const { code, detail } = ofFramework(error) ?? ofInfrastructure(error) ?? { code: 'internal', detail: undefined };
  return refusal(code, detail);
}

/** `problem+json` as it goes out. */
export function problemBody(refusal: Refusal, requestId: string): string {
  return JSON.stringify({ ...problemOf(refusal), request_id: requestId });
}

/** What is to be said about it, whichever request it was. */
export function problemOf({ code, status, detail, problems }: Refusal) {
  return {
    type: `urn:hooklane:error:${code}`,
    title: ERRORS[code].title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(problems.length > 0 ? { errors: firstOf(problems) } : {}),
  };
}

/** A small body can be wrong in many thousand places; nobody reads them, and the answer would be far larger than it. */
const MOST_PROBLEMS = 50;

function firstOf(problems: readonly Problem[]): Problem[] {
  if (problems.length <= MOST_PROBLEMS) return [...problems];
  const shown = problems.slice(0, MOST_PROBLEMS - 1);
  return [...shown, { field: '', message: `And ${problems.length - shown.length} more.` }];
}

function refusal(code: ErrorCode, detail: string | undefined, problems: readonly Problem[] = []): Refusal {
  const shown = code === 'internal' ? undefined : detail;
  return { code, status: ERRORS[code].status, detail: shown, problems, headers: HEADERS[code] ?? {} };
}

function withRetryAfter(refused: Refusal, { retryAfterMs }: DomainError): Refusal {
  if (retryAfterMs === undefined) return refused;
  return { ...refused, headers: { ...refused.headers, 'retry-after': String(seconds(retryAfterMs)) } };
}

/** What belongs to a code besides its body. */
const HEADERS: Partial<Record<ErrorCode, Readonly<Record<string, string>>>> = {
  unauthenticated: { 'www-authenticate': 'Bearer realm="hooklane"' },
  overloaded: { 'retry-after': '1' },
  unavailable: { 'retry-after': '1' },
  schema_timeout: { 'retry-after': '10' },
  newer_version: { 'retry-after': '5' },
};

type Cause = { code: ErrorCode; detail: string };

const FRAMEWORK_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
};

/** Fastify marks what the sender of the request did wrong by a 4xx; a broken upload too. */
function ofFramework(error: unknown): Cause | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null;
  if (typeof error.statusCode !== 'number' || error.statusCode < 400 || error.statusCode > 499) return null;
  const code = ('code' in error && FRAMEWORK_CODES[String(error.code)]) || 'malformed_request';
  return { code, detail: ERRORS[code].title };
}

function ofInfrastructure(error: unknown): Cause | null {
  if (error instanceof OverloadedError) return { code: 'overloaded', detail: ERRORS.overloaded.title };
  const isAway = error instanceof TimeoutError || isConnectionError(error);
  return isAway ? { code: 'unavailable', detail: ERRORS.unavailable.title } : null;
}
