// Takes guards out of the sources, one at a time, and sees the test fall that is about it: a proof that was never seen to
// fail is no proof. `npx tsx test/faults/mutations/run.ts [NAME or TEST …]`, in a clone where nothing else is going on: it
// edits files, and puts them back. Exits 0 when every test fell.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit, Mutation } from './mutation.ts';
import { ofProcesses } from './of-processes.ts';
import { ofStores } from './of-stores.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const PATIENT = ['--testTimeout', '300000', '--hookTimeout', '300000'];

const asked = process.argv.slice(2);
const chosen = [...ofProcesses, ...ofStores].filter(
  ({ name, test }) => asked.length === 0 || asked.includes(name) || asked.includes(test),
);
const survived = chosen.filter((mutation) => !falls(mutation));
tell(`${chosen.length - survived.length} of ${chosen.length} fell`);
process.exitCode = survived.length === 0 && chosen.length > 0 ? 0 : 1;

/** Of all tests that run, each must fall. */
function falls({ name, test, only = '', built = false, edits }: Mutation): boolean {
  const undo = edit(edits);
  try {
    if (built) build();
    const { numPassedTests, numFailedTests } = play(test, only);
    const isFallen = numFailedTests > 0 && numPassedTests === 0;
    tell(`${isFallen ? '✗' : 'STILL GREEN'} ${name}: ${test}${only && ` "${only}"`}, ${numFailedTests} fell`);
    return isFallen;
  } finally {
    undo();
    if (built) build();
  }
}

function edit(edits: readonly Edit[]): () => void {
  const before = new Map<string, string>();
  for (const { file, from, to, all = false } of edits) {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not have ${from}`);
    if (!before.has(path)) before.set(path, text);
    writeFileSync(path, all ? text.replaceAll(from, () => to) : text.replace(from, () => to));
  }
  return () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
}

/** What no longer compiles is built all the same: types are not what is tried here. */
function build(): void {
  spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], { cwd: root });
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
}

function play(test: string, only: string): Report {
  const file = `test/faults/${test}.test.ts`;
  const args = ['run', '--project', 'faults', file, '--reporter=json', '-t', only, ...PATIENT];
  const { stdout } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const report = stdout.split('\n').findLast((line) => line.startsWith('{"numTotalTestSuites"'));
  if (report === undefined) throw new Error(`${file} did not run:\n${stdout}`);
  return JSON.parse(report) as Report;
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
