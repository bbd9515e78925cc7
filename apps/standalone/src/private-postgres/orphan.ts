import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PrivatePostgresError } from './private-postgres-error.ts';
import type { ProcessEntry } from './process-table.ts';
import { findProcess, waitUntilGone } from './process-table.ts';
import { isServerOf, ownerOf } from './server-arguments.ts';

/**
 * Ends the server that still runs on a data folder because its owner was killed.
 * @throws PrivatePostgresError where its owner lives: the folder is in use.
 */
export async function endOrphan(dataDir: string): Promise<void> {
  const pid = await lockedBy(dataDir);
  if (pid === undefined) return;
  const entry = await findProcess(pid);
  if (entry !== undefined && isServerOf(entry.command, dataDir)) {
    refuseIfOwned(entry, dataDir);
    return end(pid);
  }
  // The process id was given to somebody else (usual after a restart of a container), or its process was never reaped:
  // Postgres takes either for a running server and would refuse to start for as long as it exists.
  await rm(lockFile(dataDir), { force: true });
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'postmaster.pid');
}

async function lockedBy(dataDir: string): Promise<number | undefined> {
  const content = await readFile(lockFile(dataDir), 'utf8').catch(() => '');
  const pid = Number.parseInt(content, 10);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

function refuseIfOwned({ command, parentPid }: ProcessEntry, dataDir: string): void {
  // An orphan has another parent: init, or whoever adopts orphans here.
  if (ownerOf(command) !== parentPid) return;
  throw new PrivatePostgresError(`${dataDir} is in use by process ${parentPid}: stop that one first.`);
}

async function end(pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (await waitUntilGone(pid, patienceMs)) return;
  }
  throw new PrivatePostgresError(`An old Postgres, process ${pid}, cannot be ended.`);
}
