import type { Page, PageRequest } from '@hooklane/engine';
import { z } from 'zod';

/** The query fields of every list. */
export const pageQuery = {
  limit: wholeNumber(1, 100).default(50),
  cursor: z.string().min(1).max(1024).optional(),
};

export function pageRequestOf(query: { limit: number; cursor?: string | undefined }): PageRequest {
  return { limit: query.limit, cursor: query.cursor ?? null };
}

export function presentPage<T, W>(page: Page<T>, present: (item: T) => W): { data: W[]; next_cursor: string | null } {
  return { data: page.data.map((item) => present(item)), next_cursor: page.nextCursor };
}

function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected a number from ${min} to ${max}`);
}
