/** One thing wrong with what was sent. */
export interface FieldError {
  /** Where, as in the request: `failure_policy.retry.kind`. */
  field: string;
  message: string;
}

/** The API answered, and the answer was no. */
export class HooklaneError extends Error {
  override readonly name = 'HooklaneError';
  /** HTTP status of the last answer. */
  readonly status: number;
  /** Stable and documented; `http_502` and the like when something in front of the API answered. */
  readonly code: string;
  readonly detail: string | undefined;
  /** Empty unless single fields were refused. */
  readonly errors: readonly FieldError[];
  /** Quote it when you report a problem: the API's log has it. */
  readonly requestId: string | undefined;

  constructor(call: CallName, refusal: Refusal) {
    super(`${nameOf(call)}: ${refusal.status} ${refusal.code}${refusal.detail ? `: ${refusal.detail}` : ''}`);
    this.status = refusal.status;
    this.code = refusal.code;
    this.detail = refusal.detail;
    this.errors = refusal.errors;
    this.requestId = refusal.requestId;
  }
}

/**
 * No answer could be had: the network failed, or the time was up. Whether the call took effect is not known.
 * The error of the HTTP library is not kept as `cause`: it holds the API key and the payload.
 */
export class HooklaneConnectionError extends Error {
  override readonly name = 'HooklaneConnectionError';
  /** Of the system: `ETIMEDOUT`, `ECONNREFUSED`, `ENOTFOUND` …; `ERR_ABORTED` when the client was closed. */
  readonly code: string;

  constructor(call: CallName, failure: { code: string; reason: string }) {
    super(`${nameOf(call)}: ${failure.code}: ${failure.reason}`);
    this.code = failure.code;
  }
}

/** Which call it was; the query is left out, it may hold what people search for. */
export interface CallName {
  method: string;
  path: string;
}

/** What an answer that is not a success says. */
export interface Refusal {
  status: number;
  code: string;
  detail: string | undefined;
  errors: readonly FieldError[];
  requestId: string | undefined;
}

/** An answer as it came. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

/** Reads an RFC 9457 problem. Of anything else (a proxy's page) nothing but the status is taken. */
export function refusalOf(answer: Answer): Refusal {
  const problem = problemIn(answer.text);
  return {
    status: answer.status,
    code: text(problem['code']) ?? `http_${answer.status}`,
    detail: text(problem['detail']) ?? text(problem['title']),
    errors: Array.isArray(problem['errors']) ? problem['errors'].filter(isFieldError) : [],
    requestId: text(answer.headers['x-request-id']) ?? text(problem['request_id']),
  };
}

function nameOf(call: CallName): string {
  return `${call.method} ${call.path}`;
}

function problemIn(body: string): Record<string, unknown> {
  try {
    const problem: unknown = JSON.parse(body);
    return isRecord(problem) ? problem : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && typeof value['field'] === 'string' && typeof value['message'] === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
