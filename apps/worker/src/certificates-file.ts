import { readFileSync } from 'node:fs';
import { readCertificates } from '@hooklane/domain';
import type { EnvSchema } from '@hooklane/runtime';
import { z } from 'zod';

/** The path of a file of certificates → what is in it. Read with the other settings, so that no start fails half way. */
export function certificatesFile(): EnvSchema<string> {
  return z.string().transform((path, context) => {
    const text = read(path);
    const verdict = text === null ? UNREADABLE : readCertificates(text, { ...LIMITS, nowMs: Date.now() });
    if (verdict.ok) return verdict.pem;
    context.addIssue({ code: 'custom', message: `expected a file of certificates in PEM: it ${verdict.problem}` });
    return z.NEVER;
  });
}

/** As large as the bundle of a distribution. */
const LIMITS = { chars: 1024 * 1024, certificates: 1_000 };
const UNREADABLE = { ok: false, problem: 'cannot be read' } as const;

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
