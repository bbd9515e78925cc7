import { chown, lstat, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { endOrphan } from './orphan.ts';
import { PrivatePostgresError } from './private-postgres-error.ts';
import { isAlive } from './process-table.ts';
import type { RunAs } from './run-as.ts';
import { temporaryRoots } from './run-as.ts';

export interface DataPlace {
  readonly dataDir: string;
  /** Called once the server is gone. */
  readonly release: () => Promise<void>;
}

/** The given folder, or the usual one of this user, is kept; a temporary one is removed on release. */
export async function chooseDataPlace(
  { dataDir, persistent = false }: { dataDir?: string | undefined; persistent?: boolean | undefined },
  runAs: RunAs | undefined,
): Promise<DataPlace> {
  if (dataDir !== undefined) return kept(dataDir);
  return persistent ? kept(usualDataDir(runAs)) : temporary(runAs);
}

async function kept(dataDir: string): Promise<DataPlace> {
  const wanted = resolve(dataDir);
  await mkdir(dirname(wanted), { recursive: true, mode: 0o755 });
  // One spelling of the path: an orphan is known by it.
  const real = await realpath(wanted).catch(async () => join(await realpath(dirname(wanted)), basename(wanted)));
  return { dataDir: real, release: async () => {} };
}

function usualDataDir(runAs: RunAs | undefined): string {
  // Root's home is closed to the user that Postgres then runs as.
  if (runAs !== undefined) return '/var/lib/hooklane/postgres';
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'hooklane', 'postgres');
}

const prefix = 'hooklane-postgres-data-';

async function temporary(runAs: RunAs | undefined): Promise<DataPlace> {
  const [root] = await temporaryRoots(runAs);
  if (root === undefined)
    throw new PrivatePostgresError(`User "${runAs?.name}" can reach no folder for temporary files.`);
  const realRoot = await realpath(root);
  await sweep(realRoot, runAs);
  // The name tells whose it is, so that the next start can remove it if we are killed.
  const folder = await mkdtemp(join(realRoot, `${prefix}${process.pid}-`));
  if (runAs !== undefined) await chown(folder, runAs.uid, runAs.gid);
  return { dataDir: join(folder, 'data'), release: () => rm(folder, { recursive: true, force: true }) };
}

/** Ends and removes what killed processes left behind. */
async function sweep(root: string, runAs: RunAs | undefined): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    // Somebody who starts at the same time may be sweeping too; what neither manages is left to the next start.
    await removeLeftover(join(root, name), runAs).catch(() => {});
  }
}

async function removeLeftover(folder: string, runAs: RunAs | undefined): Promise<void> {
  const { uid } = await lstat(folder);
  if (uid !== (runAs?.uid ?? process.getuid?.())) return;
  await endOrphan(join(folder, 'data'));
  await rm(folder, { recursive: true, force: true });
}
