import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tell } from './tell.ts';

export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

const run = promisify(execFile);
const home = fileURLToPath(new URL('../../node_modules/.cache/promtool/', import.meta.url));
const installed: PrometheusPrograms = { prometheus: 'prometheus', promtool: 'promtool' };

/**
 * Where Prometheus and its tool are: on PATH, or unpacked from Debian's package `prometheus`, which is not installed. Null where
 * they cannot be had, after saying so: whoever tests with them is to be skipped by that name, and not to pass.
 */
export async function findPrometheus(): Promise<PrometheusPrograms | null> {
  if ((await works(installed.prometheus)) && (await works(installed.promtool))) return installed;
  const unpacked = { prometheus: join(home, 'usr/bin/prometheus'), promtool: join(home, 'usr/bin/promtool') };
  if (existsSync(unpacked.prometheus) && existsSync(unpacked.promtool)) return unpacked;
  try {
    await unpackPackage();
    return unpacked;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : 'unknown').split('\n');
    tell(`LEFT OUT: ${LEFT_OUT} (${reason})`);
    return null;
  }
}

/** Why a test was skipped. */
export const LEFT_OUT =
  'the tests of the alerts need Prometheus on PATH, or apt-get (Debian: apt-get install prometheus)';

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
