import type { Page, PageRequest } from '@hooklane/engine';
import { z } from 'zod';
import { wholeNumber } from './fields.ts';

/** The query fields of every list. */
export const pageQuery = {
  limit: wholeNumber(1, 100).default(50).describe('How many at most.'),
  cursor: z.string().min(1).max(1024).optional().describe('`next_cursor` of the page before, unchanged.'),
};

export function pageRequestOf(query: { limit: number; cursor?: string | undefined }): PageRequest {
  return { limit: query.limit, cursor: query.cursor ?? null };
}

/** The answer of a list. `name`: of the schema in the document, such as `WebhookPage`. */
export function pageOf<T extends z.ZodType>(name: string, item: T) {
  const schema = z.strictObject({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('Pass it back as `cursor` for the next page; null on the last one.'),
  });
  return schema.meta({ id: name, examples: [{ data: [exampleOf(item)], next_cursor: null }] });
}

export function presentPage<T, W>(page: Page<T>, present: (item: T) => W): { data: W[]; next_cursor: string | null } {
  return { data: page.data.map((item) => present(item)), next_cursor: page.nextCursor };
}

function exampleOf(item: z.ZodType): unknown {
  const [example] = (item.meta()?.['examples'] ?? []) as unknown[];
  return example;
}
