import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from './child.ts';
import { endChild, startChild } from './child.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface ProcessOptions {
  /** A folder such as `apps/api`: its built `dist/main.js` is run. Or a script, absolute or relative to the root of the repository. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** All that it sees of an environment, besides PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** It counts as started when it has written such a line. */
  readonly readyLine: RegExp;
  /** Default 20,000. */
  readonly timeoutMs?: number;
}

export interface StartedProcess extends Child, AsyncDisposable {
  /** What the pattern `readyLine` captured: a port, say. */
  readonly ready: RegExpExecArray;
}

/** Runs one of the apps as in production: node on the built file, with no npm between, so that signals reach it. */
export async function startProcess(options: ProcessOptions): Promise<StartedProcess> {
  const { entry, args = [], env = {}, readyLine, timeoutMs = 20_000 } = options;
  const child = startChild({ command: process.execPath, args: [scriptOf(entry), ...args], cwd: root, env });
  try {
    const ready = await child.waitForLine(readyLine, timeoutMs);
    return { ...child, ready, [Symbol.asyncDispose]: () => endChild(child) };
  } catch (error) {
    await endChild(child);
    throw error;
  }
}

function scriptOf(entry: string): string {
  return /\.m?js$/.test(entry) ? entry : join(entry, 'dist', 'main.js');
}
