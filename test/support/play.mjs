// Runs one of the long runs (chaos, bench) on a machine that has only Node and npm: sets up what is missing, then plays it.
// Plain JavaScript: it runs before anything is installed.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';
import { build, install, root, SetupError } from '../../apps/standalone/setup.mjs';
import { installRedis } from './install-redis.mjs';

/** Sets the exit code of this process to that of the script. */
export async function play(script, needsRedis = () => true) {
  try {
    const given = process.argv.slice(2);
    const args = given[0] === '--' ? given.slice(1) : given;
    // With --json, standard output belongs to the result.
    const say = console.error;
    await install(say);
    await build(say);
    if (needsRedis(args)) installRedis();
    process.exitCode = await run(script, args);
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 1;
  }
}

function run(script, args) {
  const node = ['--conditions=source', '--import', 'tsx', script];
  const child = spawn(process.execPath, [...node, ...args], { cwd: root, stdio: 'inherit' });
  // A terminal sends these to the run itself too.
  const shared = process.stdin.isTTY === true;
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => shared || child.kill(signal));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
