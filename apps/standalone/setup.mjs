// What `npm start` and `npm run demo` begin with on a machine that has only Node and npm. Plain JavaScript without dependencies.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const programs = { start: 'main.js', demo: join('demo', 'main.js') };
const usage = 'Usage: node apps/standalone/setup.mjs [install | build | start | demo] [arguments of the program]';

async function main([command = 'build', ...rest]) {
  const args = rest[0] === '--' ? rest.slice(1) : rest;
  // With --json, standard output belongs to the program.
  const say = args.includes('--json') ? console.error : console.log;
  if (!['install', 'build', ...Object.keys(programs)].includes(command)) {
    console.error(usage);
    return 2;
  }
  await install(say);
  if (command === 'install') return 0;
  await build(say);
  return command === 'build' ? 0 : runProgram(join(root, 'apps', 'standalone', 'dist', programs[command]), args);
}

/** Installs what the lock file names, unless that is done already. */
export async function install(say = console.log) {
  const { engines, packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  requireNode(engines.node.replace('>=', ''));
  const stamp = join(root, 'node_modules', '.hooklane-installed');
  const wanted = whatToInstall();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing dependencies (once, about a minute) …');
  await runQuietly('npx', ['--yes', packageManager, 'install', '--frozen-lockfile']);
  writeFileSync(stamp, wanted);
}

/** Compiles what has changed since the last time. */
export async function build(say = console.log, project = 'apps/standalone') {
  if (!existsSync(join(root, 'apps', 'standalone', 'dist'))) say('Building …');
  await runQuietly(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b', project]);
}

/** Something that cannot be set up, told to a person. */
export class SetupError extends Error {}

function requireNode(minimum) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = minimum.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(`Hooklane needs Node ${minimum} or later; this is ${process.versions.node}.`);
}

function whatToInstall() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Shows the output only of what fails. */
async function runQuietly(command, args) {
  const child = spawn(command, args, { cwd: root, env: toolEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await exitCodeOf(child);
  if (code !== 0) throw new SetupError(`${output}\n"${command} ${args.join(' ')}" failed with exit code ${code}.`);
}

function toolEnvironment() {
  // NODE_ENV=production would leave out the compiler. CI: pnpm may replace a foreign node_modules without asking.
  const { NODE_ENV: _, ...env } = process.env;
  return { ...env, CI: 'true', PATH: `${dirname(process.execPath)}${delimiter}${env.PATH ?? ''}` };
}

async function runProgram(script, args) {
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
  // A terminal sends these to the program itself too, which must not take one Ctrl-C for two.
  const shared = process.stdin.isTTY === true;
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => shared || child.kill(signal));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return exitCodeOf(child);
}

function exitCodeOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`${child.spawnfile} cannot be run: ${error.message}`)));
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
