import { DomainError } from '@hooklane/domain';
import type { Page } from '@hooklane/engine';
import type { ZodType } from 'zod';

/** What tells a row from its neighbours in the order of a list. */
export type PageKey = ReadonlyArray<string | number>;

/** The key of a page's last row, as text that callers pass back unread. */
export function writeCursor(key: PageKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Null stays null: the list begins at its start. Throws `invalid_cursor` for what {@link writeCursor} never wrote. */
export function readCursor<T>(schema: ZodType<T>, cursor: string | null): T | null {
  if (cursor === null) return null;
  const parsed = schema.safeParse(jsonOf(cursor));
  if (!parsed.success) throw new DomainError('invalid_cursor');
  return parsed.data;
}

/** A page out of rows of which one more than `limit` was asked for: that one says whether another page follows. */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  { keyOf, view }: { keyOf: (row: R) => PageKey; view: (row: R) => T },
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? writeCursor(keyOf(last)) : null;
  return { data: shown.map(view), nextCursor };
}

/**
 * A timestamp as whole microseconds since 1970, for keys. A `Date` has milliseconds only: a key made of one would skip
 * or repeat rows written within the same millisecond.
 */
export function microsOf(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000000)::float8`;
}

/** The timestamp behind {@link microsOf}; `parameter` is a placeholder such as `$3`. */
export function timestampOf(parameter: string): string {
  return `'epoch'::timestamptz + ${parameter}::float8 * interval '1 microsecond'`;
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
