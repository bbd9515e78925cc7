import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** As it is installed: `hooklane`, and `npm run hooklane --` from the root. */
export const HOOKLANE = 'apps/cli/bin/hooklane.mjs';

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command line to its end. It sees nothing of an environment but this and PATH; `input`: all that is typed. */
export async function hooklane(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Ended> {
  const options = { cwd: ROOT, env: { PATH: process.env['PATH'], ...env }, timeout: 60_000 };
  try {
    const running = promisify(execFile)(process.execPath, [HOOKLANE, ...args], options);
    // It may end without having read anything.
    running.child.stdin?.on('error', () => {}).end(input);
    const { stdout, stderr } = await running;
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}
