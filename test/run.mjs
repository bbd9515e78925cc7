// `npm test`: everything that must hold, from a fresh clone. Plain JavaScript: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build, install, root, SetupError } from '../apps/standalone/setup.mjs';
import { installRedis } from './support/install-redis.mjs';

/** One of each kind; `npm run test:faults` runs the crash points, backlogs and clocks too. */
const SHORT_FAULTS = ['processes-killed', 'stores-away', 'redis-loses-data', 'boot-checks', 'payloads'].map(
  (name) => `test/faults/${name}`,
);

/** A minute, at a rate that leaves room on a machine which does other things too. `npm run chaos` by itself is stricter. */
const CHAOS = ['--seconds', '60', '--seed', '1', '--rate', '50', '--allow-busy', '--json'];

const stages = {
  lint: () => check('@biomejs/biome/bin/biome', 'ci', '.', ...(process.stdout.isTTY ? [] : ['--colors=off'])),
  types: () => check('typescript/bin/tsc', '-b'),
  // Says by itself when the registry could not be asked, and does not fail for that.
  supply: () => check('tsx/dist/cli.mjs', '--conditions=source', 'test/supply-chain/main.ts'),
  unit: () => vitest('unit'),
  integration: () => vitest('integration'),
  journeys: () => vitest('journeys'),
  faults: () => vitest('faults', SHORT_FAULTS),
  model: () => vitest('model'),
  chaos: () => asOne(runScript(join('test', 'chaos', 'run.mjs'), CHAOS)),
  'all-faults': () => vitest('faults'),
};
/** Postgres, Redis, and what was built of the apps. */
const onServices = ['integration', 'journeys', 'faults', 'model', 'all-faults', 'chaos'];
/** Asked for by `--only`: it takes many minutes. */
const onDemand = ['all-faults'];

async function main(args) {
  const selected = select(args);
  await prepare(selected);
  const total = { passed: 0, failed: 0 };
  for (const name of selected) {
    const { passed, failed } = run(name);
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}

function select([flag, names]) {
  if (flag === undefined) return Object.keys(stages).filter((name) => !onDemand.includes(name));
  const selected = names?.split(',') ?? [];
  if (flag === '--only' && selected.length > 0 && selected.every((name) => name in stages)) return selected;
  throw new SetupError(`Usage: npm test -- [--only ${Object.keys(stages).join(',')}]`);
}

async function prepare(selected) {
  await install();
  if (!onServices.some((name) => selected.includes(name))) return;
  tryToInstallRedis();
  // The stage `types` builds everything too, but then a failure is the stage's.
  if (!selected.includes('types')) await build();
}

function tryToInstallRedis() {
  try {
    installRedis();
  } catch (error) {
    // Told here once in full; the stages that need Redis fail, the others go on.
    console.error(error.message);
  }
}

function run(name) {
  console.log(`\n━━━ ${name}`);
  const start = performance.now();
  const count = stages[name]();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`━━━ ${name}: ${count.passed} passed, ${count.failed} failed in ${seconds} s`);
  return count;
}

/** A stage that counts as one test. */
function check(tool, ...args) {
  return asOne(runTool(tool, args));
}

function asOne(succeeded) {
  return succeeded ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** All tests of a project, or those of the files named. */
function vitest(project, files = []) {
  const folder = mkdtempSync(join(tmpdir(), 'hooklane-tests-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const succeeded = runTool('vitest/vitest.mjs', ['run', '--project', project, ...reporters, ...files]);
    return count(readReport(report), succeeded);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runTool(tool, args) {
  return runScript(join('node_modules', tool), args);
}

function runScript(script, args) {
  return spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' }).status === 0;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
}

/** A file that could not be loaded, and a run that failed for any other reason, count as a failed test. */
function count({ numPassedTests, numFailedTests, testResults }, succeeded) {
  const broken = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.length);
  const failed = numFailedTests + broken.length;
  return { passed: numPassedTests, failed: succeeded ? failed : Math.max(failed, 1) };
}

try {
  const { passed, failed } = await main(process.argv.slice(2));
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(`\n${passed} passed, ${failed} failed`);
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  console.log('\n0 passed, 1 failed');
  process.exitCode = 1;
}
