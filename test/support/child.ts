import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { until } from './until.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  /** What it wrote so far, standard output and error together. */
  readonly lines: readonly string[];
  /** Settles when it has ended and all it wrote was read; never rejects. */
  readonly exited: Promise<Exit>;
  isRunning(): boolean;
  /** Sends the signal (default SIGTERM) and waits for the end. After the end it sends nothing. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
  /** The first line, past or future, that matches. Default 10 s. Throws, with what was written, when it ends before. */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
}

export interface ChildOptions extends Pick<SpawnOptions, 'cwd'> {
  readonly command: string;
  readonly args: readonly string[];
  /** Nothing of our own environment but PATH is passed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process whose output is read line by line, and which is ended by its own process id. */
export function startChild({ command, args, cwd, env }: ChildOptions): Child {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', (line) => lines.push(line));
  const exited = exitOf(child);
  const isRunning = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? -1,
    lines,
    exited,
    isRunning,
    kill: (signal = 'SIGTERM') => {
      if (isRunning()) child.kill(signal);
      return exited;
    },
    waitForLine: (pattern, timeoutMs = 10_000) => {
      const look = () => firstMatch(lines, pattern) ?? (isRunning() ? undefined : endedTooSoon(pattern, lines));
      return until(look, { timeoutMs, what: `a line matching ${pattern} from ${command} ${args.join(' ')}` });
    },
  };
}

/** SIGTERM, and SIGKILL when it has not ended within 5 s. */
export async function endChild(child: Child): Promise<void> {
  const forced = setTimeout(() => void child.kill('SIGKILL'), 5_000);
  await child.kill('SIGTERM');
  clearTimeout(forced);
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function firstMatch(lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const line of lines) {
    const match = pattern.exec(line);
    if (match !== null) return match;
  }
  return undefined;
}

function endedTooSoon(pattern: RegExp, lines: readonly string[]): never {
  throw new Error(`It ended before it wrote a line matching ${pattern}:\n${lines.slice(-30).join('\n')}`);
}
