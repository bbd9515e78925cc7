// A Postgres on a disk of its own that can be filled: run it by `unshare --mount`, so that nobody else sees the disk.
// `node small-disk-postgres.ts <folder> <size>` mounts, starts and says its URL; SIGUSR2 fills the disk, SIGHUP frees it.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { startPrivatePostgres } from '@hooklane/standalone';

const [folder = '', size = ''] = process.argv.slice(2);
execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=1777`, 'tmpfs', folder]);
const filler = join(folder, 'filler');

process.on('SIGUSR2', () => {
  fill();
  process.stdout.write('disk is full\n');
});
process.on('SIGHUP', () => {
  rmSync(filler, { force: true });
  process.stdout.write('disk is free\n');
});

const dataDir = join(folder, 'data');
let postgres = await startPrivatePostgres({ dataDir });
process.stdout.write(`postgres at ${postgres.url}\n`);
process.on('SIGTERM', async () => {
  await postgres.stop();
  process.exit(0);
});

// One that ends because it could not write is started again, as a supervisor does.
for (;;) {
  await postgres.exited;
  postgres = await startPrivatePostgres({ dataDir, port: postgres.port }).catch(() => postgres);
}

function fill(): void {
  const file = openSync(filler, 'w');
  const piece = Buffer.alloc(1024 * 1024);
  try {
    for (;;) writeSync(file, piece);
  } catch {
    fillTheRest(file);
  } finally {
    closeSync(file);
  }
}

function fillTheRest(file: number): void {
  const page = Buffer.alloc(4096);
  try {
    for (;;) writeSync(file, page);
  } catch {
    // Full to the last page.
  }
}
