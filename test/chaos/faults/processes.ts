import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Member } from '../fleet.ts';
import type { PlannedFault } from '../plan.ts';
import type { Injector, World } from './fault.ts';
import { NoEffectError, seen } from './fault.ts';

const run = promisify(execFile);

/** SIGKILL, and a new process after a while. */
export const kill: Injector = async (world, fault) => {
  const member = memberOf(world, fault);
  const { pid } = member;
  await member.kill();
  await seen(`process ${pid} to be gone`, async () => (await stateOf(pid)) === '');
  return { evidence: `pid ${pid} is gone`, lift: () => member.start() };
};

/** SIGSTOP and SIGCONT: unlike a dead process it keeps its connections, and comes back with what it knew. */
export const stop: Injector = async (world, fault) => {
  const member = memberOf(world, fault);
  await stopProcess(member.pid);
  return { evidence: `pid ${member.pid} is stopped`, lift: () => continueProcess(member.pid) };
};

export async function stopProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await seen(`process ${pid} to be stopped`, async () => (await stateOf(pid)).startsWith('T'));
}

export async function continueProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGCONT');
  await seen(`process ${pid} to go on`, async () => !(await stateOf(pid)).startsWith('T'));
}

const PRELOAD = fileURLToPath(new URL('../shifted-clock.mjs', import.meta.url));
const CLOCK_SHIFT_MS = 3_600_000;

/** Started again with a wall clock that is an hour ahead or behind; then again with the right one. */
export function clock(direction: (fault: PlannedFault) => 1 | -1): Injector {
  return async (world, fault) => {
    const member = memberOf(world, fault);
    const shiftMs = direction(fault) * CLOCK_SHIFT_MS;
    await member.kill();
    const { size } = await stat(member.logFile);
    await member.start({ preload: [PRELOAD], env: { CHAOS_CLOCK_SHIFT_MS: String(shiftMs) } });
    await seen('a line of the log with the wrong time', async () => isShifted(member, size, shiftMs));
    return {
      evidence: `its log says it is an hour ${shiftMs > 0 ? 'later' : 'earlier'}`,
      async lift() {
        await member.kill();
        await member.start();
      },
    };
  };
}

async function isShifted({ logFile }: Member, from: number, shiftMs: number): Promise<boolean> {
  const fresh = (await readFile(logFile)).subarray(from).toString();
  const [, time] = /"time":"([^"]+)"/.exec(fresh) ?? [];
  if (time === undefined) return false;
  const offMs = Date.parse(time) - Date.now() - shiftMs;
  if (Math.abs(offMs) > 60_000) throw new NoEffectError(`the process knows the right time: ${time}`);
  return true;
}

function memberOf({ members }: World, { target }: PlannedFault): Member {
  if (target === 'postgres' || target === 'redis') throw new TypeError(`${target} is no process of ours`);
  return members[target];
}

/** `R`, `S`, `T` …; empty when there is no such process, or only what nobody has reaped. */
async function stateOf(pid: number): Promise<string> {
  const state = process.platform === 'linux' ? await stateInProc(pid) : await stateByPs(pid);
  return state.startsWith('Z') ? '' : state;
}

async function stateInProc(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[0] ?? '';
}

async function stateByPs(pid: number): Promise<string> {
  const { stdout } = await run('ps', ['-o', 'state=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim();
}
