export interface ErrorDescription {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: ErrorDescription;
  /** Of an AggregateError: Node reports a refused connection as one with an empty message. */
  errors?: ErrorDescription[];
}

/** Causes deeper than this are cut off: an error may be its own cause. */
const MAX_DEPTH = 5;
/** A failed batch may carry one error per item. */
const MAX_ERRORS = 5;

/**
 * What a log may say of an error. Named fields only: database and HTTP clients hang statements, parameters, request
 * bodies and headers on their errors as enumerable fields, and those are tenants' data.
 */
export function describeError(error: unknown): ErrorDescription {
  return describe(error, MAX_DEPTH);
}

function describe(error: unknown, depth: number): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: textOf(error) };
  const isTelling = !quotesParameters(error);
  return {
    type: error.name,
    message: isTelling ? error.message : 'a query failed',
    ...codeOf(error),
    ...(error.stack === undefined || !isTelling ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth === 0 ? {} : { cause: describe(error.cause, depth - 1) }),
    ...(error instanceof AggregateError && depth > 0 ? { errors: describeSome(error.errors, depth - 1) } : {}),
  };
}

/** drizzle puts the statement's parameters into the message, and so into the stack; its cause says what went wrong. */
function quotesParameters(error: Error): boolean {
  return 'query' in error && 'params' in error;
}

/** Of a thrown object nothing is printed: it may be anything, a request too. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'a thrown object' : String(value);
}

function codeOf(error: Error): { code?: string } {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {};
}

function describeSome(errors: readonly unknown[], depth: number): ErrorDescription[] {
  return errors.slice(0, MAX_ERRORS).map((error) => describe(error, depth));
}
