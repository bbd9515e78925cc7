import { describeError } from './describe-error.ts';

export const REDACTED = '[redacted]';

/** `headers` goes as a whole: webhooks carry headers of the tenant's choice, and their names tell nothing. */
export const SENSITIVE_KEYS = ['authorization', 'cookie', 'secret', 'secrets', 'password', 'signature', 'headers'];

/**
 * The record with the sensitive keys of its objects replaced, one level down, and its errors described. Returns the same
 * object when there is nothing to do, which is nearly always. By hand, because pino's wildcard paths (`*.secret`) cost
 * seven times as much per line as the line itself.
 */
export function redactRecord(record: Record<string, unknown>): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (typeof value !== 'object' || value === null) continue;
    const safe = redactObject(value);
    if (safe === value) continue;
    copy ??= { ...record };
    copy[key] = safe;
  }
  return copy ?? record;
}

/** An error under any key: as a plain object it would be printed with all its enumerable fields. */
function redactObject(value: object): object {
  if (value instanceof Error) return describeError(value);
  const found = SENSITIVE_KEYS.filter((key) => Object.hasOwn(value, key));
  if (found.length === 0) return value;
  return { ...value, ...Object.fromEntries(found.map((key) => [key, REDACTED])) };
}
