import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { PrivatePostgresError } from './private-postgres-error.ts';

const run = promisify(execFile);

/** Another user than ourselves. */
export interface RunAs {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Postgres refuses to run as root, so root runs it as `postgres`, else `nobody`, else a user made for it.
 * @returns undefined where we are not root: then Postgres runs as ourselves.
 */
export async function chooseRunAs(): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const found = (await lookUp('postgres')) ?? (await lookUp('nobody')) ?? (await createUser('hooklane'));
  if (found === undefined) {
    throw new PrivatePostgresError(
      'Postgres does not run as root, and there is no other user to run it as: start as an ordinary user, or add one named "postgres".',
    );
  }
  return found;
}

/** Folders for temporary things that the user can get at, most wanted first. TMPDIR is often closed to others. */
export async function temporaryRoots(runAs: RunAs | undefined): Promise<string[]> {
  const candidates = [...new Set([tmpdir(), '/tmp', '/var/tmp'])];
  const reachable = await Promise.all(candidates.map((folder) => canReach(folder, runAs)));
  return candidates.filter((_, index) => reachable[index]);
}

/** Whether the user may pass through the folder and all above it. */
export async function canReach(folder: string, runAs: RunAs | undefined): Promise<boolean> {
  if (runAs === undefined) return true;
  const entry = await stat(folder).catch(() => undefined);
  if (entry === undefined) return false;
  const passes =
    (entry.mode & 0o001) !== 0 ||
    (entry.uid === runAs.uid && (entry.mode & 0o100) !== 0) ||
    (entry.gid === runAs.gid && (entry.mode & 0o010) !== 0);
  if (!passes) return false;
  const parent = dirname(folder);
  return parent === folder || canReach(parent, runAs);
}

async function lookUp(name: string): Promise<RunAs | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function createUser(name: string): Promise<RunAs | undefined> {
  const already = await lookUp(name);
  if (already !== undefined) return already;
  // Debian, Red Hat and others have useradd; Alpine has BusyBox's adduser.
  await run('useradd', ['--system', '--user-group', '--no-create-home', name])
    .catch(() => run('adduser', ['-S', '-D', '-H', name]))
    .catch(() => undefined);
  return lookUp(name);
}
