import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.ts';
import { PrivatePostgresError } from './private-postgres-error.ts';
import type { RunAs } from './run-as.ts';
import { canReach } from './run-as.ts';

const run = promisify(execFile);

/** The one role and the one database of a private Postgres. */
export const ownName = 'hooklane';

export interface ClusterPlace {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs | undefined;
}

/**
 * Makes the data folder on first use.
 * @returns the password of the superuser, random and kept in the data folder.
 */
export async function openCluster(place: ClusterPlace): Promise<string> {
  const content = await readdir(place.dataDir).catch(() => []);
  if (content.length === 0) await createCluster(place);
  else await refuseForeign(place);
  return readFile(join(place.dataDir, passwordFile), 'utf8');
}

const passwordFile = 'hooklane-password';

async function refuseForeign({ dataDir, binaries }: ClusterPlace): Promise<void> {
  const read = (name: string) => readFile(join(dataDir, name), 'utf8').catch(() => '');
  const [version, password] = await Promise.all([read('PG_VERSION'), read(passwordFile)]);
  if (password === '') throw new PrivatePostgresError(`${dataDir} is not empty and not ours: choose another folder.`);
  if (version.trim() !== binaries.major) {
    throw new PrivatePostgresError(
      `${dataDir} was written by Postgres ${version.trim()}, this is ${binaries.major}: dump it with the old one, or choose another folder.`,
    );
  }
}

async function createCluster(place: ClusterPlace): Promise<void> {
  const parent = dirname(place.dataDir);
  await mkdir(parent, { recursive: true, mode: 0o755 });
  if (!(await canReach(parent, place.runAs))) {
    throw new PrivatePostgresError(
      `User "${place.runAs?.name}", as whom Postgres must run here, cannot reach ${parent}: choose another folder.`,
    );
  }
  // A half-made cluster looks like a whole one, so it gets its name only when it is done.
  const aside = await mkdtemp(`${place.dataDir}.new-`);
  try {
    await initialise(aside, place);
    await rename(join(aside, 'data'), place.dataDir);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function initialise(aside: string, { binaries, runAs }: ClusterPlace): Promise<void> {
  const secret = join(aside, passwordFile);
  const data = join(aside, 'data');
  // Hex needs no escaping in a URL.
  await writeFile(secret, randomBytes(24).toString('hex'), { mode: 0o600 });
  if (runAs !== undefined) await Promise.all([aside, secret].map((path) => chown(path, runAs.uid, runAs.gid)));
  const options = ['-D', data, `--username=${ownName}`, `--pwfile=${secret}`, '--auth=scram-sha-256'];
  const locale = ['--encoding=UTF8', '--locale=C', '--lc-messages=C', '--no-instructions'];
  await run(binaries.initdb, [...options, ...locale], { ...identity(runAs), cwd: aside, env: cleanEnvironment }).catch(
    (cause: { stderr?: string }) => {
      throw new PrivatePostgresError(`initdb failed: ${cause.stderr?.trim() ?? String(cause)}`, { cause });
    },
  );
  await rename(secret, join(data, passwordFile));
}

export function identity(runAs: RunAs | undefined): { uid?: number; gid?: number } {
  return runAs === undefined ? {} : { uid: runAs.uid, gid: runAs.gid };
}

/** Nothing of ours: it may hold secrets, and PG* variables would change what Postgres does. */
export const cleanEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' };
