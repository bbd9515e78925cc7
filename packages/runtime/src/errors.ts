/** A bug of ours: something that cannot happen has happened. Never caught to be handled, only to be logged. */
export class InvariantError extends Error {
  override readonly name: string = 'InvariantError';
}

/** More work is waiting than may be held in memory; the caller may come again later (HTTP 503 or 429). */
export class OverloadedError extends Error {
  override readonly name: string = 'OverloadedError';
}

/** Something did not end within its deadline. Whether its work was done is not known. */
export class TimeoutError extends Error {
  override readonly name: string = 'TimeoutError';
}

/** Throws an InvariantError with `message` unless `condition` holds. The message must not contain tenant data. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The last branch of an exhaustive switch: does not compile while a case is missing, throws if one slips in at run time. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value: ${tagOf(value)}`);
}

/** Only a short tag is quoted: an object or a long string may be a payload or a secret. */
function tagOf(value: unknown): string {
  return typeof value === 'string' && value.length <= 40 ? JSON.stringify(value) : `(${typeof value})`;
}
