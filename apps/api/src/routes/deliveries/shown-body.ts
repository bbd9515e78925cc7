import { repairText } from '@hooklane/domain';
import { z } from 'zod';

/** A body as it is shown. Named ones are of the answer that holds it. */
export const shownBody = {
  body: z.string().describe('As text. Where it is not UTF-8 the rest of it is replaced: then `body_base64` is exact.'),
  body_base64: z.string().nullable().describe('The exact bytes, where they are not UTF-8 text; otherwise null.'),
  size_bytes: z.int(),
};

export function showBody(bytes: Buffer): { body: string; body_base64: string | null; size_bytes: number } {
  const text = bytes.toString('utf8');
  const isExact = Buffer.from(text, 'utf8').equals(bytes);
  return {
    body: isExact ? text : repairText(bytes),
    body_base64: isExact ? null : bytes.toString('base64'),
    size_bytes: bytes.length,
  };
}
