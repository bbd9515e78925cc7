import { z } from 'zod';
import type { EnvSchema } from './env-schemas.ts';

/** A key that secrets are stored under. Its name is stored with each of them, so that keys can be replaced. */
export interface SealingKey {
  /** 1 to 16 letters, digits, `_` and `-`. */
  id: string;
  /** 32 bytes. */
  key: Buffer;
}

const EXPECTED = 'expected id:base64 of 32 bytes, separated by commas, each id once';

/** `2026a:q83v…=,2025:3q2+…=` → keys, the first of which seals; all of them open. */
export function sealingKeys(): EnvSchema<readonly [SealingKey, ...SealingKey[]]> {
  return z.string().transform((text, context) => {
    const keys = text.split(',').map((item) => parseKey(item.trim()));
    const [first, ...others] = keys.filter((key) => key !== null);
    const ids = new Set(keys.map((key) => key?.id));
    if (first !== undefined && others.length + 1 === keys.length && ids.size === keys.length) return [first, ...others];
    context.addIssue({ code: 'custom', message: EXPECTED });
    return z.NEVER;
  });
}

function parseKey(item: string): SealingKey | null {
  const [, id = '', encoded = ''] = /^([A-Za-z0-9_-]{1,16}):(.*)$/.exec(item) ?? [];
  const key = Buffer.from(encoded, 'base64');
  // Node ignores what is not base64: only what comes out as it went in is taken.
  return key.length === 32 && key.toString('base64') === encoded ? { id, key } : null;
}
