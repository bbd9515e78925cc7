/** One page of a list, by keyset: rows after a row, never "the n-th page". */
export interface PageRequest {
  /** 1 to 100. */
  limit: number;
  /** The `nextCursor` of the page before; opaque. Null: from the start. */
  cursor: string | null;
}

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}
