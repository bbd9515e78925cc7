import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { root } from './lock-file.ts';

/** `skipped`: nobody could be asked, which says nothing about us. */
export type Verdict =
  | { kind: 'skipped'; why: string }
  /** `worst`: a line for each that is high or critical. */
  | { kind: 'judged'; known: Record<string, number>; bad: number; worst: string[] };

/** pnpm's answer, of which no more is read. */
const answer = z.union([
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
  z.object({
    metadata: z.object({ vulnerabilities: z.record(z.string(), z.number()) }),
    advisories: z
      .record(
        z.string(),
        z.object({ module_name: z.string(), severity: z.string(), title: z.string(), url: z.string() }),
      )
      .default({}),
  }),
]);

/** From these on nobody should start what we ship. */
const BAD = ['high', 'critical'];

export async function audit(packageManager: string): Promise<Verdict> {
  return judge(await ask(['--yes', packageManager, 'audit', '--prod', '--json']));
}

export function judge(text: string): Verdict {
  const read = answer.safeParse(parsed(text));
  if (!read.success) return { kind: 'skipped', why: 'the registry gave no answer that could be read' };
  if ('error' in read.data)
    return { kind: 'skipped', why: `${read.data.error.code}: ${read.data.error.message}`.trim() };
  const known = read.data.metadata.vulnerabilities;
  const worst = Object.values(read.data.advisories)
    .filter(({ severity }) => BAD.includes(severity))
    .map(({ module_name, severity, title, url }) => `${module_name}: ${severity}, ${title} (${url})`);
  return { kind: 'judged', known, bad: BAD.reduce((sum, severity) => sum + (known[severity] ?? 0), 0), worst };
}

/** A registry that cannot be asked must not stop every build; before a release it must (`strict`). */
export function passes(verdict: Verdict, { strict }: { strict: boolean }): boolean {
  return verdict.kind === 'skipped' ? !strict : verdict.bad === 0;
}

/** Its exit code says whether there is anything, however harmless; the text says what. */
async function ask(args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)('npx', args, { cwd: root, timeout: 60_000 })).stdout;
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  }
}

/** npm may say something of its own before. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf('{')));
  } catch {
    return null;
  }
}
