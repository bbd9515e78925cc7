import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ProcessEntry {
  readonly parentPid: number;
  /** The program and its arguments, joined by blanks. */
  readonly command: string;
}

/** @returns undefined where there is no such process, or only what is left of one that nobody has reaped yet. */
export async function findProcess(pid: number): Promise<ProcessEntry | undefined> {
  // Slim images have no `ps`; other systems have no /proc.
  return process.platform === 'linux' ? readProc(pid) : askPs(pid);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @returns whether the process was gone in time. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while ((await findProcess(pid)) !== undefined) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

async function readProc(pid: number): Promise<ProcessEntry | undefined> {
  try {
    const [stat, commandLine] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    // The name in parentheses may itself contain blanks and parentheses.
    const [state, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    return { parentPid: Number(parentPid), command: commandLine.replaceAll('\0', ' ').trim() };
  } catch {
    return undefined;
  }
}

async function askPs(pid: number): Promise<ProcessEntry | undefined> {
  try {
    const { stdout } = await run('ps', ['-ww', '-o', 'stat=,ppid=,command=', '-p', String(pid)]);
    const [, state = '', parentPid, command = ''] = /^\s*(\S+)\s+(\d+)\s+(.*)$/m.exec(stdout) ?? [];
    return state === '' || state.startsWith('Z') ? undefined : { parentPid: Number(parentPid), command };
  } catch {
    return undefined;
  }
}
