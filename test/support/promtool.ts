import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const home = fileURLToPath(new URL('../../node_modules/.cache/promtool/', import.meta.url));

/**
 * Where `promtool` is: on PATH, or unpacked from Debian's package `prometheus`, which is not installed. Throws where it cannot be
 * had, with what to do.
 */
export async function findPromtool(): Promise<string> {
  if (await works('promtool')) return 'promtool';
  const unpacked = join(home, 'usr/bin/promtool');
  if (existsSync(unpacked)) return unpacked;
  try {
    await unpackPackage();
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new Error(`The tests of the alerts need promtool on PATH (Debian: apt-get install prometheus): ${reason}`);
  }
  return unpacked;
}

async function works(command: string): Promise<boolean> {
  return run(command, ['--version']).then(
    () => true,
    () => false,
  );
}

/** Another run may unpack at the same time; then both unpack the same. */
async function unpackPackage(): Promise<void> {
  const folder = join(home, `download-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    const download = () => run('apt-get', ['download', '-qq', 'prometheus'], { cwd: folder });
    await download().catch(async () => {
      await run('apt-get', ['update', '-qq']);
      await download();
    });
    const [file = ''] = await readdir(folder);
    await run('dpkg-deb', ['--extract', join(folder, file), home]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
