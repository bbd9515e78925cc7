import { DomainError } from '@hooklane/domain';
import type { Page, PageRequest } from '@hooklane/engine';

type Key = Array<string | number>;

/** Rows after the cursor's, in the order of their keys. */
export function pageOf<T>(
  rows: readonly T[],
  { limit, cursor }: PageRequest,
  { keyOf, direction }: { keyOf: (row: T) => Key; direction: 'asc' | 'desc' },
): Page<T> {
  const sign = direction === 'asc' ? 1 : -1;
  const sorted = rows.toSorted((a, b) => sign * compare(keyOf(a), keyOf(b)));
  const after = cursor === null ? null : parse(cursor, rows[0] && keyOf(rows[0]));
  const rest = after === null ? sorted : sorted.filter((row) => sign * compare(keyOf(row), after) > 0);
  const data = rest.slice(0, limit);
  const last = data.at(-1);
  const nextCursor = rest.length > limit && last !== undefined ? write(keyOf(last)) : null;
  return { data, nextCursor };
}

function compare(a: Key, b: Key): number {
  for (const [n, part] of a.entries()) {
    const other = b[n] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

function write(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function parse(cursor: string, like: Key | undefined): Key {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new DomainError('invalid_cursor');
  }
  const shape = (parts: Key) => parts.map((part) => typeof part).join();
  if (!Array.isArray(key) || (like !== undefined && shape(key) !== shape(like)))
    throw new DomainError('invalid_cursor');
  return key;
}
