// Preloaded into API and worker by `--profile`: keeps a CPU profile from the start, and writes it on SIGUSR2 for Chrome's or
// speedscope's flame graphs. Plain JavaScript: it runs before anything is installed in that process.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { dirname } from 'node:path';
import process from 'node:process';

const { BENCH_PROFILE: file = '' } = process.env;
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 500 });
await session.post('Profiler.start');

process.once('SIGUSR2', async () => {
  const { profile } = await session.post('Profiler.stop');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, JSON.stringify(profile));
  // Whoever waits for it finds it whole.
  renameSync(`${file}.part`, file);
});
