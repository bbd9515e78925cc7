import { z } from 'zod';

const TAG = '(?:W/)?"[\\x21\\x23-\\x7e]*"';
const IF_MATCH = new RegExp(`^(?:\\*|${TAG}(?:[ \\t]*,[ \\t]*${TAG})*)$`);

/** The header of requests that change a thing only if it is as its user saw it. */
export const ifMatch = {
  'if-match': {
    schema: z.string().max(1024).regex(IF_MATCH, 'must be *, or an ETag in its quotes').optional(),
    description: 'The `ETag` that was read: 412 where the webhook has changed since. Left out: changed as it is.',
  },
};

/** The header of an answer that shows a thing which can be changed. */
export const etagHeader = {
  etag: { schema: z.string(), description: 'Names this state of the webhook’s configuration. For `If-Match`.' },
};

export function etagOf({ version }: { version: number }): { etag: string } {
  return { etag: `"${version}"` };
}

/** The versions that `If-Match` allows; null: any. What is none of our tags, and what is weak, matches nothing (RFC 9110, 13.1.1). */
export function versionsIn({ 'if-match': text }: { 'if-match': string | undefined }): number[] | null {
  if (text === undefined || text === '*') return null;
  return [...text.matchAll(/(W\/)?"(\d{1,9})"/g)].flatMap(([, weak, version]) => (weak ? [] : [Number(version)]));
}
