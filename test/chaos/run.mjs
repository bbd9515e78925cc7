// `npm run chaos`, on a machine that has only Node and npm: sets up what is missing, then plays the run. Plain JavaScript:
// it runs before anything is installed.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';
import { build, install, root, SetupError } from '../../apps/standalone/setup.mjs';
import { installRedis } from '../support/install-redis.mjs';

async function main(args) {
  // With --json, standard output belongs to the result.
  const say = console.error;
  await install(say);
  await build(say);
  if (!args.includes('--no-redis')) installRedis();
  return play(args);
}

function play(args) {
  const script = ['--conditions=source', '--import', 'tsx', 'test/chaos/main.ts'];
  const child = spawn(process.execPath, [...script, ...args], { cwd: root, stdio: 'inherit' });
  // A terminal sends these to the run itself too.
  const shared = process.stdin.isTTY === true;
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => shared || child.kill(signal));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

try {
  const args = process.argv.slice(2);
  process.exitCode = await main(args[0] === '--' ? args.slice(1) : args);
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}
